/** What links give, and what goes with a text: for as long as it lasts, and no more than that. */
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import { newDocumentId } from '../../main/engine/identity.ts'
import type { DocumentId } from '../../core/ids.ts'
import { tryEveryMessage } from '../../test/every-message.ts'
import { RelayPerson } from '../../test/relay-person.ts'
import { ada, first, image, margin, member, openSharedText, passTime, relay, text } from '../../test/shared-text.ts'
import type { RelayPeople } from './relay-people.ts'
import type { GrantedRole } from './rights.ts'

const secret = 'kJ3_-aaaaaaaaaaaaaaaaaaa'

openSharedText()

const byName = async (person: RelayPerson, role: GrantedRole) => {
  await ada.ask('document.grant', { documentId: text, key: person.key, role })
  await person.ask('invitation.answer', { documentId: text, accept: true })
}
const byLink = async (person: RelayPerson, role: GrantedRole) => {
  await ada.ask('link.create', { documentId: text, secret, salt: '', role })
  await person.ask('link.use', { documentId: text, secret })
}

/** What came of each message about one of Ada's documents. */
const everyMessage = (person: RelayPerson, documentId: DocumentId) => tryEveryMessage({ owner: ada, first, person, documentId })

describe('a link [R26]', () => {
  it.each([
    ['one that was never made', 'AAAAAAAAAAAAAAAAAAAAAAAA', undefined, 'link-unknown'],
    ['no password', secret, undefined, 'password-needed'],
    ['a wrong password', secret, 'Eureka', 'password-wrong'],
  ])('opens nothing: %s', async (_, shown, password, problem) => {
    const ben = await member()
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'viewer', password: 'Archimedes' })
    const link = { documentId: text, secret: shown, ...(password !== undefined && { password }) }
    await expect(ben.ask('link.use', link)).rejects.toMatchObject({ problem })
    await expect(new RelayPerson(relay.address, 'Gus').signIn({ by: 'link', ...link })).rejects.toMatchObject({ problem })
  })

  it('is closed for a while after many wrong passwords, even to the right one', async () => {
    const ben = await member()
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'viewer', password: 'Archimedes' })
    const guess = (password: string) => ben.ask('link.use', { documentId: text, secret, password })
    for (let i = 0; i < 10; i++) await expect(guess(`guess ${i}`)).rejects.toMatchObject({ problem: 'password-wrong' })
    await expect(guess('Archimedes')).rejects.toMatchObject({ problem: 'too-many', status: 429 })
    passTime(15 * 60_000)
    expect(await guess('Archimedes')).toEqual({ role: 'viewer' })
  }, 60_000)

  it('takes no stronger role away', async () => {
    const ben = await member()
    await byName(ben, 'editor')
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'viewer' })
    expect(await ben.ask('link.use', { documentId: text, secret })).toEqual({ role: 'editor' })
  })

  const takeBack = async (at = 0) => {
    const { links } = await ada.ask('document.access', { documentId: text })
    await ada.ask('link.revoke', { documentId: text, id: links[at]?.id ?? 0 })
  }
  const roleOf = async (person: RelayPerson) => (await person.ask('document.access', { documentId: text })).role

  it('leaves a role that was given by name when it goes', async () => {
    const ben = await member()
    await byName(ben, 'viewer')
    await byLink(ben, 'editor')
    expect(await roleOf(ben)).toBe('editor')
    const client = await ben.connect()
    await client.follow(text)
    expect(await client.next('access')).toMatchObject({ role: 'editor' })
    await takeBack()
    expect(await client.next('access')).toMatchObject({ role: 'viewer' })
    expect(await everyMessage(ben, text)).toEqual({ reads: true, writes: false })
  })

  it('leaves an invitation that was not answered yet', async () => {
    const ben = await member()
    await ada.ask('document.grant', { documentId: text, key: ben.key, role: 'commenter' })
    await byLink(ben, 'viewer')
    expect(await roleOf(ben)).toBe('viewer')
    expect(await ben.ask('invitation.list', {})).toMatchObject([{ documentId: text, role: 'commenter' }])
    await takeBack()
    await ben.ask('invitation.answer', { documentId: text, accept: true })
    expect(await roleOf(ben)).toBe('commenter')
  })

  it('does not let somebody in again whose role was taken back, until there is a new link or a new role', async () => {
    const [ben, cleo] = [await member(), await member('Cleo')]
    await byLink(ben, 'editor')
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    await expect(ben.ask('link.use', { documentId: text, secret })).rejects.toMatchObject({ problem: 'link-unknown' })
    await expect(ben.signIn({ by: 'link', documentId: text, secret })).rejects.toMatchObject({ problem: 'link-unknown' })
    expect(await everyMessage(ben, text)).toEqual({ reads: false, writes: false })
    await cleo.ask('link.use', { documentId: text, secret })
    // Who leaves by themselves may come back.
    await cleo.ask('document.revoke', { documentId: text, key: cleo.key })
    expect(await cleo.ask('link.use', { documentId: text, secret })).toEqual({ role: 'editor' })
    passTime(1)
    await ada.ask('link.create', { documentId: text, secret: `${secret}-new`, salt: '1', role: 'viewer' })
    expect(await ben.ask('link.use', { documentId: text, secret: `${secret}-new` })).toEqual({ role: 'viewer' })
    await ada.ask('document.grant', { documentId: text, key: ben.key, role: 'commenter' })
    expect(await ben.ask('link.use', { documentId: text, secret })).toEqual({ role: 'editor' })
  })

  it('leaves what another link gives', async () => {
    const ben = await member()
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'viewer' })
    await ada.ask('link.create', { documentId: text, secret: `${secret}-other`, salt: '1', role: 'editor' })
    for (const each of [secret, `${secret}-other`]) await ben.ask('link.use', { documentId: text, secret: each })
    expect(await roleOf(ben)).toBe('editor')
    await takeBack(1)
    expect(await roleOf(ben)).toBe('viewer')
  })

  it('gives nothing to somebody whose password is still being looked at when it is taken back', async () => {
    const ben = await member()
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'editor', password: 'Archimedes' })
    const { links } = relay.people as RelayPeople
    const [link] = links.list(text)
    const opened = links.open({ documentId: text, secret, password: 'Archimedes' })
    links.revoke({ person: ada.key, address: null }, text, link?.id ?? 0)
    await expect(opened).rejects.toMatchObject({ problem: 'link-unknown' })
    expect(relay.people?.rights.roleOf(ben.key, text)).toBeNull()
  })
})

