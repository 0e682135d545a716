/** What no honest relay sends. Whatever comes, the engine lives on, the text is whole, and what is honest is taken. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateRawSync } from 'node:zlib'
import * as A from '@automerge/automerge/slim'
import { cbor } from '@automerge/automerge-repo/slim'
import { expect, it, onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DocumentId, PersonKey } from '../../../core/ids.ts'
import { readClientMessage, type RelayMessage, writeMessage } from '../../../core/protocol/messages.ts'
import { ByteWriter } from '../../../core/sync/bytes.ts'
import { ChangeGraph } from '../../../core/sync/change-graph.ts'
import { readChangeHeader } from '../../../core/sync/change-header.ts'
import { shortened } from '../../../core/sync/short-change.ts'
import { writeSyncMessage } from '../../../core/sync/sync-message.ts'
import { createTextDocument } from '../../../core/text/create.ts'
import { changeText } from '../../../core/text/edit.ts'
import type { TextDocument } from '../../../core/text/document.ts'
import { startWriter } from '../../../test/shared-writers.ts'
import { connect, OpenText, startEngine, until } from '../testing/test-engine.ts'

const somebody = 'ab'.repeat(32) as PersonKey
const channel = 7

/** The text that the writer shares, and what somebody else honestly adds. */
const text = createTextDocument({ title: 'Rain', margin: '' as DocumentId, author: somebody, time: 0, blocks: [] })
const honest = A.getLastLocalChange(
  changeText(A.clone(text, { author: somebody }), { time: 0 }, (draft) => draft.splice(1, 0, 'honest')),
) as Uint8Array
const heads = A.getHeads(text) as never[]

const actor = 'ee'.repeat(16)
const forged = (parts: object) =>
  A.encodeChange({
    actor,
    seq: 1,
    startOp: 1_000,
    time: 0,
    message: null,
    deps: heads,
    ops: [{ action: 'set', obj: '_root', key: 'title', value: 'forged', pred: [] }],
    ...parts,
  } as unknown as Parameters<typeof A.encodeChange>[0])

/** As a relay writes it that has the text. */
function inShort(bytes: Uint8Array): Uint8Array {
  const graph = new ChangeGraph()
  graph.add([...A.getAllChanges(text), bytes])
  return shortened({ header: readChangeHeader(bytes), bytes }, graph)
}

/** A few kilobytes that claim to be a change of half a gigabyte. */
function bomb(): Uint8Array {
  const content = deflateRawSync(new Uint8Array(500_000_000), { level: 9 })
  const length = new ByteWriter()
  length.uint(content.length)
  return Buffer.concat([honest.subarray(0, 8), Uint8Array.of(2), length.finish(), content])
}

const streamed = (...changes: Uint8Array[]) => writeMessage({ type: 'changes', channel, changes })
function synced(documentId: DocumentId, chunks: Uint8Array[]): Uint8Array {
  const message = { heads, need: [], have: [], changes: chunks }
  return writeMessage({ type: 'sync', senderId: 'relay', targetId: 'x', documentId, data: writeSyncMessage(message, true) })
}
const damaged = (chunk: Uint8Array) => chunk.with(chunk.length - 20, (chunk[chunk.length - 20] ?? 0) ^ 255)

