import type { ChangeHash } from '../ids.ts'
import { hexDigits } from './bytes.ts'

/** Bytes of a change hash. */
export const hashBytes = 32

/** The hash that stands at `offset` of `bytes`, as hex. */
export function hashText(bytes: Uint8Array, offset = 0): ChangeHash {
  let text = ''
  for (let at = offset; at < offset + hashBytes; at++) text += hexDigits[bytes[at] ?? 0]
  return text as ChangeHash
}

/** Writes a hex hash as bytes. */
export function writeHash(target: Uint8Array, offset: number, hash: ChangeHash): void {
  for (let at = 0; at < hashBytes; at++) target[offset + at] = (digit(hash.charCodeAt(at * 2)) << 4) | digit(hash.charCodeAt(at * 2 + 1))
}

/** The value of a hex digit's character code, lower or upper case. */
const digit = (code: number) => (code & 15) + (code > 57 ? 9 : 0)

/**
 * Finds the row of a hash without keeping any of them as text: an open-addressing table of row numbers over bytes that are kept elsewhere. Hashes are
 * SHA-256, so their first four bytes already spread evenly.
 */
export class HashIndex {
  /** The hashes of all rows, one after another; another array when it had to grow. */
  readonly #hashes: () => Uint8Array
  /** Row + 1; 0 is a free slot. */
  #slots = new Uint32Array(32)
  #used = 0
  readonly #wanted = new Uint8Array(hashBytes)

  constructor(hashes: () => Uint8Array) {
    this.#hashes = hashes
  }

  /** The row, or -1. */
  find(hash: ChangeHash): number {
    writeHash(this.#wanted, 0, hash)
    return this.findBytes(this.#wanted, 0)
  }

  /** The row of the hash that stands at `offset` of `bytes`, or -1. */
  findBytes(bytes: Uint8Array, offset: number): number {
    const hashes = this.#hashes()
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = start(bytes, offset) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? 0
      if (entry === 0) return -1
      if (same(hashes, (entry - 1) * hashBytes, bytes, offset)) return entry - 1
    }
  }

  /** The row of the one hash that begins with the `length` bytes at `offset` of `bytes`, at least four; -1 where there is none, or more than one. */
  findStart(bytes: Uint8Array, offset: number, length: number): number {
    const hashes = this.#hashes()
    const slots = this.#slots
    const mask = slots.length - 1
    let found = -1
    for (let slot = start(bytes, offset) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] ?? 0
      if (entry === 0) return found
      if (!same(hashes, (entry - 1) * hashBytes, bytes, offset, length)) continue
      if (found >= 0) return -1
      found = entry - 1
    }
  }

  /** Adds a row whose hash is already in place and not yet in the index. */
  add(row: number): void {
    this.#used += 1
    if (this.#used * 2 > this.#slots.length) this.#grow(this.#used)
    this.#place(row)
  }

  /** Makes room for so many rows more, so that they need not be placed again and again. */
  expect(rows: number): void {
    if ((this.#used + rows) * 2 > this.#slots.length) this.#grow(this.#used + rows)
  }

  #place(row: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = start(this.#hashes(), row * hashBytes) & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = row + 1
  }

  #grow(rows: number): void {
    const entries = this.#slots
    let length = entries.length
    while (rows * 2 > length) length *= 2
    this.#slots = new Uint32Array(length)
    for (const entry of entries) if (entry !== 0) this.#place(entry - 1)
  }
}

const start = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0

function same(left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number, length = hashBytes): boolean {
  for (let at = 0; at < length; at++) if (left[leftAt + at] !== right[rightAt + at]) return false
  return true
}
