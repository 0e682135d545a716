/** Lines that are slow, and clients that make the relay wait: who takes part goes on, however long it takes, and who does not costs nothing. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ChangeHash, DocumentId } from '../core/ids.ts'
import { closeCodes } from '../core/protocol/messages.ts'
import { writeSyncMessage } from '../core/sync/sync-message.ts'
import { RelayAccount } from '../main/engine/sync/relay-account.ts'
import { RelayLink } from '../main/engine/sync/relay-link.ts'
import { eventually } from '../test/eventually.ts'
import { RawClient } from '../test/raw-client.ts'
import { RelayPerson } from '../test/relay-person.ts'
import { unknownSigner } from '../test/unknown-signer.ts'
import { createRelay, type RelayOptions } from './server.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const metricsToken = 'a-token-for-the-monitor'

async function start(options: Partial<RelayOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const relay = await createRelay({
    port: 0,
    host: '127.0.0.1',
    dataDir,
    isOpen: true,
    metricsToken,
    log: pino({ level: 'silent' }),
    ...options,
  })
  onTestFinished(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
  const figure = async (name: string) => {
    const headers = { authorization: `Bearer ${metricsToken}` }
    const text = await (await fetch(`${relay.address.replace('ws:', 'http:')}/metrics`, { headers })).text()
    return Number(new RegExp(`^palimpsest_relay_${name} (\\d+)`, 'm').exec(text)?.[1])
  }
  return { relay, figure }
}

/** A line to a relay that takes some kilobytes at a time, in either direction; what is said later waits for what was said before. */
async function slowLineTo(address: string): Promise<string> {
  const server = createServer((near) => {
    const far = connectTcp(Number(new URL(address).port), '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes: Buffer) => {
        from.pause()
        to.write(bytes)
        setTimeout(() => from.resume(), 20)
      })
      from.on('error', () => {}).on('close', () => to.destroy())
    }
    open.push(near, far)
  })
  const open: Socket[] = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

// Slow for the relay, and so for the test, too.
vi.setConfig({ testTimeout: 60_000 })

const withPicture = (bytes: number) => A.change(A.init<{ picture: Uint8Array }>(), (draft) => void (draft.picture = randomBytes(bytes)))

it('a large picture gets to the relay and from it on a line that takes many times as long as an answer to a ping may [R12]', async () => {
  const { relay } = await start({ limits: { pingMs: 1_000, stalledMs: 10_000 } })
  const slow = await slowLineTo(relay.address)
  const doc = withPicture(8_000_000)
  const writer = await RawClient.join(slow, { name: 'writer' })
  const channel = await writer.follow(documentId)
  writer.send({ type: 'changes', channel, changes: A.getAllChanges(doc), number: 1 })
  expect(await Promise.race([writer.next('ack'), writer.closed])).toEqual({ type: 'ack', number: 1 })
  const reader = await RawClient.join(slow, { name: 'reader', live: false })
  reader.sendSync(documentId)
  const read = await Promise.race([reader.nextSync(), reader.closed])
  expect(read).toMatchObject({ heads: A.getHeads(doc) })
})

it('an app does not take a relay for dead that sends it something long on such a line [R12]', async () => {
  const { relay } = await start({ limits: { pingMs: 1_000, stalledMs: 10_000 } })
  const doc = withPicture(8_000_000)
  const writer = await RawClient.join(relay.address, { name: 'writer' })
  const channel = await writer.follow(documentId)
  writer.send({ type: 'changes', channel, changes: A.getAllChanges(doc), number: 1 })
  await writer.next('ack')
  const said: string[] = []
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<number>()
  const link = new RelayLink({
    account: new RelayAccount(await slowLineTo(relay.address), unknownSigner),
    peerId: 'reader',
    silenceMs: 2_000,
    onState: (state) => {
      said.push(state.is)
      if (state.is !== 'connected') return
      const nothing = { heads: [], need: [], have: [], changes: [] }
      const data = writeSyncMessage(nothing, true)
      link.send({ type: 'request', senderId: 'reader', targetId: state.relayId, documentId, data })
    },
    onMessage: (message) => {
      if (message.type === 'sync') arrive(message.data.length)
    },
  })
  onTestFinished(() => link.close())
  expect(await arrived).toBeGreaterThan(8_000_000)
  expect(said).toEqual(['connected'])
})

it('who takes nothing of what waits for them is cut off [R12]', async () => {
  const { relay, figure } = await start({ limits: { pingMs: 300, stalledMs: 300 } })
  const writer = await RawClient.join(relay.address, { name: 'writer' })
  const doc = withPicture(30_000_000)
  writer.sendSync(documentId, { heads: A.getHeads(doc) as ChangeHash[], changes: A.getAllChanges(doc) })
  await eventually(async () => expect(await figure('changes_total')).toBe(1))
  const sleeper = await RawClient.join(relay.address, { name: 'sleeper', live: false })
  sleeper.sendSync(documentId)
  sleeper.socket.pause()
  await eventually(async () => expect(await figure('connections')).toBeLessThan(2))
  expect(await figure('waiting_bytes')).toBe(0)
})

it('who is read slowly is not taken for dead meanwhile [R12] [R36]', async () => {
  const { relay } = await start({ isOpen: false, quotas: { messagesPerSecond: 40 }, limits: { pingMs: 1_000, inboxBytes: 1_000 } })
  const ada = await RelayPerson.join(relay, 'Ada')
  await ada.put(documentId, A.getAllChanges(ada.begin()))
  const [writer, other] = [await ada.connect(), await ada.connect()]
  await other.follow(documentId)
  // As many as are read at once, and then some for which the relay waits longer than it waits for answers to pings.
  for (let at = 0; at < 1_700; at++) writer.sendEphemeral(documentId, Uint8Array.of(at % 256))
  for (let at = 0; at < 1_700; at++) expect([...(await other.next('ephemeral')).data]).toEqual([at % 256])
  expect(writer.socket.readyState).toBe(WebSocket.OPEN)
})

it('frames that hold nothing are not read without bound while their turn has not come [R12]', async () => {
  const { relay } = await start({ isOpen: false, quotas: { messagesPerSecond: 4 }, limits: { inboxBytes: 10_000 } })
  const ada = await RelayPerson.join(relay, 'Ada')
  await ada.put(documentId, A.getAllChanges(ada.begin()))
  const [writer, other] = [await ada.connect(), await ada.connect()]
  await other.follow(documentId)
  let pongs = 0
  writer.socket.on('pong', () => (pongs += 1))
  for (let at = 0; at < 170; at++) writer.sendEphemeral(documentId, Uint8Array.of(at))
  for (let at = 0; at < 1_000; at++) writer.socket.send(new Uint8Array())
  for (let at = 0; at < 150; at++) await other.next('ephemeral')
  writer.socket.ping()
  // From about the 155th on each waits for a quarter of a second.
  for (let at = 150; at < 159; at++) await other.next('ephemeral')
  expect(pongs).toBe(0)
})

it('who sends pings and takes no answer costs no memory [R12]', async () => {
  const { relay, figure } = await start()
  const client = await RawClient.join(relay.address)
  client.socket.pause()
  const payload = Buffer.alloc(125, 'x')
  for (let at = 0; at < 200_000; at++) client.socket.ping(payload)
  await eventually(async () => expect(await figure('network_bytes_total\\{direction="in"\\}')).toBeGreaterThan(26_000_000))
  expect(await figure('waiting_bytes')).toBeLessThan(100_000)
  const { closed } = client
  client.socket.terminate()
  expect(await closed).toBe(closeCodes.lost)
})
