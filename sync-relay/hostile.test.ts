/** What no honest client sends, at the real socket. Whatever comes, the relay lives on and other documents and clients do not notice. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import * as A from '@automerge/automerge/slim'
import { cbor } from '@automerge/automerge-repo/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChangeHash, DocumentId } from '../core/ids.ts'
import { closeCodes, limits } from '../core/protocol/messages.ts'
import { ByteWriter } from '../core/sync/bytes.ts'
import { RawClient } from '../test/raw-client.ts'
import { createRelay, type Relay } from './server.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const bytes = Uint8Array.of(1)

let dataDir: string
let relay: Relay
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await createRelay({
    port: 0,
    host: '127.0.0.1',
    isOpen: true,
    dataDir,
    log: pino({ level: 'silent' }),
    limits: { joinMs: 300, streamBytes: 256 * 1024 },
  })
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

type Notes = Record<string, string>
const write = (doc: A.Doc<Notes>, key: string, value = 'x') => A.change(doc, (draft) => void (draft[key] = value))
const lastChange = (doc: A.Doc<Notes>) => A.getLastLocalChange(doc) as Uint8Array
const start = () => write(A.init<Notes>({ actor: 'aa' }), 'start')

/** An honest client that goes on working, whatever happens beside it. */
async function honestWork() {
  const [ada, ben] = await Promise.all([RawClient.join(relay.address, { name: 'ada' }), RawClient.join(relay.address, { name: 'ben' })])
  const channel = await ada.follow(documentId)
  await ben.follow(documentId)
  ada.send({ type: 'changes', channel, changes: [lastChange(write(A.init<Notes>(), 'honest'))], number: 1 })
  const { changes } = await ben.next('changes')
  await ada.next('ack')
  return changes.length
}

/** How the relay parted from a client, and whether everybody else can go on. */
async function endOf(client: RawClient) {
  const { message } = await client.next('error')
  return { isToldWhy: message !== '', code: await client.closed, othersWork: (await honestWork()) === 1 }
}
const endedWith = (code: number) => ({ isToldWhy: true, code, othersWork: true })

