/** What a relay's live stream brings in short and cannot be read here comes by the sync protocol, once. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as A from '@automerge/automerge/slim'
import { expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DocumentId, PersonKey } from '../../../core/ids.ts'
import { readClientMessage, type RelayMessage, writeMessage } from '../../../core/protocol/messages.ts'
import { ChangeGraph } from '../../../core/sync/change-graph.ts'
import { chunkKind, readChangeHeader, splitChunks } from '../../../core/sync/change-header.ts'
import { SyncSession } from '../../../core/sync/session.ts'
import { isShort, shortened } from '../../../core/sync/short-change.ts'
import { readSyncMessage, writeSyncMessages } from '../../../core/sync/sync-message.ts'
import { createTextDocument } from '../../../core/text/create.ts'
import { changeText } from '../../../core/text/edit.ts'
import type { TextDocument } from '../../../core/text/document.ts'
import { startWriter } from '../../../test/shared-writers.ts'
import { OpenText, until } from '../testing/test-engine.ts'

const somebody = 'ab'.repeat(32) as PersonKey
const channel = 7
const text = createTextDocument({ title: 'Rain', margin: '' as DocumentId, author: somebody, time: 0, blocks: [] })

/** A relay that is open to all, keeps one document in memory, and streams what it is told to. */
async function smallRelay() {
  const graph = new ChangeGraph()
  const bytesOf = new Map<string, Uint8Array>()
  const session = new SyncSession(graph, { initiates: false })
  const found = { id: '' as DocumentId, syncMessages: 0, stream: null as ((changes: Uint8Array[]) => void) | null }
  const take = (changes: readonly Uint8Array[]) => {
    for (const { header, bytes } of graph.add(changes).added) bytesOf.set(header.hash, bytes)
  }
  const server = createServer((_, response) => response.end(JSON.stringify({ open: true })))
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket: WebSocket) => {
    const say = (message: RelayMessage) => socket.send(writeMessage(message))
    found.stream = (changes) => say({ type: 'changes', channel, changes })
    socket.on('message', (frame: Buffer) => {
      const message = readClientMessage(frame)
      if (message.type === 'join') {
        const peerMetadata = { palimpsest: { live: 1 } }
        say({ type: 'peer', senderId: 'relay', targetId: message.senderId, peerMetadata, selectedProtocolVersion: '1' })
      }
      if (message.type === 'changes') {
        take(message.changes)
        say({ type: 'ack', number: message.number ?? 0 })
      }
      if (message.type !== 'sync' || message.documentId !== found.id) return
      const { documentId, senderId: targetId } = message
      if (found.syncMessages++ === 0) {
        say({ type: 'live', documentId, channel })
        session.goLive()
      }
      const sync = readSyncMessage(message.data)
      take(
        sync.changes.flatMap(splitChunks).flatMap((chunk) => (chunkKind(chunk) === 'document' ? A.getAllChanges(A.load(chunk)) : [chunk])),
      )
      session.receive(sync)
      for (let plan = session.next(); plan; plan = session.next()) {
        const chunks = plan.rows.map((row) => bytesOf.get(graph.hashAt(row)) as Uint8Array)
        for (const data of writeSyncMessages(plan, chunks, false)) say({ type: 'sync', senderId: 'relay', targetId, documentId, data })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  /** Takes changes as if another client had sent them, and gives them as they travel. */
  const shorten = (changes: readonly Uint8Array[]) =>
    changes.map((bytes) => {
      take([bytes])
      return shortened({ header: readChangeHeader(bytes), bytes }, graph)
    })
  return { address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, found, shorten, graph }
}

/** Letters of somebody else, each on top of the one before. */
function letters(count: number): Uint8Array[] {
  let doc: A.Doc<TextDocument> = A.clone(text, { author: somebody })
  const heads = A.getHeads(doc)
  for (let at = 0; at < count; at++) doc = changeText(doc, { time: 0 }, (draft) => draft.splice(1, 0, `${at}`))
  return A.getChangesSince(doc, heads)
}

it.each<[string, (short: Uint8Array[]) => Uint8Array[]]>([
  ['one of them never came', (short) => short.filter((_, at) => at !== 2)],
  ['one names something else', (short) => short.map((each, at) => (at === 2 ? each.with(10, (each[10] ?? 0) ^ 255) : each))],
  ['one has another content', (short) => short.map((each, at) => (at === 2 ? each.with(each.length - 1, (each.at(-1) ?? 0) ^ 1) : each))],
  ['one has another hash', (short) => short.map((each, at) => (at === 2 ? each.with(6, (each[6] ?? 0) ^ 1) : each))],
])('where %s', async (_, damage) => {
  const relay = await smallRelay()
  const { client } = await startWriter(null)
  const { id } = await client.call('document.create', { folder: null, chunks: [A.save(text)] })
  relay.found.id = id
  const open = await OpenText.open(client, id)
  await client.call('settings.update', { relay: relay.address })
  void client.call('share.create', { id }).catch(() => null)
  const isSettled = async () => {
    const status = await client.call('sync.status', { id })
    return status.state === 'online' && status.unsent === 0
  }
  await until(isSettled)
  const before = relay.found.syncMessages
  const written = letters(9)
  const short = relay.shorten(written.slice(0, 8))
  expect(short.every(isShort)).toBe(true)
  for (const change of damage(short)) relay.found.stream?.([change])
  await until(() => open.text.includes('76543210'))
  await until(isSettled)
  expect(relay.found.syncMessages - before).toBeLessThanOrEqual(6)
  // The live stream goes on from there.
  await open.type('Ada goes on. ')
  await until(isSettled)
  const asked = relay.found.syncMessages
  relay.found.stream?.(relay.shorten(written.slice(8)))
  await until(() => open.text.includes('8'))
  expect(relay.found.syncMessages).toBe(asked)
})
