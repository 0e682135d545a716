/** Who may do what: every role, however the person came by it, and every message, at a real relay. */
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import { newDocumentId } from '../../main/engine/identity.ts'
import type { Role } from '../../core/contract/engine.ts'
import type { ChangeHash, DocumentId, FolderId } from '../../core/ids.ts'
import { carriersIn } from '../../test/carriers.ts'
import { tryEveryMessage } from '../../test/every-message.ts'
import type { RawClient } from '../../test/raw-client.ts'
import { RelayPerson } from '../../test/relay-person.ts'
import {
  ada,
  clock,
  dataDir,
  first,
  image,
  margin,
  member,
  openSharedText,
  passTime,
  relay,
  restartRelay,
  text,
} from '../../test/shared-text.ts'
import type { GrantedRole } from './rights.ts'

const secret = 'kJ3_-aaaaaaaaaaaaaaaaaaa'

openSharedText()

const headsOf = (doc: A.Doc<unknown>) => A.getHeads(doc) as ChangeHash[]

const folderId = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa' as FolderId
/** Ada's folder, with the text in it, shared with a person who has accepted. */
async function shareFolder(person: RelayPerson, role: GrantedRole) {
  await ada.ask('folder.declare', { folderId, name: 'Poems', documents: [text] })
  await ada.ask('folder.grant', { folderId, key: person.key, role })
  await person.ask('folder.answer', { folderId, accept: true })
}

/** How a person comes by a role. The last ones come by none. */
const paths: Record<string, (person: RelayPerson, role: GrantedRole) => Promise<void>> = {
  'by name': async (person, role) => {
    await ada.ask('document.grant', { documentId: text, key: person.key, role })
    await person.ask('invitation.answer', { documentId: text, accept: true })
  },
  'by a link': async (person, role) => {
    await ada.ask('link.create', { documentId: text, secret, salt: '', role })
    await person.ask('link.use', { documentId: text, secret })
  },
  'by a link with a password': async (person, role) => {
    await ada.ask('link.create', { documentId: text, secret, salt: '', role, password: 'Archimedes' })
    await person.ask('link.use', { documentId: text, secret, password: 'Archimedes' })
  },
  'by a folder': shareFolder,
  // The document's own grant wins, and needs no answer: nobody keeps more than they are given by not accepting less.
  'by name, in a folder that gives the most': async (person, role) => {
    await shareFolder(person, 'editor')
    await ada.ask('document.grant', { documentId: text, key: person.key, role })
  },
  'by name, in a folder that gives the least': async (person, role) => {
    await paths['by name']?.(person, role)
    await shareFolder(person, 'viewer')
  },
  'by a link, in a folder that gives the least': async (person, role) => {
    await shareFolder(person, 'viewer')
    await paths['by a link']?.(person, role)
  },
  'by a folder, where a role by name was taken away': async (person, role) => {
    await shareFolder(person, role)
    await ada.ask('document.grant', { documentId: text, key: person.key, role: role === 'viewer' ? 'editor' : 'viewer' })
    await ada.ask('document.revoke', { documentId: text, key: person.key })
  },
}
const lost: typeof paths = {
  'never given': async () => {},
  'not accepted yet': async (person, role) => void (await ada.ask('document.grant', { documentId: text, key: person.key, role })),
  declined: async (person, role) => {
    await ada.ask('document.grant', { documentId: text, key: person.key, role })
    await person.ask('invitation.answer', { documentId: text, accept: false })
  },
  revoked: async (person, role) => {
    await paths['by name']?.(person, role)
    await ada.ask('document.revoke', { documentId: text, key: person.key })
  },
  'given up': async (person, role) => {
    await paths['by name']?.(person, role)
    await person.ask('document.revoke', { documentId: text, key: person.key })
  },
  'of a link that was taken back': async (person, role) => {
    await paths['by a link']?.(person, role)
    const { links } = await ada.ask('document.access', { documentId: text })
    await ada.ask('link.revoke', { documentId: text, id: links[0]?.id ?? 0 })
  },
  'of a link that has ended': async (person, role) => {
    await ada.ask('link.create', { documentId: text, secret, salt: '', role, expiresAt: clock + 1_000 })
    await person.ask('link.use', { documentId: text, secret })
    passTime(1_000)
    relay.people?.links.expire()
  },
  'of a folder, not accepted yet': async (person, role) => {
    await ada.ask('folder.declare', { folderId, name: 'Poems', documents: [text] })
    await ada.ask('folder.grant', { folderId, key: person.key, role })
  },
  'of a folder, declined': async (person, role) => {
    await lost['of a folder, not accepted yet']?.(person, role)
    await person.ask('folder.answer', { folderId, accept: false })
  },
  'of a folder, revoked': async (person, role) => {
    await shareFolder(person, role)
    await ada.ask('folder.revoke', { folderId, key: person.key })
  },
  'of a folder, given up': async (person, role) => {
    await shareFolder(person, role)
    await person.ask('folder.revoke', { folderId, key: person.key })
  },
  'of a folder that is not shared any more': async (person, role) => {
    await shareFolder(person, role)
    await ada.ask('folder.unshare', { folderId })
  },
  'of a folder that the document has left': async (person, role) => {
    await shareFolder(person, role)
    await ada.ask('folder.declare', { folderId, name: 'Poems', documents: [] })
  },
  'of a folder of somebody else, who put the document into it': async (person, role) => {
    const eve = await member('Eve')
    await ada.ask('document.grant', { documentId: text, key: eve.key, role: 'editor' })
    await eve.ask('invitation.answer', { documentId: text, accept: true })
    await eve.ask('folder.declare', { folderId, name: 'Loot', documents: [text, margin, image] })
    await eve.ask('folder.grant', { folderId, key: person.key, role })
    await person.ask('folder.answer', { folderId, accept: true })
  },
  'of a folder whose owner handed the document over': async (person, role) => {
    await shareFolder(person, role)
    const eve = await member('Eve')
    await ada.ask('document.grant', { documentId: text, key: eve.key, role: 'editor' })
    await eve.ask('invitation.answer', { documentId: text, accept: true })
    await ada.ask('document.transfer', { documentId: text, key: eve.key })
  },
}

