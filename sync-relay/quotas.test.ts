/** What one person, one address and one reader may take of a relay: what is too much is refused in words, and costs nobody else anything. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ChangeHash, DocumentId, PersonKey } from '../core/ids.ts'
import { newDocumentId } from '../main/engine/identity.ts'
import { eventually } from '../test/eventually.ts'
import { RawClient } from '../test/raw-client.ts'
import { inviteTo, RelayPerson } from '../test/relay-person.ts'
import { MessageRate, type Quotas } from './quotas.ts'
import { createRelay, type Relay, type RelayLimits } from './server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(options: { quotas?: Partial<Quotas>; limits?: Partial<RelayLimits>; isOpen?: boolean; dataDir?: string } = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'relay-'))
  const relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), ...options })
  closing.push(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { relay, dataDir }
}

async function member(relay: Relay, name = 'Ben') {
  return RelayPerson.join(relay, name, inviteTo(relay))
}

/** Sends the first change of a document on the live stream. Resolves with what came of it. */
async function bring(client: RawClient, documentId: DocumentId, changes: Uint8Array[], number: number) {
  client.sendSync(documentId, { heads: [A.decodeChange(changes.at(-1) as Uint8Array).hash as ChangeHash] })
  const { channel } = await client.next('live')
  client.send({ type: 'changes', channel, changes, number })
  return eventually(
    () => client.inbox.splice(client.inbox.findIndex(({ type }) => type === 'ack' || type === 'error') >>> 0, 1)[0] ?? Promise.reject(),
  )
}

describe('documents of one person [R36]', () => {
  it('are as many as the relay takes; one more is refused in words, and everything else goes on', async () => {
    const { relay } = await start({ quotas: { documents: 2 } })
    const ada = await RelayPerson.join(relay, 'Ada')
    const client = await ada.connect()
    const ids = [newDocumentId(), newDocumentId(), newDocumentId()]
    const answers = []
    for (const [at, id] of ids.entries()) answers.push(await bring(client, id, A.getAllChanges(ada.begin()), at + 1))
    expect(answers).toMatchObject([
      { type: 'ack', number: 1 },
      { type: 'ack', number: 2 },
      { type: 'error', code: 'no-room', documentId: ids[2], number: 3, reason: expect.stringContaining('2 documents of one person') },
    ])
    const ben = await member(relay)
    expect(await bring(await ben.connect(), newDocumentId(), A.getAllChanges(ben.begin()), 1)).toMatchObject({ type: 'ack' })
  })

  it('are counted with the margins and attachments that go with them', async () => {
    const { relay } = await start({ quotas: { documents: 2 } })
    const ada = await RelayPerson.join(relay, 'Ada')
    const text = newDocumentId()
    await ada.put(text, A.getAllChanges(ada.begin()))
    const client = await ada.connect()
    client.send({ type: 'parts', documentId: text, margin: newDocumentId(), attachments: [newDocumentId()] })
    expect(await client.next('error')).toMatchObject({ code: 'no-room', documentId: text })
    client.send({ type: 'parts', documentId: text, margin: newDocumentId(), attachments: [] })
    const role = () => relay.people?.rights.ownedBy(ada.key).length
    await eventually(() => expect(role()).toBe(2))
  })
})

describe('bytes of one person’s documents [R36]', () => {
  const big = (person: RelayPerson, doc: A.Doc<Record<string, string>>, size: number) => person.write(doc, 'abcdefghij'.repeat(size / 10))

  it('are bounded, whoever writes; what is there can be read, also after a restart', async () => {
    const quotas = { bytes: 50_000 }
    const { relay, dataDir } = await start({ quotas })
    const ada = await RelayPerson.join(relay, 'Ada')
    const first = ada.begin()
    const text = newDocumentId()
    await ada.put(text, A.getAllChanges(first))
    const client = await ada.connect()
    client.sendSync(text, { heads: A.getHeads(first) as ChangeHash[] })
    const { channel } = await client.next('live')
    const changes = Array.from({ length: 3 }, () =>
      A.getLastLocalChange(A.change(A.clone(first, { author: ada.key }), (draft) => void (draft['noise'] = noise(20_000)))),
    )
    changes.forEach((change, at) => client.send({ type: 'changes', channel, changes: [change as Uint8Array], number: at + 1 }))
    expect(await client.next('error')).toMatchObject({ code: 'no-room', number: 3, reason: expect.stringContaining('0 MB') })
    await eventually(async () => expect((await client.next('ack')).number).toBeGreaterThanOrEqual(2))

    await relay.close()
    const { relay: again } = await start({ quotas, dataDir })
    ;(ada as { relay: string }).relay = again.address
    await ada.signIn()
    const back = await ada.connect({ live: false })
    back.sendSync(text)
    expect((await back.nextSync()).changes).toHaveLength(3)
    back.sendSync(text, { heads: A.getHeads(first) as ChangeHash[], changes: [big(ada, first, 100), changes[2] as Uint8Array] })
    expect(await back.next('error')).toMatchObject({ code: 'no-room' })
  })

  /** Text that does not compress. */
  function noise(length: number): string {
    let state = 1
    return Array.from({ length }, () => String.fromCharCode(33 + ((state = (state * 48_271) % 2_147_483_647) % 90))).join('')
  }
})

