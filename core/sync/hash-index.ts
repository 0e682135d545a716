import type { ChangeHash } from '../ids.ts'

/** Bytes of a change hash. */
export const hashBytes = 32

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

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
  readonly #hashAt: (row: number) => Uint8Array
  /** Row + 1; 0 is a free slot. */
  #slots = new Uint32Array(32)
  #used = 0
  readonly #wanted = new Uint8Array(hashBytes)

  constructor(hashAt: (row: number) => Uint8Array) {
    this.#hashAt = hashAt
  }

  /** The row, or -1. */
  find(hash: ChangeHash): number {
    writeHash(this.#wanted, 0, hash)
    const mask = this.#slots.length - 1
    for (let slot = start(this.#wanted) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] ?? 0
      if (entry === 0) return -1
      if (same(this.#hashAt(entry - 1), this.#wanted)) return entry - 1
    }
  }

  /** Adds a row whose hash is already in place and not yet in the index. */
  add(row: number): void {
    this.#used += 1
    if (this.#used * 2 > this.#slots.length) this.#grow()
    this.#place(row)
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1
    let slot = start(this.#hashAt(row)) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = row + 1
  }

  #grow(): void {
    const entries = this.#slots
    this.#slots = new Uint32Array(entries.length * 2)
    for (const entry of entries) if (entry !== 0) this.#place(entry - 1)
  }
}

const start = (hash: Uint8Array) => ((hash[0] ?? 0) | ((hash[1] ?? 0) << 8) | ((hash[2] ?? 0) << 16) | ((hash[3] ?? 0) << 24)) >>> 0

function same(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < hashBytes; at++) if (left[at] !== right[at]) return false
  return true
}