/** What came of each message about one of Ada's documents. */
const everyMessage = (person: RelayPerson, documentId: DocumentId) => tryEveryMessage({ owner: ada, first, person, documentId })

const rights: Record<GrantedRole, [text: boolean, margin: boolean, image: boolean]> = {
  viewer: [false, false, false],
  commenter: [false, true, false],
  editor: [true, true, true],
}
const cases = Object.keys(paths).flatMap((path) => (Object.keys(rights) as GrantedRole[]).map((role) => [role, path] as const))

describe('a role that was given', () => {
  it.each(cases)('%s %s may write what it may, and read everything [R20] [R22]', async (role, path) => {
    const ben = await member()
    await paths[path]?.(ben, role)
    const [inText, inMargin, inImage] = rights[role]
    expect(await everyMessage(ben, text)).toEqual({ reads: true, writes: inText })
    expect(await everyMessage(ben, margin)).toEqual({ reads: true, writes: inMargin })
    expect(await everyMessage(ben, image)).toEqual({ reads: true, writes: inImage })
  })
})

describe('a role that was not given, or is no longer', () => {
  it.each(Object.keys(lost))('%s, shows nothing, as if there were no such document [R21]', async (path) => {
    const ben = await member()
    await lost[path]?.(ben, 'editor')
    for (const document of [text, margin, image]) expect(await everyMessage(ben, document)).toEqual({ reads: false, writes: false })
    for (const documentId of [text, newDocumentId()]) {
      await expect(ben.ask('document.access', { documentId })).rejects.toMatchObject({ problem: 'not-found', status: 404 })
      await expect(ben.ask('document.grant', { documentId, key: ben.key, role: 'editor' })).rejects.toMatchObject({ problem: 'not-found' })
      await expect(ben.ask('document.transfer', { documentId, key: ben.key })).rejects.toMatchObject({ problem: 'not-found' })
      await expect(ben.ask('link.create', { documentId, secret, salt: 'x', role: 'editor' })).rejects.toMatchObject({
        problem: 'not-found',
      })
      await expect(ben.ask('link.revoke', { documentId, id: 1 })).rejects.toMatchObject({ problem: 'not-found' })
    }
  })
})

