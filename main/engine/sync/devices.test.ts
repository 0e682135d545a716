/** Several devices of one person: real engines, a real relay, and what a relay that lies could do between them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Pairing } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { LibraryDocument } from '../library/library-document.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { OpenText, temporaryFolder, until } from '../testing/test-engine.ts'

type Writer = Awaited<ReturnType<typeof startWriter>>
type Relay = Awaited<ReturnType<typeof startRelay>>

/** A change of the library that is stored in a folder, by whoever can make one. */
function forgedChange(dataDir: string, library: DocumentId, change: (doc: LibraryDocument) => void): Uint8Array {
  const folder = join(dataDir, 'documents', library.slice(0, 2), library.slice(2))
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const chunks = files.map((file) => readFileSync(join(file.parentPath, file.name)))
  const { author } = A.decodeChange(A.getAllChanges(A.loadIncremental(A.init(), Buffer.concat(chunks)))[0] as Uint8Array) as {
    author?: string
  }
  const doc = A.clone(A.loadIncremental(A.init<LibraryDocument>(), Buffer.concat(chunks)), { author: author ?? '' })
  return A.getLastLocalChange(A.change(doc, change)) as Uint8Array
}

/** What this device says of its code, from now on. */
function pairingOf(client: EngineConnection): Pairing[] {
  const told: Pairing[] = []
  client.on('pairing.changed', (pairing) => told.push(pairing))
  return told
}

const asks = async (told: Pairing[]) => until(() => told.some(({ state }) => state === 'asked'))
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => error,
  )
const infoOf = (client: EngineConnection) => client.call('engine.info', {})
const titlesOf = async (client: EngineConnection) => (await client.call('library.read', {})).documents.map(({ title }) => title).sort()

/** Folders of devices that have become another person's since they were started. */
const didMove = new Set<string>()
/** Somebody who has just installed the app. */
const newcomer = (dataDir = temporaryFolder()): Promise<Writer> => startWriter(null, { dataDir, onMoved: () => void didMove.add(dataDir) })

/** The engine of a folder, started again. */
async function again({ engine, dataDir }: Writer): Promise<Writer> {
  await engine.close()
  return newcomer(dataDir)
}

/** Makes a second device the first one's, with the code that the first one shows. */
async function joined(first: Writer, second: Writer, between = () => {}): Promise<Writer> {
  const told = pairingOf(first.client)
  const { code, relay } = await first.client.call('device.invite', {})
  const joining = second.client.call('device.join', { relay, code })
  await asks(told)
  await Promise.all([joining, first.client.call('device.answer', { accept: true }), until(() => didMove.has(second.dataDir))])
  didMove.delete(second.dataDir)
  await second.engine.close()
  between()
  return again(second)
}

/** Ada's laptop with a text on a relay, and her tablet. */
async function twoDevices() {
  const relay = await startRelay()
  const laptop = await startWriter(relay)
  await laptop.client.call('person.update', { name: 'Ada', color: 3 })
  const { id } = await laptop.client.call('document.create', { folder: null, title: 'Rain' })
  const text = await OpenText.open(laptop.client, id)
  await text.type('It began in the night. ')
  await laptop.client.call('share.create', { id })
  return { relay, laptop, id, text, tablet: await joined(laptop, await newcomer()) }
}

