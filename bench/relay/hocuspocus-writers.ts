import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import type { FloodTask, Pair } from './flood.ts'
import { type Arrival, deafen, type Writers, type WritersOptions } from './writers.ts'

/** Of Hocuspocus's protocol: kinds of messages, and of sync messages. */
const kinds = { sync: 0, auth: 2, syncReply: 4 } as const
const syncKinds = { step1: 0, update: 2 } as const

interface Writer {
  socket: WebSocket
  doc: Y.Doc
}

/** Clients that speak to Hocuspocus as its provider does, each with the Yjs document that it types into. */
export async function hocuspocusWriters({ address, count, document, observers }: WritersOptions): Promise<Writers> {
  let arrivals: Arrival[] = []
  const writers = await Promise.all(Array.from({ length: count }, () => join(address, document)))
  for (const { socket } of writers.slice(observers)) deafen(socket)
  for (const { socket } of writers.slice(0, observers))
    socket.on('message', (frame: Buffer) => arrivals.push({ frame, at: performance.now() }))

  return {
    write(index) {
      const { doc, socket } = writers[index] as Writer
      const text = doc.getText('text')
      const sent = { mark: '', at: 0 }
      doc.once('update', (update: Uint8Array) => {
        sent.mark = marksOf(update)[0] ?? ''
        const frame = message(document, kinds.sync, syncKinds.update, update)
        sent.at = performance.now()
        socket.send(frame)
      })
      text.insert(text.length, 'a')
      return sent
    },
    takeReceived() {
      const updates = arrivals.flatMap(({ frame, at }) => {
        const update = updateIn(frame)
        return update ? [{ bytes: frame.length, marks: marksOf(update), at }] : []
      })
      arrivals = []
      return {
        bytes: updates.reduce((sum, { bytes }) => sum + bytes, 0),
        changes: updates.flatMap(({ marks, at }) => marks.map((mark) => ({ mark, at }))),
      }
    },
    close: () => writers.forEach(({ socket }) => socket.close()),
  }
}

/** Pairs who pass on letters: each one at the end of the text. */
export const hocuspocusPairs = ({ address, documents }: FloodTask): Promise<Pair[]> =>
  Promise.all(
    Array.from({ length: documents }, async (_, at) => {
      const [writer, reader] = await Promise.all([join(address, `${at}`), join(address, `${at}`)])
      const pair: Pair = { write: () => text.insert(text.length, 'a'), onRead: () => {} }
      const text = writer.doc.getText('text')
      writer.doc.on('update', (update: Uint8Array) => writer.socket.send(message(`${at}`, kinds.sync, syncKinds.update, update)))
      reader.socket.on('message', (frame: Buffer) => {
        const update = updateIn(frame)
        if (update) pair.onRead(marksOf(update).length)
      })
      return pair
    }),
  )

/** Connections with a document of their own each, in which there is a text with one letter. */
export async function hocuspocusIdlers(address: string, count: number): Promise<void> {
  const idlers = Array.from({ length: count }, async (_, at) => {
    const { doc, socket } = await join(address, `${at}`)
    doc.on('update', (update: Uint8Array) => socket.send(message(`${at}`, kinds.sync, syncKinds.update, update)))
    doc.getText('text').insert(0, 'x')
  })
  await Promise.all(idlers)
}

function join(address: string, document: string): Promise<Writer> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  const doc = new Y.Doc()
  socket.on('open', () => {
    const encoder = createEncoder()
    writeVarString(encoder, document)
    writeVarUint(encoder, kinds.auth)
    writeVarUint(encoder, 0)
    writeVarString(encoder, 'anybody')
    socket.send(toUint8Array(encoder))
    socket.send(message(document, kinds.sync, syncKinds.step1, Y.encodeStateVector(doc)))
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', function receive(frame: Buffer) {
      const decoder = createDecoder(frame)
      readVarString(decoder)
      const kind = readVarUint(decoder)
      if (kind !== kinds.sync && kind !== kinds.syncReply) return
      socket.off('message', receive)
      resolve({ socket, doc })
    })
  })
}

function message(document: string, kind: number, syncKind: number, content: Uint8Array): Uint8Array {
  const encoder = createEncoder()
  writeVarString(encoder, document)
  writeVarUint(encoder, kind)
  writeVarUint(encoder, syncKind)
  writeVarUint8Array(encoder, content)
  return toUint8Array(encoder)
}

function updateIn(frame: Buffer): Uint8Array | null {
  const decoder = createDecoder(frame)
  readVarString(decoder)
  if (readVarUint(decoder) !== kinds.sync || readVarUint(decoder) !== syncKinds.update) return null
  return readVarUint8Array(decoder)
}

/** Client and clock of each letter: the server merges updates, and letters of one writer in them. */
const marksOf = (update: Uint8Array): string[] =>
  Y.decodeUpdate(update).structs.flatMap(({ id, length }) => Array.from({ length }, (_, at) => `${id.client} ${id.clock + at}`))