describe('putting a document here [R19]', () => {
  it('makes the first who does its owner, and nobody after that', async () => {
    const ben = await member()
    const document = newDocumentId()
    const doc = ben.begin()
    await ben.put(document, A.getAllChanges(doc))
    expect(await ben.ask('document.access', { documentId: document })).toMatchObject({
      role: 'owner',
      people: [{ key: ben.key, role: 'owner' }],
    })
    expect(await everyMessage(ada, text)).toEqual({ reads: true, writes: true })
    await expect(ada.ask('document.access', { documentId: document })).rejects.toMatchObject({ problem: 'not-found' })
    const late = await ada.connect()
    late.sendSync(document, { heads: headsOf(doc), changes: A.getAllChanges(doc) })
    await late.next('doc-unavailable')
  })

  it('is not for a guest, who may write all the same where they were let in', async () => {
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'editor' })
    const guest = new RelayPerson(relay.address, 'Gus')
    await guest.signIn({ by: 'link', documentId: text, secret })
    expect(await everyMessage(guest, text)).toEqual({ reads: true, writes: true })
    const client = await guest.connect()
    const doc = guest.begin()
    client.sendSync(newDocumentId(), { heads: headsOf(doc), changes: A.getAllChanges(doc) })
    await client.next('doc-unavailable')
    await expect(guest.ask('person.list', {})).rejects.toMatchObject({ problem: 'not-allowed' })
  })

  it('took place for documents that were here before the relay knew people: they are their first author’s', async () => {
    const ben = await member()
    const document = newDocumentId()
    await restartRelay({ isOpen: true })
    await ben.put(document, A.getAllChanges(ben.begin()))
    await restartRelay()
    const client = await ben.connect()
    await client.follow(document)
    expect(await client.next('access')).toMatchObject({ role: 'owner' })
    const other = await ada.connect()
    other.sendSync(document, {}, 'request')
    await other.next('doc-unavailable')
  })
})

describe('whose changes these are [R23]', () => {
  async function asEditor() {
    const ben = await member()
    await paths['by name']?.(ben, 'editor')
    const client = await ben.connect()
    return { ben, client, channel: await client.follow(text) }
  }

  it('a change in somebody else’s name is refused, and the next one of the person’s own is taken', async () => {
    const { ben, client, channel } = await asEditor()
    client.send({ type: 'changes', channel, changes: [ada.write(first, 'forged')], number: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'not-allowed', number: 1 })
    client.send({ type: 'changes', channel, changes: [ben.write(first, 'own')], number: 2 })
    expect(await client.next('ack')).toEqual({ type: 'ack', number: 2 })
  })

  it('a change that goes on in the name of another’s actor is refused', async () => {
    const { client, channel } = await asEditor()
    const next = A.change(first, (draft) => void (draft['text'] = 'forged'))
    client.send({ type: 'changes', channel, changes: [A.getLastLocalChange(next) as Uint8Array], number: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'not-allowed' })
    client.sendSync(text, { heads: headsOf(next), changes: [A.save(next)] })
    expect(await client.next('error')).toMatchObject({ code: 'not-allowed' })
  })

  it('an owner may carry what others have made, and the relay remembers who did', async () => {
    const [ben, cleo] = [await member(), await member('Cleo')]
    const client = await ada.connect()
    const channel = await client.follow(text)
    client.send({ type: 'changes', channel, changes: [ada.write(first), ben.write(first), cleo.write(first)], number: 1 })
    await client.next('ack')
    expect(carriersIn(dataDir, text)).toEqual([null, null, ada.key, ada.key])
  })

  it('what waited for another’s change is still the one’s who brought it', async () => {
    const { ben, client, channel } = await asEditor()
    const owner = await ada.connect()
    const ownerChannel = await owner.follow(text)
    const missing = ada.write(first, 'first')
    const onTop = ben.write(A.applyChanges(A.clone(first), [missing])[0], 'second')
    const forged = ada.write(A.applyChanges(A.clone(first), [missing])[0], 'forged')
    client.send({ type: 'changes', channel, changes: [onTop, forged], number: 1 })
    await client.next('sync')
    owner.send({ type: 'changes', channel: ownerChannel, changes: [missing], number: 1 })
    await client.next('changes')
    const fresh = await ada.connect({ live: false })
    fresh.sendSync(text)
    const hashes = (await fresh.nextSync()).changes.map((change) => A.decodeChange(change).hash)
    expect(hashes).toHaveLength(3)
    expect(hashes).not.toContain(A.decodeChange(forged).hash)
    expect(carriersIn(dataDir, text)).toEqual([null, null, null])
  })
})

