/**
 * Changes with very many operations, such as a paste of a chapter. Automerge's decoder makes an object of every operation, so it costs seconds and a
 * gigabyte to read the header of one, and a change of a few bytes can claim as many. Their headers are read from the bytes; whether Automerge can read the
 * operations is found out once, by Automerge, in a thread where nobody waits for it.
 */
import { free, init, loadIncremental } from '@automerge/automerge/slim'
import type { ChangeHeader } from './change-header.ts'
import { PalimpsestError } from '../errors.ts'
import type { ChangeHash } from '../ids.ts'
import { ByteReader, ByteWriter, bytesOfHex, hexOf } from './bytes.ts'
import { readRawHeader } from './raw-header.ts'

/** What the platform has and the language has not. */
export interface Platform {
  /** In hex. */
  sha256(bytes: Uint8Array): string
  /** Raw deflate, backwards. Throws on what is none, and beyond `maxBytes`. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** Decoding costs some microseconds an operation; below these nobody notices. */
export const smallOperations = 2_000
export const smallBytes = 4_096
const maxOperations = 20_000_000
const maxInflatedBytes = 256 * 1024 * 1024

export const plainKind = 1
const magicBytes = 4
const checksumBytes = 4
export const framingBytes = 9

/** Whether reading a change the usual way could take longer than a blink. A compressed one of any size could. */
export function isLargeChange(change: Uint8Array): boolean {
  if (change[framingBytes - 1] !== plainKind || change.length > smallBytes) return true
  try {
    return readRawHeader(change, '' as ChangeHash).ops > smallOperations
  } catch {
    // It does not decode the usual way either, and is refused for that.
    return false
  }
}

/** The header of a change that was checked before it was stored. Throws `damaged`. */
export function storedHeader(change: Uint8Array, platform: Platform): ChangeHeader {
  return headerOf(plainForm(change, platform), platform)
}

/** The header of a change from outside, whose operations Automerge has read. Throws `damaged`. Takes long for a long change. */
export function checkedHeader(change: Uint8Array, platform: Platform): ChangeHeader {
  const plain = plainForm(change, platform)
  const header = headerOf(plain, platform)
  if (header.ops > maxOperations) throw new PalimpsestError('damaged', `a change of ${change.length} bytes claims ${header.ops} operations`)
  try {
    free(loadIncremental(init(), orphan(plain, platform)))
  } catch (cause) {
    throw new PalimpsestError('damaged', `a change of ${change.length} bytes does not decode`, { cause })
  }
  return header
}

function headerOf(plain: Uint8Array, platform: Platform): ChangeHeader {
  const hash = hashOfPlain(plain, platform)
  const checksum = hexOf(plain.subarray(magicBytes, magicBytes + checksumBytes))
  if (!hash.startsWith(checksum)) throw new PalimpsestError('damaged', `a change of ${plain.length} bytes has another checksum`)
  return readRawHeader(plain, hash)
}

/** The hash of a change that is not compressed. */
export const hashOfPlain = (plain: Uint8Array, { sha256 }: Platform) => sha256(plain.subarray(magicBytes + checksumBytes)) as ChangeHash

/** A change as it is before compression. Throws `damaged`. */
export function plainForm(change: Uint8Array, { inflate }: Platform): Uint8Array {
  if (change[framingBytes - 1] === plainKind) return change
  const content = contentOf(change)
  try {
    return framed(inflate(content, maxInflatedBytes), change.subarray(magicBytes, magicBytes + checksumBytes))
  } catch (cause) {
    throw new PalimpsestError('damaged', `a change of ${change.length} bytes does not inflate`, { cause })
  }
}

/**
 * The same change with one more dependency, which nobody has: Automerge reads it whole and sets it aside instead of applying it, the cheapest way to learn
 * whether it can be read.
 */
function orphan(plain: Uint8Array, { sha256 }: Platform): Uint8Array {
  const content = contentOf(plain)
  const reader = new ByteReader(content)
  const out = new ByteWriter(content.length + 40)
  out.uint(reader.uint() + 1)
  out.bytes(new Uint8Array(32).fill(0xff))
  out.bytes(content.subarray(reader.position))
  const unchecked = framed(out.finish(), new Uint8Array(checksumBytes))
  const checksum = bytesOfHex(sha256(unchecked.subarray(magicBytes + checksumBytes))).subarray(0, checksumBytes)
  return framed(out.finish(), checksum)
}

function contentOf(change: Uint8Array): Uint8Array {
  const reader = new ByteReader(change.subarray(framingBytes))
  const length = reader.uint()
  return reader.bytes(length)
}

/** A change that is not compressed, from what stands after its framing. */
export function framed(content: Uint8Array, checksum: Uint8Array): Uint8Array {
  const out = new ByteWriter(content.length + framingBytes + 8)
  out.bytes(Uint8Array.of(0x85, 0x6f, 0x4a, 0x83))
  out.bytes(checksum)
  out.bytes(Uint8Array.of(plainKind))
  out.uint(content.length)
  out.bytes(content)
  return out.finish()
}