describe('a frame that is no message [R2]', () => {
  const random = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251)
  it.each([
    ['nothing', new Uint8Array()],
    ['garbage', random],
    ['CBOR that is cut off', cbor.encode({ type: 'join', senderId: 'x' }).subarray(0, 9)],
    ['CBOR that announces gigabytes', Uint8Array.from(Buffer.from('9a01ffffff'.repeat(200), 'hex'))],
    ['CBOR that is no message', cbor.encode([1, 2, 3])],
    ['an unknown type', cbor.encode({ type: 'take-over', senderId: 'x' })],
    ['a message only a relay sends', cbor.encode({ type: 'ack', number: 1 })],
  ])('ends the connection: %s', async (_, frame) => {
    const client = await RawClient.open(relay.address)
    client.socket.send(frame)
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('ends the connection: text', async () => {
    const client = await RawClient.open(relay.address)
    client.socket.send('{"type":"join"}')
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('ends the connection: larger than the limit', async () => {
    const client = await RawClient.join(relay.address)
    client.socket.on('error', () => {})
    client.socket.send(new Uint8Array(limits.frameBytes + 1))
    expect(await client.closed).toBe(closeCodes.tooLarge)
    expect(await honestWork()).toBe(1)
  })
})

describe('messages in the wrong order [R1]', () => {
  it('before join', async () => {
    const client = await RawClient.open(relay.address)
    client.sendSync(documentId)
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('join twice', async () => {
    const client = await RawClient.join(relay.address)
    client.send({ type: 'join', senderId: 'other', peerMetadata: {}, supportedProtocolVersions: ['1'] })
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('no common version', async () => {
    const client = await RawClient.open(relay.address)
    client.send({ type: 'join', senderId: 'x', peerMetadata: {}, supportedProtocolVersions: ['99'] })
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('nothing at all', async () => {
    const client = await RawClient.open(relay.address)
    expect(await client.closed).toBe(closeCodes.silent)
  })

  it('changes on a channel that nobody gave', async () => {
    const client = await RawClient.join(relay.address)
    client.send({ type: 'changes', channel: 1, changes: [lastChange(start())], number: 1 })
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  it('changes that are numbered wrongly [R9]', async () => {
    const client = await RawClient.join(relay.address)
    const channel = await client.follow(documentId)
    client.send({ type: 'changes', channel, changes: [lastChange(start())], number: 2 })
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })
})

describe('what is no sync message and no change [R2]', () => {
  it.each([
    ['sync', (client: RawClient) => client.send({ type: 'sync', senderId: 'x', targetId: 'y', documentId, data: bytes })],
    ['change', (client: RawClient, channel: number) => client.send({ type: 'changes', channel, changes: [bytes], number: 1 })],
    [
      'change with a wrong checksum',
      (client: RawClient, channel: number) =>
        client.send({ type: 'changes', channel, changes: [lastChange(start()).with(5, 0)], number: 1 }),
    ],
    ['large change', (client: RawClient, channel: number) => client.send({ type: 'changes', channel, changes: [bomb()], number: 1 })],
    ['saved document', (client: RawClient) => client.sendSync(documentId, { changes: [A.save(start()).slice(0, 40)] })],
    ['saved document whose middle is changed', (client: RawClient) => client.sendSync(documentId, { changes: [damaged(A.save(start()))] })],
  ])('%s', async (_, send) => {
    const client = await RawClient.join(relay.address)
    const channel = await client.follow(documentId)
    send(client, channel)
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })

  /** A few kilobytes that claim to be a change of half a gigabyte. */
  function bomb(): Uint8Array {
    const content = deflateRawSync(new Uint8Array(500_000_000), { level: 9 })
    const length = new ByteWriter()
    length.uint(content.length)
    return Buffer.concat([lastChange(start()).subarray(0, 8), Uint8Array.of(2), length.finish(), content])
  }

  function damaged(chunk: Uint8Array): Uint8Array {
    return chunk.with(chunk.length - 20, (chunk[chunk.length - 20] ?? 0) ^ 255)
  }
})

describe('poison [R6]', () => {
  const first = start()
  const hash = A.decodeChange(lastChange(first)).hash
  const forged = (parts: object) =>
    A.encodeChange({
      actor: 'aa',
      seq: 2,
      startOp: 50,
      time: 0,
      message: null,
      deps: [hash],
      ops: [{ action: 'set', obj: '_root', key: 'z', value: 'x', pred: [] }],
      ...parts,
    } as unknown as Parameters<typeof A.encodeChange>[0])

  it.each([
    ['a number that does not follow', forged({ seq: 4 })],
    ['a number that is taken', forged({ seq: 1 })],
    ['no dependency on the one before', forged({ deps: [] })],
    ['operations numbered like others', forged({ startOp: 1 })],
    ['operations numbered beyond what can be loaded', forged({ startOp: 30_000_000 })],
  ])('is neither stored nor passed on: %s', async (_, poison) => {
    const [client, other] = await Promise.all([RawClient.join(relay.address), RawClient.join(relay.address, { name: 'other' })])
    const channel = await client.follow(documentId)
    await other.follow(documentId)
    client.send({ type: 'changes', channel, changes: [lastChange(first)], number: 1 })
    await other.next('changes')
    client.send({ type: 'changes', channel, changes: [poison], number: 2 })
    expect(await endOf(client)).toEqual(endedWith(closeCodes.poison))
    const fresh = await RawClient.join(relay.address, { name: 'fresh', live: false })
    fresh.sendSync(documentId)
    const doc = A.loadIncremental(A.init<Notes>(), Buffer.concat((await fresh.nextSync()).changes))
    expect(Object.keys(doc).sort()).toEqual(['honest', 'start'])
    expect(A.load(A.save(doc))).toEqual(doc)
  })
})

describe('a saved document with poison in it [R6]', () => {
  const first = start()
  const hash = A.decodeChange(lastChange(first)).hash
  const ops = [{ action: 'set', obj: '_root', key: 'z', value: 'x', pred: [] }]
  const second = (parts: object) =>
    A.encodeChange({ actor: 'aa', seq: 2, startOp: 50, time: 0, message: null, deps: [hash], ops, ...parts } as unknown as Parameters<
      typeof A.encodeChange
    >[0])

  it.each([
    ['no dependency on the one before', second({ deps: [] })],
    ['operations numbered like others', second({ startOp: 1 })],
    ['operations numbered far beyond', second({ startOp: 5_000_000 })],
  ])('is neither stored nor passed on: %s', async (_, poison) => {
    const client = await RawClient.join(relay.address)
    const [doc] = A.applyChanges(A.clone(first), [poison])
    client.sendSync(documentId, { heads: A.getHeads(doc) as ChangeHash[], changes: [A.save(doc)] })
    await client.next('error')
    expect([closeCodes.poison, closeCodes.malformed]).toContain(await client.closed)
    const fresh = await RawClient.join(relay.address, { name: 'fresh' })
    fresh.sendSync(documentId, {}, 'request')
    await fresh.next('doc-unavailable')
    expect(await honestWork()).toBe(1)
  })
})

describe('presence [R11]', () => {
  it('in somebody else’s name is not passed on', async () => {
    const [client, other] = await Promise.all([RawClient.join(relay.address), RawClient.join(relay.address, { name: 'other' })])
    await client.follow(documentId)
    await other.follow(documentId)
    client.sendEphemeral(documentId, Uint8Array.of(1), 'somebody')
    client.sendEphemeral(documentId, Uint8Array.of(2))
    const { senderId, data } = await other.next('ephemeral')
    expect([senderId, [...data]]).toEqual(['raw', [2]])
  })

  it('that is too large ends the connection', async () => {
    const client = await RawClient.join(relay.address)
    client.sendEphemeral(documentId, new Uint8Array(limits.ephemeralBytes + 1))
    expect(await endOf(client)).toEqual(endedWith(closeCodes.malformed))
  })
})

describe('a client that does not read [R12]', () => {
  it('is cut off, and costs the relay no more memory', async () => {
    const sleeper = await RawClient.join(relay.address, { name: 'sleeper' })
    await sleeper.follow(documentId)
    sleeper.socket.pause()
    const writer = await RawClient.join(relay.address, { name: 'writer' })
    const channel = await writer.follow(documentId)
    let doc = A.init<Record<string, Uint8Array>>()
    // More than the sockets' own buffers hold, which the relay cannot see.
    for (let number = 1; number <= 40; number++) {
      doc = A.change(doc, (draft) => void (draft['big'] = randomBytes(500_000)))
      writer.send({ type: 'changes', channel, changes: [A.getLastLocalChange(doc) as Uint8Array], number })
      await writer.next('ack')
    }
    sleeper.socket.resume()
    expect([closeCodes.slow, 1006]).toContain(await sleeper.closed)
    expect(await honestWork()).toBe(1)
  })
})

it('a connection that speaks no WebSocket is answered and costs nothing', async () => {
  const { port } = new URL(relay.address)
  const answer = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connectTcp(Number(port), '127.0.0.1', () => socket.write('HELO relay\r\n\r\n'))
    socket.on('data', (data) => (text += data.toString())).on('close', () => resolve(text))
  })
  expect(answer).toMatch(/^HTTP\/1.1 400/)
  expect(await honestWork()).toBe(1)
})
