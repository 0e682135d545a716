/** The live stream between our own clients, message by message. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChangeHash, DocumentId } from '../core/ids.ts'
import { RawClient } from '../test/raw-client.ts'
import { createRelay, type Relay } from './server.ts'

type Notes = Record<string, number>

const [rain, snow] = ['2akvofn6L1o4RMUEMQi7qzwRjKWZ', '3bkvofn6L1o4RMUEMQi7qzwRjKWZ'] as DocumentId[] as [DocumentId, DocumentId]
let dataDir: string
let relay: Relay
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await createRelay({ port: 0, host: '127.0.0.1', isOpen: true, dataDir, log: pino({ level: 'silent' }) })
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

/** `count` changes by one writer, each on top of the one before. */
function changesOf(count: number): Uint8Array[] {
  let doc = A.init<Notes>()
  for (let i = 0; i < count; i++) doc = A.change(doc, (draft) => void (draft[`key ${i}`] = i))
  return A.getAllChanges(doc)
}
const hashOf = (change: Uint8Array) => A.decodeChange(change).hash as ChangeHash
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Two clients that follow one document. */
async function pair(document = rain) {
  const [ada, ben] = await Promise.all([RawClient.join(relay.address, { name: 'ada' }), RawClient.join(relay.address, { name: 'ben' })])
  const channel = await ada.follow(document)
  return { ada, ben, channel, sameChannel: (await ben.follow(document)) === channel }
}

describe('the live stream', () => {
  it('brings a change to everybody but who made it, and tells that one when it is durable [R7] [R8]', async () => {
    const { ada, ben, channel, sameChannel } = await pair()
    const [change] = changesOf(1) as [Uint8Array]
    ada.send({ type: 'changes', channel, changes: [change], number: 1 })
    expect((await ben.next('changes')).changes.map(text)).toEqual([text(change)])
    expect(await ada.next('ack')).toEqual({ type: 'ack', number: 1 })
    expect(sameChannel).toBe(true)
    ada.sendEphemeral(rain, Uint8Array.of(1))
    await ben.next('ephemeral')
    expect([...ada.inbox, ...ben.inbox]).toEqual([])
  })

  it('acknowledges many messages at once, over all documents, and nothing that waits [R8] [R10]', async () => {
    const { ada, channel } = await pair()
    const other = await ada.follow(snow)
    const changes = changesOf(40)
    changes.forEach((change, at) => ada.send({ type: 'changes', channel: at % 2 ? channel : other, changes: [change], number: at + 1 }))
    // All but the first one wait for what was sent in the other document, until the very last messages bring it.
    changes.forEach((change, at) => ada.send({ type: 'changes', channel: at % 2 ? other : channel, changes: [change], number: at + 41 }))
    const acknowledged: number[] = []
    while (acknowledged.at(-1) !== 80) acknowledged.push((await ada.next('ack')).number)
    expect(acknowledged.filter((number) => number > 1 && number < 79)).toEqual([])
  })

  it('asks for what is missing by the sync protocol, and acknowledges when it has come [R10]', async () => {
    const { ada, ben, channel } = await pair()
    const [first, second] = changesOf(2) as [Uint8Array, Uint8Array]
    ada.send({ type: 'changes', channel, changes: [second], number: 1 })
    expect((await ada.nextSync()).need).toEqual([hashOf(first)])
    ada.sendSync(rain, { heads: [hashOf(second)], changes: [first] })
    expect((await ben.next('changes')).changes.map(text)).toEqual([first, second].map(text))
    expect(await ada.next('ack')).toEqual({ type: 'ack', number: 1 })
  })

  it('brings what had waited to who sent what it waited for, and not to who sent it [R7]', async () => {
    const { ada, ben, channel } = await pair()
    const [first, second] = changesOf(2) as [Uint8Array, Uint8Array]
    ada.send({ type: 'changes', channel, changes: [second], number: 1 })
    // The relay has read it when it asks for what is missing.
    await ada.nextSync()
    ben.send({ type: 'changes', channel, changes: [first], number: 1 })
    expect((await ben.next('changes')).changes.map(text)).toEqual([text(second)])
    expect((await ada.next('changes')).changes.map(text)).toEqual([text(first)])
  })

  it('says by the sync protocol that it holds what came by it and had waited [R8] [R10]', async () => {
    const { ada, ben, channel } = await pair()
    const [first, second] = changesOf(2) as [Uint8Array, Uint8Array]
    ada.sendSync(rain, { heads: [hashOf(second)], changes: [second] })
    expect((await ada.nextSync()).need).toContain(hashOf(first))
    ben.send({ type: 'changes', channel, changes: [first], number: 1 })
    expect((await ada.nextSync()).heads).toEqual([hashOf(second)])
  })

  it('brings a saved document by the sync protocol, and changes after it by the stream again [R3] [R7]', async () => {
    const { ada, ben, channel } = await pair()
    let doc = A.from<Notes>({ start: 1 })
    doc = A.change(doc, (draft) => void (draft['more'] = 2))
    ada.sendSync(rain, { heads: A.getHeads(doc) as ChangeHash[], changes: [A.save(doc)] })
    const { heads, changes } = await ben.nextSync()
    expect(heads).toEqual(A.getHeads(doc))
    expect(A.load(changes[0] as Uint8Array)).toEqual(doc)
    expect((await ada.nextSync()).changes).toEqual([])
    const later = A.getLastLocalChange(A.change(doc, (draft) => void (draft['later'] = 3))) as Uint8Array
    ada.send({ type: 'changes', channel, changes: [later], number: 1 })
    expect((await ben.next('changes')).changes.map(text)).toEqual([text(later)])
    await ada.next('ack')
    expect([...ada.inbox, ...ben.inbox]).toEqual([])
  })

  it('takes a paste of a chapter as it takes a letter, and finds it again [R7] [R8]', async () => {
    const { ada, ben, channel } = await pair()
    const empty = A.change(A.init<{ text: string }>(), (draft) => void (draft.text = ''))
    const pasted = A.change(empty, (draft) => A.splice(draft, ['text'], 0, 0, 'It began in the night. '.repeat(2_000)))
    const [first, second] = A.getAllChanges(pasted) as [Uint8Array, Uint8Array]
    ada.send({ type: 'changes', channel, changes: [first], number: 1 })
    ada.send({ type: 'changes', channel, changes: [second], number: 2 })
    await ben.next('changes')
    expect((await ben.next('changes')).changes.map(text)).toEqual([text(second)])
    while ((await ada.next('ack')).number < 2);
    await relay.close()
    relay = await createRelay({ port: 0, host: '127.0.0.1', isOpen: true, dataDir, log: pino({ level: 'silent' }) })
    const late = await RawClient.join(relay.address)
    late.sendSync(rain)
    const { changes } = await late.nextSync()
    expect(A.loadIncremental(A.init(), Buffer.concat(changes))).toEqual(pasted)
  })

  it('passes nothing on that came before, and nothing twice [R7]', async () => {
    const { ada, ben, channel } = await pair()
    const changes = changesOf(3)
    ada.send({ type: 'changes', channel, changes: changes.slice(0, 2), number: 1 })
    await ben.next('changes')
    ada.send({ type: 'changes', channel, changes, number: 2 })
    expect((await ben.next('changes')).changes).toHaveLength(1)
  })
})

