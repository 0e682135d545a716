import type { Decoder } from 'cbor-x'

/** What was stored as `bytes`, or null when a damaged page has made it unreadable: SQLite does not notice a flipped bit in a value. */
export function decodeStored(decoder: Decoder, bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}