it('presence carries the person that the ticket names, whatever the sender writes [R24]', async () => {
  const ben = await member()
  await paths['by name']?.(ben, 'viewer')
  const [client, owner] = [await ben.connect(), await ada.connect()]
  await owner.follow(text)
  await client.follow(text)
  client.send({
    type: 'ephemeral',
    senderId: client.name,
    targetId: '?',
    documentId: text,
    data: Uint8Array.of(1),
    count: 1,
    sessionId: 's',
    person: ada.key,
  })
  expect(await owner.next('ephemeral')).toMatchObject({ person: ben.key })
})

describe('a right that changes [R25]', () => {
  const accessOf = async (client: RawClient): Promise<{ role: Role | null; reason?: string | undefined }> => client.next('access')

  it('is told to whoever follows the document, or has asked for it', async () => {
    const ben = await member()
    const client = await ben.connect()
    client.sendSync(text, {}, 'request')
    await client.next('doc-unavailable')
    await paths['by name']?.(ben, 'viewer')
    expect(await accessOf(client)).toMatchObject({ role: 'viewer', documentId: text })
    await client.follow(text)
    expect(await accessOf(client)).toMatchObject({ role: 'viewer' })
    await ada.ask('document.grant', { documentId: text, key: ben.key, role: 'editor' })
    expect(await accessOf(client)).toMatchObject({ role: 'editor' })
  })

  it('and is gone gives nothing more of the document from that moment on, and the reason', async () => {
    const ben = await member()
    await paths['by name']?.(ben, 'editor')
    const client = await ben.connect()
    for (const document of [text, margin]) await client.follow(document)
    for (let told = 0; told < 2; told++) await Promise.all([accessOf(client), client.next('sync')])
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    expect(await accessOf(client)).toMatchObject({ role: null, reason: 'The owner no longer shares this document with you.' })
    expect(await accessOf(client)).toMatchObject({ role: null, documentId: margin })
    await ada.put(text, [ada.write(first)])
    client.sendSync(text, {}, 'request')
    await client.next('doc-unavailable')
    expect(client.inbox).toEqual([])
  })

  it('ends for everybody who came by a link, within a second of its end', async () => {
    const ben = await member()
    await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'editor', expiresAt: clock + 1_000 })
    await ben.ask('link.use', { documentId: text, secret })
    const client = await ben.connect()
    await client.follow(text)
    await accessOf(client)
    passTime(1_000)
    expect(await accessOf(client)).toMatchObject({ role: null, reason: 'The link that you came by has come to its end.' })
  })

  it('goes over to another owner, who must have a role', async () => {
    const [ben, cleo] = [await member(), await member('Cleo')]
    await paths['by name']?.(ben, 'viewer')
    await expect(ada.ask('document.transfer', { documentId: text, key: cleo.key })).rejects.toMatchObject({ problem: 'not-found' })
    await expect(ben.ask('document.transfer', { documentId: text, key: ben.key })).rejects.toMatchObject({ problem: 'not-allowed' })
    await ada.ask('document.transfer', { documentId: text, key: ben.key })
    const { people } = await ben.ask('document.access', { documentId: text })
    expect(people.map(({ key, role }) => [key, role])).toEqual([
      [ben.key, 'owner'],
      [ada.key, 'editor'],
    ])
    await expect(ada.ask('document.revoke', { documentId: text, key: ben.key })).rejects.toMatchObject({ problem: 'not-allowed' })
  })
})
