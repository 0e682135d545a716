import { createHash, randomBytes } from 'node:crypto'
import * as A from '@automerge/automerge'
import { WebSocket } from 'ws'
import type { DocumentId } from '../../core/ids.ts'
import { ByteReader, ByteWriter, bytesOfHex } from '../../core/sync/bytes.ts'
import { readRelayMessage, writeMessage } from '../../core/protocol/messages.ts'
import { type ChangeHeader, readChangeHeader, splitChunks } from '../../core/sync/change-header.ts'
import { HeaderTable } from '../../core/sync/header-table.ts'
import { readKeystroke } from '../../core/sync/keystroke.ts'
import { isShort, restore } from '../../core/sync/short-change.ts'
import { readSyncMessage, writeSyncMessage } from '../../core/sync/sync-message.ts'
import { newDocumentId } from '../../main/engine/identity.ts'
import { platform } from '../../sync-relay/platform.ts'
import type { FloodTask, Pair } from './flood.ts'
import { type Arrival, deafen, type Writers, type WritersOptions } from './writers.ts'

/** The document's first change, the same for everybody: a text to type into. */
const baseOps = [
  { action: 'makeText', obj: '_root', key: 'text', pred: [] },
  { action: 'set', obj: '1@00', elemId: '_head', insert: true, value: 'x', pred: [] },
]
const base = encode({ actor: '00', seq: 1, startOp: 1, deps: [], ops: baseOps })
const baseHash = hashOf(base)

/** One person at one keyboard: letter after letter, each on top of the one before and of what the person had seen by then. */
interface Writer {
  socket: WebSocket
  actor: string
  seq: number
  /** Where the caret is. */
  elemId: string
  last: string | null
  channel: number
  sent: number
  /** What the relay had of the document when the writer joined. */
  before: Uint8Array[]
}

/** Clients that speak our live stream. With an author they are all devices of that person. */
export async function palimpsestWriters({ address, count, document, author, observers }: WritersOptions): Promise<Writers> {
  let arrivals: Arrival[] = []
  // What everybody here has seen: the heads of the document, and the number of its last operation; and what came since somebody looked.
  const seen = { heads: new Set([baseHash]), maxOp: 2, changes: new HeaderTable() }
  seen.changes.append(readChangeHeader(base), [])
  const writers = await Promise.all(Array.from({ length: count }, (_, index) => join(address, document as DocumentId, index)))
  let unseen: Buffer[] = []
  for (const { socket } of writers.slice(observers)) deafen(socket)
  for (const { socket } of writers.slice(0, observers))
    socket.on('message', (frame: Buffer) => arrivals.push({ frame, at: performance.now() }))
  writers[0]?.socket.on('message', (frame: Buffer) => unseen.push(frame))

  function seeAll(): void {
    for (const frame of unseen) changesIn(frame).forEach(read)
    unseen = []
  }

  function read(change: Uint8Array): void {
    const restored = isShort(change) ? restore({ short: change, platform }, seen.changes) : { header: readChangeHeader(change) }
    if (restored === 'here') return
    if ('awaits' in restored) throw new Error(`a change in short names ${restored.awaits}, which is not here`)
    if (seen.changes.rowOf(restored.header.hash) < 0) see(restored.header)
  }

  function see(header: ChangeHeader): void {
    seen.changes.append(header, [])
    for (const dep of header.deps) seen.heads.delete(dep)
    seen.heads.add(header.hash)
    seen.maxOp = Math.max(seen.maxOp, header.startOp + header.ops - 1)
  }

  writers[0]?.before.forEach(read)
  return {
    write(index) {
      seeAll()
      const writer = writers[index] as Writer
      const deps = [...new Set([...seen.heads, ...(writer.last ? [writer.last] : [])])]
      const startOp = seen.maxOp + 1
      const ops = [{ action: 'set', obj: '1@00', elemId: writer.elemId, insert: true, value: 'a', pred: [] }]
      const plain = encode({ actor: writer.actor, seq: ++writer.seq, startOp, deps, ops })
      const change = author !== undefined && writer.seq === 1 ? signed(plain, author) : plain
      writer.elemId = `${startOp}@${writer.actor}`
      writer.last = hashOf(change)
      if (index === 0) see(readKeystroke(change, platform) ?? readChangeHeader(change))
      return { mark: markOf(change), at: send(writer, change) }
    },
    takeReceived() {
      const frames = arrivals.map(({ frame, at }) => ({ bytes: frame.length, marks: changesIn(frame).map(markOf), at }))
      arrivals = []
      return {
        bytes: frames.reduce((sum, { bytes, marks }) => sum + (marks.length > 0 ? bytes : 0), 0),
        changes: frames.flatMap(({ marks, at }) => marks.map((mark) => ({ mark, at }))),
      }
    },
    close: () => writers.forEach(({ socket }) => socket.close()),
  }
}