describe('a second device', () => {
  it('is the same person, has the library, and both write in one text', async () => {
    const { laptop, tablet, id, text } = await twoDevices()
    expect((await infoOf(tablet.client)).me).toEqual((await infoOf(laptop.client)).me)
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    const same = await OpenText.open(tablet.client, id)
    await same.type('By morning it had stopped. ')
    await until(() => text.text.includes('By morning'))
    await text.type('Or so they said. ')
    await until(() => same.text === text.text)
    expect((await tablet.client.call('document.open', { id })).role).toBe('owner')
    const devices = await tablet.client.call('device.list', {})
    expect(devices.map(({ isThis }) => isThis)).toEqual([false, true])
  })

  it('keeps what it had, in the same folders', async () => {
    const relay = await startRelay()
    const laptop = await startWriter(relay)
    await laptop.client.call('document.create', { folder: null, title: 'Laptop only' })
    const tablet = await newcomer()
    const { id: folder } = await tablet.client.call('folder.create', { name: 'Poems', parent: null })
    const { id } = await tablet.client.call('document.create', { folder, title: 'Tablet only' })
    const same = await joined(laptop, tablet)
    // What is on no relay stays on its own device.
    expect(await titlesOf(same.client)).toEqual(['Tablet only'])
    expect((await same.client.call('library.read', {})).documents).toMatchObject([{ id, folder }])
    await until(async () => (await laptop.client.call('library.read', {})).folders.some(({ name }) => name === 'Poems'))
    expect(await titlesOf(laptop.client)).toEqual(['Laptop only'])
    // Shared there, it comes here, into its folder, and is listed with its title.
    await same.client.call('share.create', { id })
    await until(async () => (await titlesOf(laptop.client)).includes('Tablet only'))
    expect((await laptop.client.call('library.read', {})).documents.find((each) => each.id === id)?.folder).toBe(folder)
    expect(readdirSync(same.dataDir).filter((name) => name.startsWith('identity.former-'))).toHaveLength(1)
  })

  it('hands over what it had shared as who it was before, and goes on with those who have it', async () => {
    const relay = await startRelay()
    const [laptop, tablet, ben] = [await startWriter(relay), await newcomer(), await startWriter(relay)]
    await tablet.client.call('relay.join', { invite: relay.invite() })
    const { id } = await tablet.client.call('document.create', { folder: null, title: 'Letters' })
    await (await OpenText.open(tablet.client, id)).type('Dear Ben. ')
    await tablet.client.call('share.create', { id })
    const { link } = await tablet.client.call('share.link', { id, role: 'editor' })
    await ben.client.call('share.open', { link })
    const same = await joined(laptop, tablet)
    await until(async () => (await titlesOf(laptop.client)).includes('Letters'))
    await until(async () => (await same.client.call('document.open', { id })).role === 'owner')
    const [hers, his] = [await OpenText.open(same.client, id), await OpenText.open(ben.client, id)]
    await hers.type('It is still me. ')
    await until(() => his.text.includes('It is still me.'))
    await his.type('So I thought. ')
    await until(() => hers.text.includes('So I thought.'))
    const { people } = await laptop.client.call('share.access', { id })
    expect(people.find(({ role }) => role === 'owner')?.key).toBe((await infoOf(laptop.client)).me.key)
  })

  it('agrees on the library with the first one, whatever both do with no relay there', async () => {
    const { relay, laptop, tablet, id } = await twoDevices()
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    await relay.stop()
    const { id: drafts } = await laptop.client.call('folder.create', { name: 'Drafts', parent: null })
    await laptop.client.call('document.move', { ids: [id], folder: drafts })
    await tablet.client.call('document.tag', { id, tags: ['weather'] })
    await relay.start()
    const entryOf = async ({ client }: Writer) => (await client.call('library.read', {})).documents.find((each) => each.id === id)
    for (const each of [laptop, tablet])
      await until(async () => (await entryOf(each))?.folder === drafts && (await entryOf(each))?.tags[0] === 'weather')
  })

  it('is called as the first one is, whichever of them the name is changed on', async () => {
    const { relay, laptop, tablet } = await twoDevices()
    const nameOf = async ({ client }: Writer) => (await infoOf(client)).me.name
    await laptop.client.call('person.update', { name: 'Ada L.' })
    await until(async () => (await nameOf(tablet)) === 'Ada L.')
    await laptop.engine.close()
    await tablet.client.call('person.update', { name: 'Augusta' })
    // The relay calls them so too, also when the other device signs in again.
    const back = await again(laptop)
    await until(async () => (await nameOf(back)) === 'Augusta')
    const ben = await startWriter(relay)
    const { id } = await back.client.call('document.create', { folder: null, title: 'Names' })
    await back.client.call('share.create', { id })
    const { link } = await back.client.call('share.link', { id, role: 'viewer' })
    await ben.client.call('share.open', { link })
    await until(async () => (await ben.client.call('share.access', { id })).people[0]?.name === 'Augusta')
  })

  it('shows the links that the first one made, and makes the same', async () => {
    const { laptop, tablet, id } = await twoDevices()
    const { link } = await laptop.client.call('share.link', { id, role: 'viewer' })
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    expect((await tablet.client.call('share.access', { id })).links).toMatchObject([{ link, role: 'viewer' }])
  })

  it('comes to relays where only the first one has been, and alone to new ones', async () => {
    const { laptop, tablet } = await twoDevices()
    const elsewhere = await startRelay()
    await laptop.client.call('relay.join', { invite: elsewhere.invite() })
    const { id } = await laptop.client.call('document.create', { folder: null, title: 'Elsewhere' })
    await laptop.client.call('share.create', { id })
    await until(async () => (await titlesOf(tablet.client)).includes('Elsewhere'))
    const third = await startRelay()
    await tablet.client.call('relay.join', { invite: third.invite() })
    const { id: alone } = await tablet.client.call('document.create', { folder: null, title: 'Alone' })
    await tablet.client.call('share.create', { id: alone })
    await until(async () => (await titlesOf(laptop.client)).includes('Alone'))
  })

  it('adds a third one', async () => {
    const { tablet, laptop } = await twoDevices()
    const phone = await joined(tablet, await newcomer())
    await until(async () => (await titlesOf(phone.client)).includes('Rain'))
    expect(await laptop.client.call('device.list', {})).toHaveLength(3)
  })

  it('that signs out keeps its documents, and takes nothing from the others', async () => {
    const { laptop, tablet, id, text } = await twoDevices()
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    await tablet.client.call('relay.leave', {})
    const alone = await OpenText.open(tablet.client, id)
    await alone.type('Written after signing out. ')
    expect(await tablet.client.call('sync.status', { id })).toEqual({ state: 'local', saved: true })
    await text.type('Still shared. ')
    await until(async () => {
      const status = await laptop.client.call('sync.status', { id })
      return status.state === 'online' && status.unsent === 0
    })
    // It comes back as it was, and brings what was written meanwhile.
    const back = await again(tablet)
    expect(await back.client.call('sync.status', { id })).toMatchObject({ state: 'local' })
    await back.client.call('settings.update', { relay: (await laptop.client.call('relay.status', {})).address })
    await until(() => text.text.includes('Written after signing out.'))
  })
})

