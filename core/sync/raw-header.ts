/**
 * A change read from its bytes, without Automerge's decoder, which makes an object of every operation: seconds and a gigabyte for a paste of a few megabytes.
 * Layout of a change chunk after its framing: https://automerge.org/automerge-binary-format-spec/#_change_chunks
 */
import type { ChangeHeader } from '../contract/engine.ts'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'
import { ByteReader, hexOf } from './bytes.ts'
import { hashBytes } from './hash-index.ts'

/** Magic, checksum and chunk type. */
const framingBytes = 9
/** First byte of what stands after the operations, where an actor's first change names its author. */
const authorTag = 1

/** The columns of a change's operations that are read here, by their numbers in the format. */
export const column = { objectActor: 0x01, objectCounter: 0x02, keyText: 0x15, insert: 0x34, action: 0x42 } as const

export interface RawChange {
  deps: ChangeHash[]
  actor: ActorId
  seq: number
  startOp: number
  /** Milliseconds. */
  time: number
  /** Encoded columns of the operations, by number. */
  columns: ReadonlyMap<number, Uint8Array>
  /** Only on an actor's first change. */
  author: PersonKey | null
}

/** Reads an uncompressed change. Columns are cut out, not decoded. Throws `damaged`. */
export function readRawChange(chunk: Uint8Array): RawChange {
  const content = chunk.subarray(framingBytes)
  const read = new ByteReader(content)
  read.uint() // the length of what follows
  const deps = Array.from({ length: countWithin(read, content.length) }, () => hexOf(read.bytes(hashBytes)) as ChangeHash)
  const actor = hexOf(read.bytes(read.uint())) as ActorId
  const seq = read.uint()
  const startOp = read.uint()
  const seconds = readSigned(read)
  read.bytes(read.uint()) // the message
  for (let others = read.uint(); others > 0; others--) read.bytes(read.uint())
  const specs = Array.from({ length: countWithin(read, content.length) }, () => [read.uint(), read.uint()] as const)
  const columns = new Map(specs.map(([number, length]) => [number, read.bytes(length)]))
  const author = read.position < content.length ? readAuthor(read) : null
  return { deps, actor, seq, startOp, time: seconds * 1000, columns, author }
}

/**
 * Reads the header of an uncompressed change. `hash` is the SHA-256 of the chunk without its first eight bytes. Whether the operations decode is not
 * known after this. Throws `damaged`.
 */
export function readRawHeader(chunk: Uint8Array, hash: ChangeHash): ChangeHeader {
  const { deps, actor, seq, startOp, time, columns, author } = readRawChange(chunk)
  let ops = 0
  for (const { count } of runsOf(columns.get(column.action))) ops += count
  return { hash, deps, actor, seq, startOp, ops, time, author }
}

/** A number of equal values in a column. */
export interface Run<Value> {
  count: number
  /** Null where a column has no value. */
  value: Value | null
}

/** Runs of a column of whole numbers; none for a column that is not there. */
export const runsOf = (data: Uint8Array | undefined) => runs(data, (read) => read.uint())
/** Runs of a column of texts, as UTF-8. */
export const textRunsOf = (data: Uint8Array | undefined) => runs(data, (read) => read.bytes(read.uint()))

/** A run is a positive count and one value, a negative count and as many values, or zero and a count of nulls. */
function* runs<Value>(data: Uint8Array | undefined, readValue: (read: ByteReader) => Value): Generator<Run<Value>> {
  if (!data) return
  const read = new ByteReader(data)
  while (read.position < data.length) {
    const count = readSigned(read)
    if (count === 0) yield { count: read.uint(), value: null }
    else if (count > 0) yield { count, value: readValue(read) }
    else for (let single = count; single < 0; single++) yield { count: 1, value: readValue(read) }
  }
}

const readAuthor = (read: ByteReader) => (read.uint() === authorTag ? (hexOf(read.bytes(read.uint())) as PersonKey) : null)

/** A number of things that each take at least one byte: a larger one than there are bytes is damage, and must not become an array. */
function countWithin(read: ByteReader, bytes: number): number {
  const count = read.uint()
  if (count > bytes) throw new PalimpsestError('damaged', `${count} entries in ${bytes} bytes`)
  return count
}

/** A signed LEB128 number: the sign is the highest of the bits that are there. */
function readSigned(read: ByteReader): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const [byte = 0] = read.bytes(1)
    value += (byte & 127) * scale
    if (byte < 128) return (byte & 64) === 0 ? value : value - scale * 128
  }
  throw new PalimpsestError('damaged', 'a number is too long')
}