describe('messages of one person [R36]', () => {
  it('wait when there are more than the relay reads, each its turn, and none is lost', async () => {
    const { relay } = await start({ quotas: { messagesPerSecond: 100 } })
    const ada = await RelayPerson.join(relay, 'Ada')
    const client = await ada.connect()
    // More than a burst.
    for (let i = 0; i < 4_020; i++)
      client.send({ type: 'doc-unavailable', senderId: client.name, targetId: 'x', documentId: newDocumentId() })
    expect(await bring(client, newDocumentId(), A.getAllChanges(ada.begin()), 1)).toMatchObject({ type: 'ack' })
  })

  it('are counted over all connections, and forgiven in time', () => {
    const rate = new MessageRate(10)
    const [ada, ben] = ['a', 'b'] as PersonKey[] as [PersonKey, PersonKey]
    const waits = Array.from({ length: 402 }, () => rate.take(ada, 100))
    expect(waits.filter((wait) => wait > 0)).toEqual([100, 200])
    expect(rate.take(ben, 100)).toBe(0)
    expect(rate.take(ada, 400)).toBe(0)
  })
})

describe('calls of one person [R36]', () => {
  it('wait when there are more than the relay takes, and are refused when many wait already', async () => {
    const { relay } = await start({ quotas: { messagesPerSecond: 20 } })
    const [ada, ben] = [await RelayPerson.join(relay, 'Ada'), await member(relay)]
    const ask = (person: RelayPerson) => person.post('invitation.list', '{}').then(({ status }) => status)
    // Eighty at once, two in each of the five seconds after them.
    const statuses = await Promise.all(Array.from({ length: 120 }, () => ask(ada)))
    const answered = statuses.filter((status) => status === 200).length
    expect(answered).toBeGreaterThanOrEqual(80)
    expect(statuses.filter((status) => status === 429)).toHaveLength(120 - answered)
    expect(answered).toBeLessThan(120)
    expect(await ask(ben)).toBe(200)
  })

  it('that count as refused cost their person nothing', () => {
    const rate = new MessageRate(100)
    const ada = 'aa'.repeat(32) as PersonKey
    const waits = Array.from({ length: 1_000 }, () => rate.takeCall(ada, 0))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(400)
    expect(waits.filter((wait) => wait === null)).toHaveLength(550)
    expect(rate.take(ada, 0)).toBe(5_010)
    expect(rate.takeCall(ada, 5_010)).toBe(100)
  })
})

describe('who has not said who they are [R29]', () => {
  const tcp = (relay: Relay) => {
    const socket = connectTcp(Number(new URL(relay.address).port), '127.0.0.1')
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => {}).resume()
    return { socket, closed }
  }

  it('is closed in time when nothing is said', async () => {
    const { relay } = await start({ limits: { requestMs: 200 } })
    await tcp(relay).closed
  })

  it('is closed in time when a request trickles in', async () => {
    const { relay } = await start({ limits: { requestMs: 200 } })
    const { socket, closed } = tcp(relay)
    socket.write('POST /api/person.challenge HTTP/1.1\r\nhost: relay\r\ncontent-length: 100\r\n\r\n')
    const trickling = setInterval(() => socket.write(' '), 20)
    await closed
    clearInterval(trickling)
  })

  it('is told so before they have sent what they have to say', async () => {
    const { relay } = await start()
    const { socket, closed } = tcp(relay)
    const said = new Promise<string>((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())))
    socket.write('POST /api/person.list HTTP/1.1\r\nhost: relay\r\ncontent-length: 200000\r\n\r\n')
    expect(await said).toMatch(/^HTTP\/1\.1 401 /)
    socket.destroy()
    await closed
  })

  it('has so many sockets from one address, and no more', async () => {
    const { relay } = await start({ isOpen: true, limits: { socketsPerAddress: 3 } })
    const clients = await Promise.all(['a', 'b', 'c'].map((name) => RawClient.join(relay.address, { name })))
    await tcp(relay).closed
    clients[0]?.socket.close()
    await clients[0]?.closed
    await eventually(() => RawClient.join(relay.address, { name: 'd' }))
  })

  it('sends so many bytes before join, and no more', async () => {
    const { relay } = await start({ isOpen: true })
    const client = await RawClient.open(relay.address)
    client.socket.on('error', () => {})
    client.socket.send(new Uint8Array(1024 * 1024))
    expect(await client.closed).toBe(1006)
  })
})

describe('a reader', () => {
  const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId

  it('that answers no ping and sends nothing else is cut off [R12]', async () => {
    const { relay } = await start({ isOpen: true, limits: { pingMs: 300 } })
    const deaf = new WebSocket(relay.address, { autoPong: false })
    const closed = new Promise((resolve) => deaf.on('close', resolve))
    const alive = await RawClient.join(relay.address)
    expect(await closed).toBe(1006)
    await alive.follow(documentId)
  })

  it('that has vanished without a word is cut off, and no longer counts [R12] [R29]', async () => {
    const { relay } = await start({ quotas: { connections: 1 }, limits: { pingMs: 300 } })
    const ada = await RelayPerson.join(relay, 'Ada')
    const gone = await ada.connect()
    // Nothing is read or answered any more, as after a cable was pulled.
    gone.socket.pause()
    await eventually(() => ada.connect())
  })
})