describe('a folder that is shared with others', () => {
  it('stays shared whole while a device knows only a part of it', async () => {
    const { relay, laptop, tablet, id } = await twoDevices()
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    const { id: folder } = await laptop.client.call('folder.create', { name: 'Poems', parent: null })
    await laptop.client.call('document.move', { ids: [id], folder })
    await laptop.client.call('folder.share', { id: folder })
    const ben = await startWriter(relay)
    await laptop.client.call('folder.grant', { id: folder, person: (await infoOf(ben.client)).me.key, role: 'editor' })
    await ben.client.call('folder.answer', { id: folder, accept: true })
    await until(async () => (await tablet.client.call('library.read', {})).folders.some(({ shared }) => shared !== null))
    await tablet.engine.close()
    const { id: snow } = await laptop.client.call('document.create', { folder, title: 'Snow' })
    await until(async () => (await titlesOf(ben.client)).includes('Snow'))
    // It comes back with a library from before, and a device that joins has the library and no text yet.
    const back = await again(tablet)
    const phone = await joined(laptop, await newcomer())
    for (const { client } of [back, phone]) await until(async () => (await titlesOf(client)).includes('Snow'))
    for (const { client } of [back, phone])
      expect((await client.call('library.read', {})).documents.find((each) => each.id === snow)).toMatchObject({ folder })
    const declared = relay.audit().filter(({ action }) => action === 'folder.declare')
    expect(declared.length).toBeGreaterThan(0)
    for (const { subject } of declared) expect(subject).toMatchObject({ removed: [] })
  })
})