describe('the parts of a text [R27]', () => {
  it('are not for a stranger to say', async () => {
    const [ben, cleo] = [await member(), await member('Cleo')]
    await byName(cleo, 'viewer')
    const [own, hers] = [newDocumentId(), newDocumentId()]
    await ben.put(own, A.getAllChanges(ben.begin()), { margin: text, attachments: [image, hers] })
    // What Ben declared does not make Ada's documents his.
    for (const document of [text, image]) expect(await everyMessage(ben, document)).toEqual({ reads: false, writes: false })
    const viewer = await cleo.connect()
    viewer.send({ type: 'parts', documentId: text, margin: own, attachments: [own] })
    await viewer.follow(text)
    expect(relay.people?.rights.roleOf(ada.key, own)).toBeNull()
  })

  it('may grow by what an editor brings, who cannot replace the margin', async () => {
    const ben = await member()
    await byName(ben, 'editor')
    const [picture, other] = [newDocumentId(), newDocumentId()]
    await ben.put(picture, A.getAllChanges(ben.begin()))
    const client = await ben.connect()
    client.send({ type: 'parts', documentId: text, margin: other, attachments: [picture] })
    await client.follow(text)
    expect(relay.people?.rights.roleOf(ada.key, picture)).toBe('owner')
    expect(relay.people?.rights.isPut(other)).toBe(false)
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    expect(await everyMessage(ben, picture)).toEqual({ reads: false, writes: false })
  })

  const declare = async (person: RelayPerson, documentId: DocumentId, margin: DocumentId | null, attachments: DocumentId[]) => {
    const client = await person.connect()
    client.send({ type: 'parts', documentId, margin, attachments })
    await client.follow(documentId)
  }

  it.each(['margin', 'attachment'])('are no other text of somebody who only lets one write there: as %s', async (kind) => {
    const [ben, cleo] = [await member(), await member('Cleo')]
    await byName(ben, 'editor')
    await byName(cleo, 'viewer')
    const own = newDocumentId()
    await ben.put(own, A.getAllChanges(ben.begin()), { margin: null, attachments: [] })
    await declare(ben, own, kind === 'margin' ? text : null, kind === 'margin' ? [] : [text])
    expect(await everyMessage(ada, text)).toEqual({ reads: true, writes: true })
    expect(relay.people?.rights.roleOf(ada.key, text)).toBe('owner')
    expect(relay.people?.rights.roleOf(ben.key, text)).toBe('editor')
    expect(relay.people?.rights.roleOf(cleo.key, text)).toBe('viewer')
  })

  it('are no other text of the same owner either, whose app may have been shown its name in what an editor wrote', async () => {
    const ben = await member()
    await byName(ben, 'editor')
    const secretText = newDocumentId()
    await ada.put(secretText, A.getAllChanges(ada.begin()), { margin: newDocumentId(), attachments: [] })
    await declare(ada, text, secretText, [secretText])
    expect(relay.people?.rights.roleOf(ben.key, secretText)).toBeNull()
    expect(relay.people?.rights.roleOf(ada.key, secretText)).toBe('owner')
  })

  it('do not become another’s by being shown in another text: a commenter writes in nobody’s name', async () => {
    const ben = await member()
    await byName(ben, 'commenter')
    const own = newDocumentId()
    await ben.put(own, A.getAllChanges(ben.begin()), { margin: null, attachments: [] })
    await declare(ben, own, margin, [margin, image])
    const client = await ben.connect()
    const channel = await client.follow(margin)
    client.send({ type: 'changes', channel, changes: [ada.write(first, 'forged')], number: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'not-allowed', number: 1 })
  })

  it('can be read where they are shown too, and written in only where they are at home', async () => {
    const ben = await member()
    await byName(ben, 'editor')
    const own = newDocumentId()
    await ben.put(own, A.getAllChanges(ben.begin()), { margin: null, attachments: [] })
    await declare(ben, own, null, [image])
    expect(await everyMessage(ben, image)).toEqual({ reads: true, writes: true })
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    expect(await everyMessage(ben, image)).toEqual({ reads: true, writes: false })
    expect(await everyMessage(ada, image)).toEqual({ reads: true, writes: true })
  })

  it('go over to another owner with their text', async () => {
    const ben = await member()
    await byName(ben, 'editor')
    await ada.ask('document.transfer', { documentId: text, key: ben.key })
    for (const part of [text, margin, image]) expect(relay.people?.rights.ownerOf(part)).toBe(ben.key)
    await ben.ask('document.revoke', { documentId: text, key: ada.key })
    const other = newDocumentId()
    await declare(ben, text, other, [])
    // What is a margin no longer is not its former owner's again.
    expect(relay.people?.rights.roleOf(ada.key, margin)).toBeNull()
  })
})
