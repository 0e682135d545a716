/** Who may do what, between real apps: given, changed, taken away, and what becomes of what was written meanwhile. */
import { describe, expect, it } from 'vitest'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { newDocumentId } from '../identity.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { OpenText, until } from '../testing/test-engine.ts'

const keyOf = async (client: EngineConnection) => (await client.call('engine.info', {})).me.key
const statusOf = (client: EngineConnection, id: DocumentId) => client.call('sync.status', { id })
const roleOf = async (client: EngineConnection, id: DocumentId) => (await client.call('document.open', { id })).role

/** A text of Ada's on a relay of which Ben is a member too. */
async function sharedByAda() {
  const relay = await startRelay()
  const [{ client: ada }, { client: ben }] = [await startWriter(relay), await startWriter(relay)]
  const { id } = await ada.call('document.create', { folder: null, title: 'Rain' })
  const text = await OpenText.open(ada, id)
  await text.type('It began in the night. ')
  await ada.call('share.create', { id })
  return { relay, ada, ben, id, text, benKey: await keyOf(ben), adaKey: await keyOf(ada) }
}

describe('an invitation', () => {
  it('is shown to whom it is for, brings the document when it is accepted, and the role with it', async () => {
    const { ada, ben, id, benKey, adaKey } = await sharedByAda()
    expect((await ada.call('share.access', { id })).others.map(({ key }) => key)).toEqual([benKey])
    await ada.call('share.grant', { id, person: benKey, role: 'viewer' })
    expect(await ben.call('invitation.list', {})).toMatchObject([{ document: id, role: 'viewer', from: { key: adaKey } }])
    expect((await ada.call('share.access', { id })).people).toMatchObject([{ role: 'owner' }, { key: benKey, accepted: false }])
    await ben.call('invitation.answer', { document: id, accept: true })
    expect(await roleOf(ben, id)).toBe('viewer')
    expect((await OpenText.open(ben, id)).text).toBe('It began in the night. ')
    expect(await ben.call('invitation.list', {})).toEqual([])
  })

  it('that is declined leaves nothing', async () => {
    const { ada, ben, id, benKey } = await sharedByAda()
    await ada.call('share.grant', { id, person: benKey, role: 'editor' })
    await ben.call('invitation.answer', { document: id, accept: false })
    expect((await ben.call('library.read', {})).documents).toEqual([])
    expect((await ada.call('share.access', { id })).people).toHaveLength(1)
  })
})

it('a text that names another one of the owner’s, as any editor can make it, does not bring that to the relay', async () => {
  const { relay, ada, id, text } = await sharedByAda()
  const { id: diary } = await ada.call('document.create', { folder: null, title: 'Diary' })
  const picture = newDocumentId()
  for (const named of [diary, picture]) await text.insertImage(`automerge:${named}`)
  const declared = () => JSON.stringify(relay.audit().filter(({ action }) => action === 'document.parts'))
  await until(() => declared().includes(picture))
  expect(declared()).not.toContain(diary)
  expect(await statusOf(ada, diary)).toMatchObject({ state: 'local' })
  await expect(ada.call('share.access', { id })).resolves.toMatchObject({ role: 'owner' })
})

describe('a role', () => {
  it('that is taken away is told with the reason, and given back goes on where it was', async () => {
    const { ada, ben, id, text, benKey } = await sharedByAda()
    await ada.call('share.grant', { id, person: benKey, role: 'editor' })
    await ben.call('invitation.answer', { document: id, accept: true })
    const theirs = await OpenText.open(ben, id)
    await ada.call('share.revoke', { id, person: benKey })
    await until(async () => (await statusOf(ben, id)).state === 'refused')
    expect(await statusOf(ben, id)).toMatchObject({ reason: 'The owner no longer shares this document with you.' })
    await text.type('Without Ben. ')
    await theirs.type('Without Ada. ')
    await ada.call('share.grant', { id, person: benKey, role: 'editor' })
    await ben.call('invitation.answer', { document: id, accept: true })
    await until(() => theirs.text.includes('Without Ben.') && text.text.includes('Without Ada.'))
    expect(theirs.text).toBe(text.text)
  })

  it('that changes is told to the windows', async () => {
    const { ada, ben, id, benKey } = await sharedByAda()
    await ada.call('share.grant', { id, person: benKey, role: 'viewer' })
    await ben.call('invitation.answer', { document: id, accept: true })
    expect(await roleOf(ben, id)).toBe('viewer')
    const told: string[] = []
    ben.on('role.changed', ({ role }) => told.push(role))
    await ada.call('share.grant', { id, person: benKey, role: 'editor' })
    await until(() => told.includes('editor'))
    expect(await roleOf(ben, id)).toBe('editor')
  })

  it('of the owner goes over to another, who then may share it', async () => {
    const { ada, ben, id, benKey } = await sharedByAda()
    await ada.call('share.grant', { id, person: benKey, role: 'editor' })
    await ben.call('invitation.answer', { document: id, accept: true })
    await expect(ben.call('share.link', { id, role: 'viewer' })).rejects.toMatchObject({
      code: 'not-allowed',
      detail: expect.stringMatching(/owner/),
    })
    await ada.call('share.transfer', { id, person: benKey })
    await until(async () => (await roleOf(ben, id)) === 'owner' && (await roleOf(ada, id)) === 'editor')
    await expect(ada.call('share.grant', { id, person: benKey, role: 'viewer' })).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await ben.call('share.link', { id, role: 'viewer' })).link).toMatch(/^palimpsest:\/\/open\//)
  })
})

