import { createHash, randomBytes } from 'node:crypto'
import * as A from '@automerge/automerge'
import { WebSocket } from 'ws'
import type { DocumentId } from '../../core/ids.ts'
import { readRelayMessage, writeMessage } from '../../core/protocol/messages.ts'
import { writeSyncMessage } from '../../core/sync/sync-message.ts'
import { deafen, type Writers, type WritersOptions } from './writers.ts'

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
}

/** Clients that speak our live stream. */
export async function palimpsestWriters({ address, count, document, observers, onReceived }: WritersOptions): Promise<Writers> {
  const traffic = { bytes: 0, changes: 0 }
  // What everybody here has seen: the heads of the document, and the number of its last operation.
  const seen = { heads: new Set([baseHash]), maxOp: 2 }
  const writers = await Promise.all(Array.from({ length: count }, (_, index) => join(address, document as DocumentId, index)))
  for (const { socket } of writers.slice(observers)) deafen(socket)
  writers.slice(0, observers).forEach(({ socket }, index) => socket.on('message', (frame: Buffer) => receive(index, frame)))

  function receive(index: number, frame: Buffer): void {
    const message = readRelayMessage(frame)
    if (message.type !== 'changes') return
    traffic.bytes += frame.length
    traffic.changes += message.changes.length
    for (const change of message.changes) {
      onReceived(markOf(change))
      if (index === 0) see(change)
    }
  }

  function see(change: Uint8Array): void {
    const { hash, deps, startOp, ops } = A.decodeChange(change)
    for (const dep of deps) seen.heads.delete(dep)
    seen.heads.add(hash)
    seen.maxOp = Math.max(seen.maxOp, startOp + ops.length - 1)
  }

  return {
    write(index) {
      const writer = writers[index] as Writer
      const deps = [...new Set([...seen.heads, ...(writer.last ? [writer.last] : [])])]
      const startOp = seen.maxOp + 1
      const ops = [{ action: 'set', obj: '1@00', elemId: writer.elemId, insert: true, value: 'a', pred: [] }]
      const change = encode({ actor: writer.actor, seq: ++writer.seq, startOp, deps, ops })
      writer.elemId = `${startOp}@${writer.actor}`
      writer.last = hashOf(change)
      writer.socket.send(writeMessage({ type: 'changes', channel: writer.channel, changes: [change], number: ++writer.sent }))
      if (index === 0) see(change)
      return markOf(change)
    },
    takeTraffic() {
      const taken = { ...traffic }
      traffic.bytes = 0
      traffic.changes = 0
      return taken
    },
    close: () => writers.forEach(({ socket }) => socket.close()),
  }
}

function join(address: string, documentId: DocumentId, index: number): Promise<Writer> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  const senderId = `writer-${process.pid}-${index}`
  const peerMetadata = { palimpsest: { live: 1 } }
  const have = [{ lastSync: [], bloom: new Uint8Array() }]
  socket.on('open', () => socket.send(writeMessage({ type: 'join', senderId, peerMetadata, supportedProtocolVersions: ['1'] })))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', function receive(frame: Buffer) {
      const message = readRelayMessage(frame)
      if (message.type === 'peer') {
        const data = writeSyncMessage({ heads: [baseHash] as never, need: [], have, changes: [base] }, false)
        socket.send(writeMessage({ type: 'sync', senderId, targetId: message.senderId, documentId, data }))
      }
      if (message.type !== 'live') return
      socket.off('message', receive)
      resolve({ socket, actor: randomBytes(16).toString('hex'), seq: 0, elemId: '2@00', last: null, channel: message.channel, sent: 0 })
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

/** The hash's first four bytes are the chunk's checksum. */
const markOf = (change: Uint8Array) => Buffer.from(change.subarray(4, 8)).toString('hex')

function hashOf(change: Uint8Array): string {
  return createHash('sha256').update(change.subarray(8)).digest('hex')
}
