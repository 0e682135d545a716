/**
 * Automerge's chunk framing: a file of a document is a row of chunks, each `85 6f 4a 83`, four bytes of checksum, a type byte, the length
 * of the content in LEB128, and the content. The checksum is the beginning of the SHA-256 of type, length and content (of the
 * uncompressed form for a compressed change), so a damaged byte anywhere is found without opening the document.
 * (https://automerge.org/automerge-binary-format-spec/#_chunk_container)
 */
import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'

const magic = Buffer.from([0x85, 0x6f, 0x4a, 0x83])
const headerBytes = 9
const plainChange = 1
const compressedChange = 2
/** A change that claims to be larger than this when inflated is a bomb. */
const maxInflatedBytes = 512 * 1024 * 1024

export interface SplitChunks {
  /** Whole chunks, in their order. */
  whole: Uint8Array[]
  /** Whether anything else was there. */
  isDamaged: boolean
}

/** Takes a file apart. After a damaged chunk it goes on at the next place that begins like one. */
export function splitChunks(bytes: Uint8Array): SplitChunks {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole: Uint8Array[] = []
  let isDamaged = false
  for (let at = 0; at < file.length; ) {
    const end = chunkEnd(file, at)
    if (end !== null && isWhole(file.subarray(at, end))) {
      whole.push(bytes.subarray(at, end))
      at = end
    } else {
      isDamaged = true
      const next = file.indexOf(magic, at + 1)
      at = next < 0 ? file.length : next
    }
  }
  return { whole, isDamaged }
}

/** Whether a chunk holds one change, compressed or not. Anything else holds many. */
export const isChange = (chunk: Uint8Array) => chunk[8] === plainChange || chunk[8] === compressedChange

function chunkEnd(file: Buffer, at: number): number | null {
  if (file.length < at + headerBytes + 1 || file.compare(magic, 0, 4, at, at + 4) !== 0) return null
  const length = readLength(file, at + headerBytes)
  if (length === null) return null
  const end = length.next + length.value
  return end <= file.length ? end : null
}

function readLength(file: Buffer, at: number): { value: number; next: number } | null {
  let value = 0
  for (let index = 0; index < 7; index++) {
    const byte = file[at + index]
    if (byte === undefined) return null
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, next: at + index + 1 }
  }
  return null
}

/** SHA-256 of a chunk's content; for a change that is the change's hash. Null for a compressed change that does not inflate. */
export function chunkHash(chunk: Uint8Array): Buffer | null {
  const plain = chunk[8] === compressedChange ? inflateChange(chunk) : chunk
  return plain && createHash('sha256').update(plain.subarray(8)).digest()
}

/** A change in its uncompressed form, null when it has none. */
export function inflateChange(chunk: Uint8Array): Uint8Array | null {
  if (chunk[8] !== compressedChange) return chunk
  const file = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const content = inflate(file)
  return content && Buffer.concat([file.subarray(0, 8), Buffer.from([plainChange, ...lengthBytes(content.length)]), content])
}

const isWhole = (chunk: Buffer) => chunkHash(chunk)?.compare(chunk, 4, 8, 0, 4) === 0

function inflate(chunk: Buffer): Buffer | null {
  const length = readLength(chunk, headerBytes)
  if (!length) return null
  try {
    return inflateRawSync(chunk.subarray(length.next), { maxOutputLength: maxInflatedBytes })
  } catch {
    return null // Not deflated data: a damaged chunk like any other.
  }
}

function lengthBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return bytes
}