describe('a link', () => {
  it('with a password opens with that only', async () => {
    const { ada, id } = await sharedByAda()
    const { link } = await ada.call('share.link', { id, role: 'commenter', password: 'Archimedes' })
    const { client: cleo } = await startWriter(null)
    await expect(cleo.call('share.open', { link })).rejects.toMatchObject({ code: 'password' })
    await expect(cleo.call('share.open', { link, password: 'Eureka' })).rejects.toMatchObject({ code: 'password' })
    expect(await cleo.call('share.open', { link, password: 'Archimedes' })).toEqual({ id })
    expect(await roleOf(cleo, id)).toBe('commenter')
  })

  it('that is taken back opens nothing, and closes the document for who came by it', async () => {
    const { ada, id } = await sharedByAda()
    const { client: cleo } = await startWriter(null)
    const { link } = await ada.call('share.link', { id, role: 'editor' })
    await cleo.call('share.open', { link })
    const { links } = await ada.call('share.access', { id })
    const made = links.find((each) => each.link === link)
    await ada.call('share.unlink', { id, link: made?.id ?? -1 })
    await until(async () => (await statusOf(cleo, id)).state === 'refused')
    const { client: dora } = await startWriter(null)
    await expect(dora.call('share.open', { link })).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringMatching(/taken back/),
    })
  })
})

describe('several links', () => {
  it('are listed with what each gives, and each is taken back alone', async () => {
    const { ada, id } = await sharedByAda()
    const expiresAt = Date.now() + 3_600_000
    const first = await ada.call('share.link', { id, role: 'viewer', password: 'Archimedes', expiresAt })
    const second = await ada.call('share.link', { id, role: 'editor' })
    const { links } = await ada.call('share.access', { id })
    expect(links).toMatchObject([
      { ...first, role: 'viewer', hasPassword: true, expiresAt },
      { ...second, role: 'editor', hasPassword: false, expiresAt: null },
    ])
    await ada.call('share.unlink', { id, link: links[0]?.id ?? -1 })
    expect((await ada.call('share.access', { id })).links).toMatchObject([second])
    const { client: cleo } = await startWriter(null)
    expect(await cleo.call('share.open', second)).toEqual({ id })
    expect(await roleOf(cleo, id)).toBe('editor')
  })

  it('are not shown to who may not make any', async () => {
    const { ada, id } = await sharedByAda()
    const { client: cleo } = await startWriter(null)
    await cleo.call('share.open', await ada.call('share.link', { id, role: 'editor' }))
    expect(await cleo.call('share.access', { id })).toMatchObject({ role: 'editor', links: [] })
  })
})

describe('a link to a text that is here already', () => {
  it('lets its reader in again after the relay began anew with nothing', async () => {
    const { relay, ada, id, text } = await sharedByAda()
    const { client: cleo } = await startWriter(null)
    const { link } = await ada.call('share.link', { id, role: 'editor' })
    await cleo.call('share.open', { link })
    const theirs = await OpenText.open(cleo, id)
    await relay.stop()
    await relay.startEmpty()
    await ada.call('relay.join', { invite: relay.invite() })
    await until(async () => (await statusOf(ada, id)).state === 'online')
    await until(async () => {
      const status = await statusOf(cleo, id)
      return status.state === 'offline' && status.problem === 'refused'
    })
    await expect(cleo.call('share.open', { link })).rejects.toMatchObject({ detail: expect.stringMatching(/link leads nowhere/) })
    await cleo.call('share.open', await ada.call('share.link', { id, role: 'editor' }))
    await theirs.type('Back again. ')
    await until(() => text.text.includes('Back again.'))
    expect(await roleOf(cleo, id)).toBe('editor')
  })

  it('gives more than another link gave', async () => {
    const { ada, id } = await sharedByAda()
    const { client: cleo } = await startWriter(null)
    await cleo.call('share.open', await ada.call('share.link', { id, role: 'viewer' }))
    expect(await roleOf(cleo, id)).toBe('viewer')
    await cleo.call('share.open', await ada.call('share.link', { id, role: 'editor' }))
    await until(async () => (await roleOf(cleo, id)) === 'editor')
  })

  it('opens it also with no relay there, and when the link was taken back but another gives the role', async () => {
    const { relay, ada, id } = await sharedByAda()
    const { client: cleo } = await startWriter(null)
    const kept = await ada.call('share.link', { id, role: 'editor' })
    await cleo.call('share.open', kept)
    const other = await ada.call('share.link', { id, role: 'viewer' })
    const { links } = await ada.call('share.access', { id })
    await ada.call('share.unlink', { id, link: links.find(({ link }) => link === other.link)?.id ?? -1 })
    expect(await cleo.call('share.open', other)).toEqual({ id })
    await relay.stop()
    await until(async () => (await statusOf(cleo, id)).state === 'offline')
    expect(await cleo.call('share.open', kept)).toEqual({ id })
  })
})