/** Nothing for a frame of another kind. */
function changesIn(frame: Uint8Array): Uint8Array[] {
  const message = readRelayMessage(frame)
  return message.type === 'changes' ? message.changes : []
}

/** Pairs who pass on letters that were made before: each one on top of the one before. */
export async function palimpsestPairs({ address, documents, changes }: FloodTask): Promise<Pair[]> {
  const letters = typed(changes)
  return Promise.all(
    Array.from({ length: documents }, async (_, at) => {
      const id = newDocumentId()
      const [writer, reader] = await Promise.all([join(address, id, 2 * at), join(address, id, 2 * at + 1)])
      const pair: Pair = { write: () => send(writer, letters[writer.sent] as Uint8Array), onRead: () => {} }
      reader.socket.on('message', (frame: Buffer) => {
        const { length } = changesIn(frame)
        if (length > 0) pair.onRead(length)
      })
      return pair
    }),
  )
}

/** The keystrokes of one writer who is alone. */
function typed(count: number): Uint8Array[] {
  const actor = randomBytes(16).toString('hex')
  let [last, elemId] = [baseHash, '2@00']
  return Array.from({ length: count }, (_, at) => {
    const ops = [{ action: 'set', obj: '1@00', elemId, insert: true, value: 'a', pred: [] }]
    const change = encode({ actor, seq: at + 1, startOp: at + 3, deps: [last], ops })
    last = hashOf(change)
    elemId = `${at + 3}@${actor}`
    return change
  })
}

/** Connections with a document of their own each, in which there is a text with one letter; also as stock clients. */
export const palimpsestIdlers = (address: string, count: number, isLive: boolean) =>
  Promise.all(Array.from({ length: count }, (_, at) => join(address, newDocumentId(), at, isLive)))

/** Gives a change to the writer's socket, and says when. */
function send(writer: Writer, change: Uint8Array): number {
  const frame = writeMessage({ type: 'changes', channel: writer.channel, changes: [change], number: ++writer.sent })
  const at = performance.now()
  writer.socket.send(frame)
  return at
}

/** An actor's first change with its author, whom Automerge's encoder leaves out. */
function signed(change: Uint8Array, author: string): Uint8Array {
  const reader = new ByteReader(change.subarray(9))
  const content = reader.bytes(reader.uint())
  const out = new ByteWriter()
  out.bytes(Uint8Array.of(1))
  out.uint(content.length + 34)
  for (const part of [content, Uint8Array.of(1, 32), bytesOfHex(author)]) out.bytes(part)
  const framed = out.finish()
  return Buffer.concat([change.subarray(0, 4), createHash('sha256').update(framed).digest().subarray(0, 4), framed])
}

function join(address: string, documentId: DocumentId, index: number, isLive = true): Promise<Writer> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  const senderId = `writer-${process.pid}-${index}`
  const peerMetadata = isLive ? { palimpsest: { live: 1 } } : {}
  const have = [{ lastSync: [], bloom: new Uint8Array() }]
  socket.on('open', () => socket.send(writeMessage({ type: 'join', senderId, peerMetadata, supportedProtocolVersions: ['1'] })))
  return new Promise((resolve, reject) => {
    let channel = 0
    socket.on('error', reject)
    socket.on('message', function receive(frame: Buffer) {
      const message = readRelayMessage(frame)
      if (message.type === 'peer') {
        const data = writeSyncMessage({ heads: [baseHash] as never, need: [], have, changes: [base] }, false)
        socket.send(writeMessage({ type: 'sync', senderId, targetId: message.senderId, documentId, data }))
      }
      if (message.type === 'live') channel = message.channel
      if (message.type !== 'sync') return
      socket.off('message', receive)
      const before = readSyncMessage(message.data).changes.flatMap(splitChunks)
      resolve({ socket, actor: randomBytes(16).toString('hex'), seq: 0, elemId: '2@00', last: null, channel, sent: 0, before })
    })
  })
}

function encode(change: { actor: string; seq: number; startOp: number; deps: string[]; ops: object[] }): Uint8Array {
  return A.encodeChange({
    time: Math.floor(Date.now() / 1000) * Math.sign(change.deps.length),
    message: null,
    ...change,
  } as unknown as Parameters<typeof A.encodeChange>[0])
}

/** The hash's first four bytes, which are also a chunk's checksum. */
const markOf = (change: Uint8Array) => Buffer.from(isShort(change) ? change.subarray(1, 5) : change.subarray(4, 8)).toString('hex')

function hashOf(change: Uint8Array): string {
  return createHash('sha256').update(change.subarray(8)).digest('hex')
}