describe('a device that was removed', () => {
  it('is told within a second, keeps its documents, and sends nothing more', async () => {
    const { laptop, tablet, id, text } = await twoDevices()
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    const lost = await OpenText.open(tablet.client, id)
    const [{ key } = { key: '' as never }] = (await laptop.client.call('device.list', {})).filter(({ isThis }) => !isThis)
    await laptop.client.call('device.remove', { key })
    await until(async () => (await tablet.client.call('relay.status', {})).state === 'refused')
    expect((await tablet.client.call('relay.status', {})).problem).toMatch(/removed by another one of yours/)
    await lost.type('Stolen words. ')
    await text.type('Safe words. ')
    await until(async () => (await laptop.client.call('sync.status', { id })).state === 'online')
    expect(text.text).not.toContain('Stolen')
    expect((await OpenText.open(tablet.client, id)).text).toContain('It began in the night.')
    expect(await laptop.client.call('device.list', {})).toHaveLength(1)
    // It can be added again, by a new code, and then brings what it wrote.
    const back = await joined(laptop, await again(tablet))
    await until(() => text.text.includes('Stolen words.'))
    expect(await titlesOf(back.client)).toEqual(['Rain'])
  })

  it('is shut out of a relay also when that was not there at the time', async () => {
    const { laptop, tablet } = await twoDevices()
    const elsewhere = await startRelay()
    await laptop.client.call('relay.join', { invite: elsewhere.invite() })
    const { id } = await laptop.client.call('document.create', { folder: null, title: 'Elsewhere' })
    await laptop.client.call('share.create', { id })
    await until(async () => (await titlesOf(tablet.client)).includes('Elsewhere'))
    await elsewhere.stop()
    const [{ key } = { key: '' as never }] = (await laptop.client.call('device.list', {})).filter(({ isThis }) => !isThis)
    await laptop.client.call('device.remove', { key })
    await elsewhere.start()
    await until(
      async () =>
        JSON.stringify(await tablet.client.call('sync.status', { id })).includes('"problem":"refused"') &&
        (await laptop.client.call('sync.status', { id })).state === 'online',
    )
    const before = await OpenText.open(laptop.client, id)
    await (await OpenText.open(tablet.client, id)).type('Stolen words. ')
    await before.type('Safe words. ')
    await until(async () => JSON.stringify(await laptop.client.call('sync.status', { id })).includes('"unsent":0'))
    expect(before.text).toBe('Safe words. ')
  })
})

