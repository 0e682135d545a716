import { ByteReader, ByteWriter } from './bytes.ts'

/**
 * The Bloom filter of the Automerge sync protocol: ten bits an entry and seven probes, placed by enhanced double hashing (Dillinger and Manolios, *Bloom
 * Filters in Probabilistic Verification*, 2004) of the first twelve bytes of a change's hash. About one in a hundred hashes that are not in it seems to be.
 */
const bitsPerEntry = 10
const probesPerEntry = 7

/** More than any honest filter has; keeps a lying one from costing time. */
const maxProbes = 32

export interface BloomFilter {
  /** Whether the hash (32 bytes) may be among the entries. Never wrong when it says no. */
  mayHave(hash: Uint8Array): boolean
}

const nothing: BloomFilter = { mayHave: () => false }

/** A filter over `count` hashes, in the form it has in a sync message. */
export function writeBloom(hashes: Iterable<Uint8Array>, count: number): Uint8Array {
  if (count === 0) return new Uint8Array()
  const bits = new Uint8Array(Math.ceil((count * bitsPerEntry) / 8))
  const places = new Uint32Array(probesPerEntry)
  for (const hash of hashes) {
    probe(hash, bits.length * 8, places)
    for (let at = 0; at < probesPerEntry; at++) {
      const bit = places[at] ?? 0
      bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  const out = new ByteWriter(bits.length + 8)
  out.uint(count)
  out.uint(bitsPerEntry)
  out.uint(probesPerEntry)
  out.bytes(bits)
  return out.finish()
}

/** Reads a filter from a sync message. One that makes no sense is taken as one that has no entries: then too much is sent, and nothing is missed. */
export function readBloom(bytes: Uint8Array): BloomFilter {
  const parts = bytes.length === 0 ? null : parseBloom(bytes)
  if (!parts) return nothing
  const { bits, probes } = parts
  const places = new Uint32Array(probes)
  return {
    mayHave(hash) {
      probe(hash, bits.length * 8, places)
      return places.every((bit) => ((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0)
    },
  }
}

function parseBloom(bytes: Uint8Array): { bits: Uint8Array; probes: number } | null {
  const reader = new ByteReader(bytes)
  try {
    const [entries, perEntry, probes] = [reader.uint(), reader.uint(), reader.uint()]
    const bits = bytes.subarray(reader.position)
    const fits = bits.length > 0 && bits.length === Math.ceil((entries * perEntry) / 8)
    return fits && probes > 0 && probes <= maxProbes ? { bits, probes } : null
  } catch {
    // Cut off in the middle of a number: as good as no filter.
    return null
  }
}

/** Writes the places of a hash into `places`, as many as there is room for. */
function probe(hash: Uint8Array, modulo: number, places: Uint32Array): void {
  let x = wordAt(hash, 0) % modulo
  let y = wordAt(hash, 4) % modulo
  const z = wordAt(hash, 8) % modulo
  for (let at = 0; at < places.length; at++) {
    places[at] = x
    x = (x + y) % modulo
    y = (y + z) % modulo
  }
}

/** Little-endian 32-bit number. */
const wordAt = (bytes: Uint8Array, at: number) =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
