/** Folders that their owners share, at a real relay. What each role may do by one is in `roles.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDocumentId } from '../../main/engine/identity.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { maxFolderDocuments, maxInnerFolders } from '../../core/protocol/relay-api.ts'
import { parseInvite } from '../../core/protocol/share-link.ts'
import { RawFeed } from '../../test/raw-feed.ts'
import { inviteTo, type Refused, RelayPerson } from '../../test/relay-person.ts'
import { createRelay, type Relay } from '../server.ts'

const folderId = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa' as FolderId

let dataDir: string
let relay: Relay
let ada: RelayPerson
let ben: RelayPerson
let eve: RelayPerson
let rain: DocumentId
let snow: DocumentId

const start = (port = 0) => createRelay({ port, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }) })
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await start()
  ada = await RelayPerson.join(relay, 'Ada')
  ;[ben, eve] = [await member('Ben'), await member('Eve')]
  ;[rain, snow] = [await put(ada), await put(ada)]
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

async function member(name: string) {
  return RelayPerson.join(relay, name, inviteTo(relay))
}

async function put(person: RelayPerson): Promise<DocumentId> {
  const id = newDocumentId()
  await person.put(id, A.getAllChanges(person.begin()))
  return id
}

const newFolderId = (at: number) => folderId.replace(/a{12}$/, String(at).padStart(12, '0')) as FolderId
const declare = (documents: DocumentId[], by = ada, name = 'Poems') => by.ask('folder.declare', { folderId, name, documents })
const listen = (person: RelayPerson) => RawFeed.open(relay.address, { authorization: `Bearer ${person.ticket}`, 'last-event-id': '0' })
async function share(documents: DocumentId[]) {
  await declare(documents)
  await ada.ask('folder.grant', { folderId, key: ben.key, role: 'editor' })
  await ben.ask('folder.answer', { folderId, accept: true })
}
const roleOf = (person: RelayPerson, documentId: DocumentId) =>
  person.ask('document.access', { documentId }).then(
    ({ role }) => role,
    (error: Refused) => {
      if (error.problem !== 'not-found') throw error
      return null
    },
  )

describe('a shared folder [R37]', () => {
  it('gives its role in what comes into it, and takes it back for what leaves it, at once', async () => {
    await share([rain])
    expect(await ben.ask('folder.list', {})).toMatchObject([{ folderId, name: 'Poems', role: 'editor', accepted: true, documents: [rain] }])
    const client = await ben.connect()
    client.sendSync(snow, {}, 'request')
    await client.next('doc-unavailable')
    await declare([rain, snow])
    expect(await client.next('access')).toMatchObject({ documentId: snow, role: 'editor' })
    await client.follow(rain)
    await client.next('access')
    await declare([snow])
    expect(await client.next('access')).toMatchObject({
      documentId: rain,
      role: null,
      reason: expect.stringMatching(/no longer in the folder/),
    })
    expect(await roleOf(ben, snow)).toBe('editor')
  })

  it('gives the strongest of several', async () => {
    await share([rain])
    const other = 'bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb' as FolderId
    await ada.ask('folder.declare', { folderId: other, name: 'All', documents: [rain, snow] })
    await ada.ask('folder.grant', { folderId: other, key: ben.key, role: 'viewer' })
    await ben.ask('folder.answer', { folderId: other, accept: true })
    expect([await roleOf(ben, rain), await roleOf(ben, snow)]).toEqual(['editor', 'viewer'])
  })

  it('is shown among who may do what, and becomes a role of the document’s own when that is changed', async () => {
    await share([rain])
    const [owner, by] = (await ada.ask('document.access', { documentId: rain })).people
    expect(owner).toMatchObject({ key: ada.key, role: 'owner', folder: null })
    expect(by).toMatchObject({ key: ben.key, role: 'editor', accepted: true, folder: 'Poems' })
    await ada.ask('document.grant', { documentId: rain, key: ben.key, role: 'viewer' })
    expect((await ada.ask('document.access', { documentId: rain })).people).toMatchObject([
      {},
      { role: 'viewer', accepted: true, folder: null },
    ])
  })

  it('holds after the relay was restarted', async () => {
    await share([rain])
    await relay.close()
    relay = await start(Number(new URL(relay.address).port))
    expect(await roleOf(ben, rain)).toBe('editor')
    expect(await roleOf(eve, rain)).toBeNull()
  })

  it('ends with the person who was let in', async () => {
    await share([rain])
    await ada.ask('person.remove', { key: ben.key })
    await ben.signIn({ by: 'invite', secret: parseInvite(inviteTo(relay)).secret })
    expect(await roleOf(ben, rain)).toBeNull()
    expect(await ben.ask('folder.list', {})).toEqual([])
  })

  it('is told in the feed: offered, filled, changed and ended', async () => {
    await declare([rain])
    const feed = await listen(ben)
    await feed.replayed()
    const folder = { id: folderId, name: 'Poems' }
    await ada.ask('folder.grant', { folderId, key: ben.key, role: 'viewer' })
    expect(await feed.next()).toMatchObject({ kind: 'invited', folder, role: 'viewer', from: { key: ada.key } })
    await declare([])
    await ben.ask('folder.answer', { folderId, accept: true })
    await declare([rain, snow])
    expect(await feed.next()).toMatchObject({ kind: 'shared', folder, count: 2 })
    await ada.ask('folder.grant', { folderId, key: ben.key, role: 'editor' })
    expect(await feed.next()).toMatchObject({ kind: 'role', folder, role: 'editor' })
    await ada.ask('folder.unshare', { folderId })
    expect(await feed.next()).toMatchObject({ kind: 'removed', folder })
    expect((await (await listen(ben)).replayed()).map(({ event }) => event.kind)).toEqual(['removed'])
    expect(await (await listen(eve)).replayed()).toEqual([])
  })
})

describe('the folders in a shared folder [R42]', () => {
  const at = (digit: string) => folderId.replaceAll('a', digit) as FolderId
  const inner = (digit: string, parent = folderId, documents: DocumentId[] = []) => ({ id: at(digit), name: digit, parent, documents })
  const declareInner = (documents: DocumentId[], ...folders: ReturnType<typeof inner>[]) =>
    ada.ask('folder.declare', { folderId, name: 'Poems', documents, inner: folders })
  const listed = async () => (await ben.ask('folder.list', {}))[0]

  it('are told to who has a role in it, with what is the owner’s and in it still', async () => {
    await share([rain])
    const bens = await put(ben)
    await declareInner([], inner('b', folderId, [rain, bens]), inner('c', at('b'), [snow]))
    expect(await listed()).toMatchObject({
      documents: [rain, snow].sort(),
      inner: [inner('b', folderId, [rain]), inner('c', at('b'), [snow])],
    })
    expect([await roleOf(ben, rain), await roleOf(ben, snow)]).toEqual(['editor', 'editor'])
    await ada.ask('document.grant', { documentId: snow, key: eve.key, role: 'editor' })
    await eve.ask('invitation.answer', { documentId: snow, accept: true })
    await ada.ask('document.transfer', { documentId: snow, key: eve.key })
    expect((await listed())?.inner.map(({ documents }) => documents)).toEqual([[rain], []])
    await relay.close()
    relay = await start(Number(new URL(relay.address).port))
    expect((await listed())?.inner).toHaveLength(2)
  })

  it('are told in the feed when they change, and to nobody who has not accepted', async () => {
    await declareInner([], inner('b', folderId, [rain]))
    await ada.ask('folder.grant', { folderId, key: ben.key, role: 'viewer' })
    expect(await listed()).toMatchObject({ accepted: false, documents: [], inner: [] })
    await ben.ask('folder.answer', { folderId, accept: true })
    const feed = await listen(ben)
    await feed.replayed()
    await declareInner([rain], inner('b'))
    expect(await feed.next()).toMatchObject({ kind: 'shared', count: 0 })
    await declareInner([rain], inner('b'))
    await declareInner([rain, snow], inner('b'))
    expect(await feed.next()).toMatchObject({ kind: 'shared', count: 1 })
  })

  it('are nothing by themselves', async () => {
    await share([rain])
    await declareInner([], inner('b', folderId, [rain]))
    for (const person of [ada, ben])
      await expect(person.ask('folder.access', { folderId: at('b') })).rejects.toMatchObject({ problem: 'not-found' })
  })

  it.each([
    ['in what is not there', () => [inner('b', at('c'))]],
    ['in themselves', () => [inner('b', at('b'))]],
    ['in each other', () => [inner('b', at('c')), inner('c', at('b'))]],
    ['told twice', () => [inner('b'), inner('b')]],
    ['the shared folder itself', () => [inner('a')]],
    ['too many', () => Array.from({ length: maxInnerFolders + 1 }, (_, more) => ({ ...inner('b'), id: newFolderId(more) }))],
  ] as const)('are refused where they are %s', async (_, folders) => {
    await share([rain])
    await expect(declareInner([rain], ...folders())).rejects.toMatchObject({ problem: 'invalid' })
    expect((await listed())?.inner).toEqual([])
  })

  it('hold no more than a folder does', async () => {
    const many = (count: number) => Array.from({ length: count }, newDocumentId)
    const half = maxFolderDocuments / 2
    await expect(declareInner(many(half), inner('b', folderId, many(half + 1)))).rejects.toMatchObject({ problem: 'too-many' })
    expect(await declareInner(many(half), inner('b', folderId, many(half)))).toEqual({})
  })
})

describe('who may share what in a folder [R38]', () => {
  it('is its owner alone, and to others it is as if there were no folder', async () => {
    await share([rain])
    for (const person of [ben, eve]) {
      const problem = person === ben ? 'not-allowed' : 'not-found'
      await expect(person.ask('folder.grant', { folderId, key: eve.key, role: 'editor' })).rejects.toMatchObject({ problem })
      await expect(person.ask('folder.unshare', { folderId })).rejects.toMatchObject({ problem })
      await expect(declare([], person)).rejects.toMatchObject({ problem: 'not-found' })
    }
    await expect(eve.ask('folder.access', { folderId })).rejects.toMatchObject({ problem: 'not-found' })
    await expect(eve.ask('folder.answer', { folderId, accept: true })).rejects.toMatchObject({ problem: 'not-found' })
    await expect(eve.ask('folder.revoke', { folderId, key: ben.key })).rejects.toMatchObject({ problem: 'not-found' })
    expect(await eve.ask('folder.list', {})).toEqual([])
    expect(await roleOf(ben, rain)).toBe('editor')
  })

  it('is only what is their own, also when they know or edit what is another’s', async () => {
    const evesId = 'cccccccc-0000-4000-8000-cccccccccccc' as FolderId
    const own = await put(eve)
    await eve.ask('folder.declare', { folderId: evesId, name: 'Loot', documents: [rain, own, newDocumentId()] })
    await eve.ask('folder.grant', { folderId: evesId, key: ben.key, role: 'editor' })
    await ben.ask('folder.answer', { folderId: evesId, accept: true })
    expect(await ben.ask('folder.list', {})).toMatchObject([{ documents: [own] }])
    expect([await roleOf(ben, rain), await roleOf(ben, own)]).toEqual([null, 'editor'])
  })

  it('is not for guests, and is bounded', async () => {
    const secret = 'kJ3_-aaaaaaaaaaaaaaaaaaa'
    await ada.ask('link.create', { documentId: rain, secret, salt: '', role: 'editor' })
    const guest = new RelayPerson(relay.address, 'Gus')
    await guest.signIn({ by: 'link', documentId: rain, secret })
    await expect(declare([rain], guest)).rejects.toMatchObject({ problem: 'not-allowed' })
    await expect(declare(Array.from({ length: maxFolderDocuments + 1 }, newDocumentId))).rejects.toMatchObject({ problem: 'invalid' })
    await declare([rain, ...Array.from({ length: maxFolderDocuments - 1 }, newDocumentId)])
    expect(await ada.ask('folder.list', {})).toMatchObject([{ role: 'owner', documents: [rain] }])
  })

  it('shows its documents only to who has accepted', async () => {
    await declare([rain])
    await ada.ask('folder.grant', { folderId, key: ben.key, role: 'editor' })
    expect(await ben.ask('folder.list', {})).toMatchObject([{ accepted: false, documents: [] }])
    await expect(ben.ask('folder.access', { folderId })).rejects.toMatchObject({ problem: 'not-found' })
  })
})
