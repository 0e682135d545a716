import { PalimpsestError } from '../errors.ts'

/** Grows as it is written. Numbers are LEB128, as in Automerge's own formats. */
export class ByteWriter {
  #buffer: Uint8Array
  #length = 0

  constructor(capacity = 64) {
    this.#buffer = new Uint8Array(capacity)
  }

  /** A whole number from 0 to 2⁵³ − 1. */
  uint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.#byte(rest)
  }

  /** A whole number of either sign, up to 2⁵² in size: the sign in the lowest bit. */
  int(value: number): void {
    this.uint(value < 0 ? -value * 2 - 1 : value * 2)
  }

  bytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  #byte(byte: number): void {
    this.#makeRoom(1)
    this.#buffer[this.#length++] = byte
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(this.#length + more, this.#buffer.length * 2))
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}

/** Reads what `ByteWriter` wrote. Every method throws `damaged` where the bytes end too early. */
export class ByteReader {
  readonly #buffer: Uint8Array
  #at = 0

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at
  }

  byte(): number {
    const byte = this.#buffer[this.#at++]
    if (byte === undefined) throw new PalimpsestError('damaged', 'the bytes end in the middle of a number')
    return byte
  }

  uint(): number {
    const first = this.#buffer[this.#at] ?? 128
    if (first < 128) {
      this.#at += 1
      return first
    }
    return this.#longUint()
  }

  int(): number {
    const value = this.uint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  /** Passes over so many bytes, and gives the place where they begin. */
  skip(length: number): number {
    if (this.#at + length > this.#buffer.length)
      throw new PalimpsestError('damaged', `${length} bytes wanted where ${this.#buffer.length - this.#at} are left`)
    this.#at += length
    return this.#at - length
  }

  bytes(length: number): Uint8Array {
    return this.#buffer.subarray(this.skip(length), this.#at)
  }

  #longUint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte >= 128) continue
      if (byte === 0 && scale > 1) break
      return value
    }
    throw new PalimpsestError('damaged', 'a number is longer than it need be')
  }
}

/** Bytes of any length as hex. */
export function hexOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte]
  return text
}

/** The two digits of each byte. */
export const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The bytes of a hex text of even length. */
export const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16))