describe('a sync message of the relay', () => {
  it('names only what is durable [R4]', async () => {
    const { ada } = await pair()
    const changes = changesOf(3)
    const heads = [hashOf(changes[2] as Uint8Array)]
    ada.sendSync(rain, { heads, changes })
    const answer = await ada.nextSync()
    expect(answer.heads).toEqual(heads)
    await relay.close()
    relay = await createRelay({ port: 0, host: '127.0.0.1', isOpen: true, dataDir, log: pino({ level: 'silent' }) })
    const late = await RawClient.join(relay.address)
    late.sendSync(rain)
    expect((await late.nextSync()).heads).toEqual(heads)
  })

  it('brings a client that comes later everything, and the live stream goes on from there [R3] [R5]', async () => {
    const { ada, channel } = await pair()
    const changes = changesOf(4)
    ada.send({ type: 'changes', channel, changes: changes.slice(0, 3), number: 1 })
    await ada.next('ack')
    const late = await RawClient.join(relay.address, { name: 'late' })
    await late.follow(rain)
    expect((await late.nextSync()).changes).toHaveLength(3)
    ada.send({ type: 'changes', channel, changes: changes.slice(3), number: 2 })
    expect((await late.next('changes')).changes).toHaveLength(1)
  })
})

it('a document that is not here is said to be unavailable, and arrives when somebody brings it [R14]', async () => {
  const ben = await RawClient.join(relay.address, { name: 'ben' })
  ben.sendSync(rain, {}, 'request')
  expect((await ben.next('doc-unavailable')).documentId).toBe(rain)
  const ada = await RawClient.join(relay.address, { name: 'ada' })
  const channel = await ada.follow(rain)
  ada.send({ type: 'changes', channel, changes: changesOf(1), number: 1 })
  expect((await ben.next('changes')).changes).toHaveLength(1)
})

it('a client that announces no live stream gets sync messages only [R7]', async () => {
  const { ada, channel } = await pair()
  const stock = await RawClient.join(relay.address, { name: 'stock', live: false })
  stock.sendSync(rain)
  const changes = changesOf(1)
  ada.send({ type: 'changes', channel, changes, number: 1 })
  expect((await stock.nextSync()).changes.map(text)).toEqual(changes.map(text))
  expect(stock.inbox).toEqual([])
})
