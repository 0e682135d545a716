/**
 * CBOR as automerge-repo writes it: byte strings without a tag, maps as plain objects, no records.
 *
 * The decoder we share with it reserves memory for what a header announces, before the content is there: five bytes can announce an array of a hundred
 * million. So frames from outside are walked over first, and only what is whole, plain and shallow is decoded.
 */
import { Decoder, Encoder } from 'cbor-x'
import { PalimpsestError } from '../errors.ts'

const maxDepth = 16
/** Tag of a byte string that is meant as bytes; some implementations write it. */
const bytesTag = 64

const encoder = new Encoder({ tagUint8Array: false, useRecords: false })
const decoder = new Decoder({ mapsAsObjects: true, useRecords: false })

/** A copy of its own: the encoder's buffer is used again. */
export const encodeCbor = (value: unknown): Uint8Array => Uint8Array.from(encoder.encode(value))

/** Decodes one item that fills `frame`. Byte strings in the result are views of it, plain arrays whose `slice` copies. Throws `damaged`. */
export function decodeCbor(frame: Uint8Array): unknown {
  const bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.length)
  const end = walk(bytes, 0, 0)
  if (end !== bytes.length) throw damaged(`${bytes.length - end} bytes follow the item`)
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new PalimpsestError('damaged', `CBOR of ${bytes.length} bytes does not decode`, { cause })
  }
}

const damaged = (what: string) => new PalimpsestError('damaged', `no plain CBOR: ${what}`)

/** Goes over one item and returns where it ends. */
function walk(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > maxDepth) throw damaged(`deeper than ${maxDepth}`)
  const first = bytes[at]
  if (first === undefined) throw damaged('cut off')
  const kind = first >> 5
  const { value, next } = argument(bytes, at, first & 31)
  switch (kind) {
    case 0: // whole number
    case 1: // negative whole number
    case 7: // true, false, null, undefined, floating point: the argument is the value
      return next
    case 2: // bytes
    case 3: // text
      if (next + value > bytes.length) throw damaged('cut off')
      return next + value
    case 6:
      if (value !== bytesTag) throw damaged(`tag ${value}`)
      return walk(bytes, next, depth + 1)
    default:
      return walkItems(bytes, next, kind === 5 ? value * 2 : value, depth + 1)
  }
}

function walkItems(bytes: Uint8Array, at: number, count: number, depth: number): number {
  if (count > bytes.length - at) throw damaged('cut off')
  let end = at
  for (let left = count; left > 0; left--) end = walk(bytes, end, depth)
  return end
}

/** The number in an item's header. Lengths that are not known beforehand are not plain. */
function argument(bytes: Uint8Array, at: number, info: number): { value: number; next: number } {
  if (info < 24) return { value: info, next: at + 1 }
  if (info > 27) throw damaged('a length that is not known beforehand')
  const length = 1 << (info - 24)
  if (at + 1 + length > bytes.length) throw damaged('cut off')
  let value = 0
  for (let i = at + 1; i <= at + length; i++) value = value * 256 + (bytes[i] ?? 0)
  return { value, next: at + 1 + length }
}
