/**
 * The header of a change read from its bytes, without its operations: they cost Automerge's decoder seconds and a gigabyte for a paste of a few megabytes.
 * Layout of a change chunk after its framing: https://automerge.org/automerge-binary-format-spec/#_change_chunks
 */
import type { ChangeHeader } from '../contract/engine.ts'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'
import { ByteReader, hexOf } from './bytes.ts'
import { hashBytes } from './hash-index.ts'

/** Magic, checksum and chunk type. */
const framingBytes = 9
/** The column that says what each operation does: a run-length encoded list, so its runs add up to the number of operations. */
const actionColumn = 0x42
/** First byte of what stands after the operations, where an actor's first change names its author. */
const authorTag = 1

/**
 * Reads the header of an uncompressed change. `hash` is the SHA-256 of the chunk without its first eight bytes. Whether the operations decode is not
 * known after this. Throws `damaged`.
 */
export function readRawHeader(chunk: Uint8Array, hash: ChangeHash): ChangeHeader {
  const content = chunk.subarray(framingBytes)
  const read = new ByteReader(content)
  read.uint() // the length of what follows
  const deps = Array.from({ length: read.uint() }, () => hexOf(read.bytes(hashBytes)) as ChangeHash)
  const actor = hexOf(read.bytes(read.uint())) as ActorId
  const seq = read.uint()
  const startOp = read.uint()
  const seconds = signed(read)
  read.bytes(read.uint()) // the message
  for (let others = read.uint(); others > 0; others--) read.bytes(read.uint())
  const ops = countOperations(read)
  return { hash, deps, actor, seq, startOp, ops, time: seconds * 1000, author: read.position < content.length ? readAuthor(read) : null }
}

/** Leaves the reader behind the columns. */
function countOperations(read: ByteReader): number {
  const columns = Array.from({ length: read.uint() }, () => ({ column: read.uint(), length: read.uint() }))
  let ops = 0
  for (const { column, length } of columns) {
    const data = read.bytes(length)
    if (column === actionColumn) ops = countRuns(new ByteReader(data), length)
  }
  return ops
}

/** Adds up a run-length encoded list: a positive count and one value, a negative count and as many values, or zero and a count of nulls. */
function countRuns(read: ByteReader, length: number): number {
  let count = 0
  while (read.position < length) {
    const run = signed(read)
    if (run === 0) count += read.uint()
    else {
      for (let values = run > 0 ? 1 : -run; values > 0; values--) read.uint()
      count += Math.abs(run)
    }
  }
  return count
}

const readAuthor = (read: ByteReader) => (read.uint() === authorTag ? (hexOf(read.bytes(read.uint())) as PersonKey) : null)

/** A signed LEB128 number: the sign is the highest of the bits that are there. */
function signed(read: ByteReader): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const [byte = 0] = read.bytes(1)
    value += (byte & 127) * scale
    if (scale > 2 ** 49) throw new PalimpsestError('damaged', 'a number is too long')
    if (byte < 128) return (byte & 64) === 0 ? value : value - scale * 128
  }
}
