/**
 * A change read from its bytes, without Automerge's decoder, which makes an object of every operation: seconds and a gigabyte for a paste of a few megabytes.
 * Layout of a change chunk after its framing: https://automerge.org/automerge-binary-format-spec/#_change_chunks
 */
import type { ChangeHeader } from './change-header.ts'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'
import { ByteReader, hexOf } from './bytes.ts'
import { hashBytes, hashText } from './hash-index.ts'

/** Magic, checksum and chunk type. */
const framingBytes = 9
/** First byte of what stands after the operations, where an actor's first change names its author. */
const authorTag = 1

/** The columns of a change's operations that are read here, by their numbers in the format. */
export const column = {
  objectActor: 0x01,
  objectCounter: 0x02,
  keyActor: 0x11,
  keyCounter: 0x13,
  keyText: 0x15,
  insert: 0x34,
  action: 0x42,
  valueKind: 0x56,
  value: 0x57,
  predecessors: 0x70,
  predecessorActor: 0x71,
  predecessorCounter: 0x73,
} as const

/**
 * An uncompressed change, read where it stands; the operations are cut out, not decoded. One reader serves one change after the other, because a saved
 * document of a few hundred kilobytes holds hundreds of thousands of changes, and a dozen objects for each of them cost seconds.
 */
export class RawChange {
  /** The bytes that hold the change. */
  bytes: Uint8Array = new Uint8Array()
  /** Where the hashes of its dependencies begin, and how many there are. */
  depsAt = 0
  depCount = 0
  actor = '' as ActorId
  seq = 0
  startOp = 0
  /** Number of operations. */
  ops = 0
  /** Milliseconds. */
  time = 0
  /** Only on an actor's first change. */
  author: PersonKey | null = null
  /** Number of actors that the operations may name, its own included. */
  actorCount = 0
  /** Where the message stands that Automerge keeps with a change, and how long it is. */
  messageAt = 0
  messageBytes = 0
  /** The operations end where the chunk ends, as its framing says. */
  isExact = false
  #actorBytes: Uint8Array = new Uint8Array()
  /** Number, place and length of each column, one after another. */
  readonly #columns: number[] = []

  /** Reads a change, in the place of the one before. Throws `damaged`. */
  read(chunk: Uint8Array): this {
    const read = new ByteReader(chunk)
    this.bytes = chunk
    read.skip(framingBytes)
    const length = read.uint()
    const end = read.position + length
    this.depCount = read.uint()
    this.depsAt = read.skip(this.depCount * hashBytes)
    this.#readActor(read)
    this.seq = read.uint()
    this.startOp = read.uint()
    this.time = readSigned(read) * 1000
    this.messageBytes = read.uint()
    this.messageAt = read.skip(this.messageBytes)
    this.actorCount = 1
    for (let others = read.uint(); others > 0; others--, this.actorCount++) read.skip(read.uint())
    this.#readColumns(read)
    this.isExact = read.position === end && end === chunk.length
    this.ops = countOperations(this.column(column.action))
    this.author = read.position < chunk.length ? readAuthor(read) : null
    return this
  }

  /** An encoded column of the operations. */
  column(number: number): Uint8Array | undefined {
    const columns = this.#columns
    for (let at = 0; at < columns.length; at += 3) {
      const start = columns[at + 1] ?? 0
      if (columns[at] === number) return this.bytes.subarray(start, start + (columns[at + 2] ?? 0))
    }
    return undefined
  }

  /** Whether the operations have these columns, in this order, and no others. */
  hasColumns(numbers: readonly number[]): boolean {
    return this.#columns.length === numbers.length * 3 && numbers.every((number, at) => this.#columns[at * 3] === number)
  }

  /** Its header, with the SHA-256 of the chunk without its first eight bytes. */
  header(hash: ChangeHash): ChangeHeader {
    const { bytes, depsAt, depCount, actor, seq, startOp, ops, time, author } = this
    const deps = Array.from({ length: depCount }, (_, at) => hashText(bytes, depsAt + at * hashBytes))
    return { hash, deps, actor, seq, startOp, ops, time, author }
  }

  /** Most changes are of the actor of the one before. */
  #readActor(read: ByteReader): void {
    const length = read.uint()
    const at = read.skip(length)
    const known = this.#actorBytes
    let same = 0
    while (same < length && known[same] === this.bytes[at + same]) same += 1
    if (same === length && length === known.length) return
    this.#actorBytes = this.bytes.slice(at, at + length)
    this.actor = hexOf(this.#actorBytes) as ActorId
  }

  #readColumns(read: ByteReader): void {
    const count = read.uint()
    if (count > this.bytes.length) throw new PalimpsestError('damaged', `${count} columns in ${this.bytes.length} bytes`)
    const columns = this.#columns
    columns.length = 0
    for (let left = count; left > 0; left--) columns.push(read.uint(), 0, read.uint())
    for (let at = 0; at < columns.length; at += 3) columns[at + 1] = read.skip(columns[at + 2] ?? 0)
  }
}

/**
 * Reads the header of an uncompressed change. `hash` is the SHA-256 of the chunk without its first eight bytes. Whether the operations decode is not
 * known after this. Throws `damaged`.
 */
export const readRawHeader = (chunk: Uint8Array, hash: ChangeHash): ChangeHeader => new RawChange().read(chunk).header(hash)

/** The number of operations, from the column of their actions. */
function countOperations(actions: Uint8Array | undefined): number {
  // Most changes are one keystroke: a literal run of one action, or one repeated once.
  if (actions?.length === 2 && actions[0] === 0x7f) return 1
  let ops = 0
  for (const { count } of runsOf(actions)) ops += count
  return ops
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

/** A signed LEB128 number: the sign is the highest of the bits that are there. Throws `damaged`. */
export function readSigned(read: ByteReader): number {
  let value = 0
  let before = -1
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = read.byte()
    value += (byte & 127) * scale
    if (byte >= 128) {
      before = byte
      continue
    }
    // A last byte that says nothing but the sign, which the one before has said.
    if (before >= 0 && byte === ((before & 64) === 0 ? 0 : 127)) break
    return (byte & 64) === 0 ? value : value - scale * 128
  }
  throw new PalimpsestError('damaged', 'a number is longer than it need be')
}