describe('a code', () => {
  async function waiting() {
    const relay = await startRelay()
    const laptop = await startWriter(relay)
    const told = pairingOf(laptop.client)
    const { code } = await laptop.client.call('device.invite', {})
    return { laptop, told, code, tablet: await newcomer(), address: relay.address }
  }

  it('that is wrong leads nowhere', async () => {
    const { tablet, code, address } = await waiting()
    const wrong = code.startsWith('A') ? `B${code.slice(1)}` : `A${code.slice(1)}`
    await expect(tablet.client.call('device.join', { relay: address, code: wrong })).rejects.toMatchObject({
      code: 'not-found',
      detail: expect.stringContaining('The code is wrong'),
    })
    await expect(tablet.client.call('device.join', { relay: address, code: 'K7QF' })).rejects.toMatchObject({ code: 'invalid' })
    await expect(tablet.client.call('device.join', { relay: 'example.org', code })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('that was taken back, or followed by another, leads nowhere', async () => {
    const { laptop, tablet, code, address } = await waiting()
    const second = await laptop.client.call('device.invite', {})
    await expect(tablet.client.call('device.join', { relay: address, code })).rejects.toMatchObject({ code: 'not-found' })
    await laptop.client.call('device.cancel', {})
    await expect(tablet.client.call('device.join', { relay: address, code: second.code })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is good for one device', async () => {
    const { laptop, told, tablet, code, address } = await waiting()
    const eve = await newcomer()
    const joining = tablet.client.call('device.join', { relay: address, code })
    await asks(told)
    await expect(eve.client.call('device.join', { relay: address, code })).rejects.toMatchObject({
      code: 'refused',
      detail: expect.stringContaining('used already'),
    })
    await Promise.all([joining, laptop.client.call('device.answer', { accept: true })])
    await expect(eve.client.call('device.join', { relay: address, code })).rejects.toMatchObject({ code: 'refused' })
  })

  it('adds nobody when the person says no, or nothing', async () => {
    const { laptop, told, tablet, code, address } = await waiting()
    const before = (await infoOf(tablet.client)).me.key
    const joining = tablet.client.call('device.join', { relay: address, code })
    const said = failureOf(joining)
    await asks(told)
    await laptop.client.call('device.answer', { accept: false })
    expect(await said).toMatchObject({ code: 'refused', detail: 'You said no on your other device.' })
    await expect(laptop.client.call('device.answer', { accept: true })).rejects.toMatchObject({ code: 'not-found' })
    const { code: another } = await laptop.client.call('device.invite', {})
    const given = tablet.client.call('device.join', { relay: address, code: another, task: 'join' })
    const cancelled = failureOf(given)
    await until(() => told.filter(({ state }) => state === 'asked').length === 2)
    await tablet.client.call('task.cancel', { task: 'join' })
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    expect((await infoOf(await again(tablet).then(({ client }) => client))).me.key).toBe(before)
    expect(await laptop.client.call('device.list', {})).toHaveLength(1)
  })

  it('is not made on a relay that is open, nor without one', async () => {
    const alone = await newcomer()
    await expect(alone.client.call('device.invite', {})).rejects.toMatchObject({ code: 'not-found' })
    await expect(alone.client.call('device.list', {})).rejects.toMatchObject({ code: 'not-found' })
  })
})

/** Stands between a device and its relay, and changes what the calls about pairing answer or ask. */
async function between(
  relay: Relay,
  change: (call: string, body: { sealed?: string }, isAnswer: boolean) => { sealed?: string },
): Promise<string> {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const call = request.url ?? ''
    const asked = change(call, JSON.parse(Buffer.concat(pieces).toString() || '{}'), false)
    const answer = await fetch(relay.address.replace('ws', 'http') + call, { method: 'POST', body: JSON.stringify(asked) })
    const body = change(call, (await answer.json()) as { sealed?: string }, true)
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a relay that lies', () => {
  it.each([
    ['the question in the place of the answer', (seen: string[]) => seen[0]],
    ['garbage', () => 'AAAA'.repeat(40)],
    [
      'an answer that it has changed',
      (_: string[], sealed: string) => `${sealed.slice(0, 30)}${sealed[30] === 'A' ? 'B' : 'A'}${sealed.slice(31)}`,
    ],
  ])('and gives the new device %s is found out', async (_, replace) => {
    const relay = await startRelay()
    const [laptop, tablet] = [await startWriter(relay), await newcomer()]
    const seen: string[] = []
    const evil = await between(relay, (call, body, isAnswer) => {
      if (call.endsWith('pairing.ask') && !isAnswer) seen.push(body.sealed ?? '')
      return call.endsWith('pairing.fetch') && isAnswer && body.sealed ? { sealed: replace(seen, body.sealed) ?? '' } : body
    })
    const told = pairingOf(laptop.client)
    const { code } = await laptop.client.call('device.invite', {})
    const before = (await infoOf(tablet.client)).me.key
    const joining = tablet.client.call('device.join', { relay: evil, code })
    const found = failureOf(joining)
    await asks(told)
    const answering = laptop.client.call('device.answer', { accept: true })
    expect(await found).toMatchObject({ code: 'refused', detail: expect.stringContaining('not from your other device') })
    await laptop.client.call('device.cancel', {})
    await answering
    expect((await infoOf((await again(tablet)).client)).me.key).toBe(before)
  })

  it('and gives the waiting device a question of its own is found out', async () => {
    const relay = await startRelay()
    const [laptop, tablet] = [await startWriter(relay), await newcomer()]
    const evil = await between(relay, (call, body, isAnswer) =>
      call.endsWith('pairing.ask') && !isAnswer ? { ...body, sealed: 'AAAA'.repeat(40) } : body,
    )
    const told = pairingOf(laptop.client)
    const { code } = await laptop.client.call('device.invite', {})
    const joining = tablet.client.call('device.join', { relay: evil, code })
    const ended = failureOf(joining)
    await until(() => told.at(-1)?.state === 'ended')
    expect(told.at(-1)).toMatchObject({ problem: expect.stringContaining('not from your other device') })
    expect(told.some(({ state }) => state === 'asked')).toBe(false)
    expect(await ended).toMatchObject({ code: 'refused', detail: expect.stringContaining('waits no longer') })
  })
})

describe('a device that is stopped while it becomes another', () => {
  it('is that one at the next start, with all that it had', async () => {
    const relay = await startRelay()
    const [laptop, tablet] = [await startWriter(relay), await newcomer()]
    await tablet.client.call('document.create', { folder: null, title: 'Tablet only' })
    const [first, copy] = ['identity.json', 'identity.copy.json'].map((name) => join(tablet.dataDir, name)) as [string, string]
    const before = readFileSync(copy)
    const same = await joined(laptop, tablet)
    await same.engine.close()
    // As a power cut between the two files leaves it, and then damage to the first.
    writeFileSync(copy, before)
    const started = await startWriter(null, { dataDir: tablet.dataDir })
    const { me } = await infoOf(laptop.client)
    expect((await infoOf(started.client)).me.key).toBe(me.key)
    await started.engine.close()
    writeFileSync(first, 'damaged')
    const mended = await startWriter(null, { dataDir: tablet.dataDir })
    expect((await infoOf(mended.client)).me.key).toBe(me.key)
    expect(await titlesOf(mended.client)).toEqual(['Tablet only'])
    for (const name of readdirSync(tablet.dataDir).filter((each) => each.startsWith('identity')))
      expect(statSync(join(tablet.dataDir, name)).mode & 0o777).toBe(0o600)
  })

  it('finds its documents though its library from before cannot be read', async () => {
    const relay = await startRelay()
    const [laptop, tablet] = [await startWriter(relay), await newcomer()]
    await tablet.client.call('document.create', { folder: null, title: 'Tablet only' })
    const { library } = JSON.parse(readFileSync(join(tablet.dataDir, 'identity.json'), 'utf8')) as { library: string }
    const same = await joined(laptop, tablet, () =>
      rmSync(join(tablet.dataDir, 'documents', library.slice(0, 2), library.slice(2)), { recursive: true }),
    )
    expect(await titlesOf(same.client)).toEqual(['Tablet only'])
  })
})

describe('a library that somebody has changed in the person’s name', () => {
  it('names no file and no relay that cannot be one', async () => {
    const { relay, laptop, tablet, id } = await twoDevices()
    await until(async () => (await titlesOf(tablet.client)).includes('Rain'))
    const { library } = JSON.parse(readFileSync(join(laptop.dataDir, 'identity.json'), 'utf8')) as { library: DocumentId }
    // As a relay could that makes changes of its own.
    const forged = forgedChange(laptop.dataDir, library, (doc) => {
      const entry = { folder: null, tags: [], pinned: false, trashedAt: null, createdAt: 0, relay: relay.address }
      Object.assign(doc.documents, { '../../../escaped': { ...entry }, aa: { ...entry } })
      Object.assign(doc.documents[id] ?? {}, { relay: 'file:///etc/passwd' })
      Object.assign(doc, { home: 7 })
    })
    await laptop.engine.close()
    const folder = join(laptop.dataDir, 'documents', library.slice(0, 2), library.slice(2), 'incremental')
    writeFileSync(join(folder, 'ab'.repeat(32)), forged)
    const back = await again(laptop)
    expect(await titlesOf(back.client)).toEqual(['Rain'])
    expect(await back.client.call('sync.status', { id })).toEqual({ state: 'local', saved: true })
    expect((await OpenText.open(back.client, id)).text).toContain('It began in the night.')
    // A relay ends a connection that asks for what can be no document.
    const { id: other } = await back.client.call('document.create', { folder: null, title: 'Snow' })
    await back.client.call('share.create', { id: other })
  })
})