/** A relay that is open to all, and follows the first message about a document with something else, once. Afterwards it is honest. */
async function hostileRelay(id: () => DocumentId, hostile: (id: DocumentId) => Uint8Array): Promise<string> {
  let isHostile = true
  const server = createServer((_, response) => response.end(JSON.stringify({ open: true })))
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket: WebSocket) => {
    const say = (message: RelayMessage) => socket.send(writeMessage(message))
    let isLive = false
    socket.on('message', (frame: Buffer) => {
      const message = readClientMessage(frame)
      if (message.type === 'join') {
        const peerMetadata = { palimpsest: { live: 1 } }
        say({ type: 'peer', senderId: 'relay', targetId: message.senderId, peerMetadata, selectedProtocolVersion: '1' })
      }
      if (message.type !== 'sync' || message.documentId !== id() || isLive) return
      isLive = true
      say({ type: 'live', documentId: id(), channel })
      socket.send(synced(id(), []))
      if (isHostile) socket.send(hostile(id()))
      isHostile = false
      socket.send(streamed(honest))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it.each<[string, (id: DocumentId) => Uint8Array]>([
  ['garbage', () => Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251)],
  ['CBOR that is cut off', () => streamed(honest).subarray(0, 30)],
  ['CBOR that announces gigabytes', () => Uint8Array.from(Buffer.from('9a01ffffff'.repeat(200), 'hex'))],
  ['a message that only clients send', () => writeMessage({ type: 'leave', senderId: 'relay' })],
  ['an unknown type', () => cbor.encode({ type: 'take-over' })],
  ['changes on a channel that nobody gave', () => writeMessage({ type: 'changes', channel: 99, changes: [forged({})] })],
  ['a change that is none', () => streamed(Uint8Array.of(1))],
  ['a change in short that is cut off', () => streamed(Uint8Array.of(1, 2, 3))],
  ['a change in short that names nothing', () => streamed(Uint8Array.of(1, ...new Uint8Array(8).fill(7), 1, 9, 9, 9, 9, 16))],
  ['a change in short that names millions', () => streamed(Uint8Array.of(1, ...new Uint8Array(8).fill(7), 255, 255, 255, 127, 9, 9, 9, 9))],
  ['a change in short of another hash', () => streamed(inShort(honest).with(3, 1))],
  ['a change in short with another letter', () => streamed(Buffer.concat([inShort(honest).subarray(0, -1), Uint8Array.of(1)]))],
  ['a change in short as large as a chapter', () => streamed(Buffer.concat([inShort(honest), new Uint8Array(10_000)]))],
  ['a change with a wrong checksum', () => streamed(forged({}).with(5, 1))],
  ['a bomb', () => streamed(bomb())],
  ['a change that depends on nothing known', () => streamed(forged({ deps: ['ab'.repeat(32)] }))],
  ['a number that does not follow', () => streamed(forged({ seq: 4 }))],
  ['two changes with one number', () => streamed(forged({ time: 1 }), forged({ time: 2 }))],
  ['operations numbered beyond what can be loaded', () => streamed(forged({ startOp: 30_000_000 }))],
  ['operations numbered like others', () => streamed(forged({ startOp: 1 }))],
  ['a saved document whose middle is changed', (id) => synced(id, [damaged(A.save(text))])],
  [
    'a sync message that is none',
    (documentId) => writeMessage({ type: 'sync', senderId: 'relay', targetId: 'x', documentId, data: Uint8Array.of(9) }),
  ],
  ['an acknowledgement of what was never sent', () => writeMessage({ type: 'ack', number: 1_000_000 })],
])('%s', async (_, hostile) => {
  const { client: ada, dataDir, engine } = await startWriter(null)
  const { id } = await ada.call('document.create', { folder: null, chunks: [A.save(text)] })
  const open = await OpenText.open(ada, id)
  await ada.call('settings.update', { relay: await hostileRelay(() => id, hostile) })
  // Whether the sharing is told to have worked depends on what the relay says; what counts is below.
  void ada.call('share.create', { id }).catch(() => null)
  await until(() => open.text.includes('honest'))
  await open.type('Ada goes on. ')
  await until(async () => (await ada.call('sync.status', { id })).saved)
  const written = open.text
  await engine.close()
  const again = connect(await startEngine(dataDir))
  expect((await OpenText.open(again, id)).text).toBe(written)
  expect(written).toContain('Ada goes on.')
  const { chunks } = await again.call('document.open', { id })
  const doc = A.loadIncremental(A.init<TextDocument>(), Buffer.concat(chunks))
  expect(A.load<TextDocument>(A.save(doc)).segments).toHaveLength(1)
})