describe('a relay', () => {
  it('is left without losing a document', async () => {
    const { ada, id } = await sharedByAda()
    await ada.call('relay.leave', {})
    expect(await statusOf(ada, id)).toEqual({ state: 'local', saved: true })
    expect((await ada.call('relay.status', {})).state).toBe('none')
    expect((await OpenText.open(ada, id)).text).toBe('It began in the night. ')
  })

  it.each([
    ['an invite that was used', (invite: string) => invite, 'refused', /used already/],
    ['half an invite', (invite: string) => invite.slice(0, 40), 'invalid', /end of the invite is missing/],
    ['an invite of somebody’s own', (invite: string) => invite.replace(/join\/..../, 'join/AAAA'), 'refused', /does not know this invite/],
  ] as const)('says what is wrong with %s', async (_, change, code, words) => {
    const relay = await startRelay()
    const invite = relay.invite()
    const [{ client: ada }, { client: eve }] = [await startWriter(null), await startWriter(null)]
    await ada.call('relay.join', { invite })
    await expect(eve.call('relay.join', { invite: change(invite) })).rejects.toMatchObject({ code, detail: expect.stringMatching(words) })
    expect((await eve.call('relay.status', {})).state).toBe('none')
  })
})

it('the status page of a relay is for who runs it', async () => {
  const relay = await startRelay()
  const [{ client: ada }, { client: ben }] = [await startWriter(null), await startWriter(relay)]
  await ada.call('relay.join', { invite: relay.invite({ standing: 'owner' }) })
  const { link } = await ada.call('relay.status-page', {})
  expect(link.startsWith(`${relay.address.replace('ws:', 'http:')}/status#`)).toBe(true)
  const { href, hash } = new URL(link)
  const entered = await fetch(href.replace(/#.*/, '/session'), { method: 'POST', body: hash.slice(1) })
  expect(entered.status).toBe(204)
  await expect(ben.call('relay.status-page', {})).rejects.toMatchObject({ code: 'not-allowed' })
  expect([await ada.call('relay.status', {}), await ben.call('relay.status', {})]).toMatchObject([{ isOwner: true }, { isOwner: false }])
})

describe('a relay that has no more room', () => {
  it('says so in the app, keeps what it has, and takes the rest when there is room again', async () => {
    const relay = await startRelay({ quotas: { bytes: 3_000 } })
    const { client: ada } = await startWriter(relay)
    const { id } = await ada.call('document.create', { folder: null, title: 'Rain' })
    const text = await OpenText.open(ada, id)
    await text.type('It began in the night. ')
    await ada.call('share.create', { id })
    for (let i = 0; i < 40 && (await statusOf(ada, id)).state !== 'refused'; i++) {
      await text.type(`${i} drops of rain. `)
      await until(async () => (await statusOf(ada, id)).state !== 'syncing')
    }
    expect(await statusOf(ada, id)).toMatchObject({ state: 'refused', saved: true, reason: expect.stringMatching(/used up\.$/) })
    await text.type('The end. ')
    await relay.stop()
    await relay.start({ bytes: 1_000_000 })
    const isAllSent = async () => {
      const status = await statusOf(ada, id)
      return status.state === 'online' && status.unsent === 0
    }
    await until(isAllSent)
  })

  it('refuses to share one document more in words', async () => {
    const { client: ada } = await startWriter(await startRelay({ quotas: { documents: 1 } }))
    const { id } = await ada.call('document.create', { folder: null, title: 'Rain' })
    await expect(ada.call('share.create', { id })).rejects.toMatchObject({ detail: expect.stringContaining('1 documents of one person') })
  })
})
