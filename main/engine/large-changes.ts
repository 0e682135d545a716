import type { ChangeHeader } from '../../core/contract/engine.ts'
import { PalimpsestError } from '../../core/errors.ts'
import type { ChangeHash } from '../../core/ids.ts'
import type { GraphChange, Refusal } from '../../core/sync/change-graph.ts'
import { readRawHeader } from '../../core/sync/raw-header.ts'
import type { DocumentWork } from './document-work.ts'
import { chunkHash, inflateChange, isChange } from './storage/chunk-framing.ts'

/** Decoding a change costs some microseconds an operation: what may have more than this many is decoded in a worker thread. */
const maxOperations = 2000
const maxBytes = 4096
const plainChange = 1

/** Whether a change could keep the engine busy for longer than a frame. A compressed one of any size could. */
export function isLarge(change: Uint8Array): boolean {
  if (!isChange(change)) return false
  if (change[8] !== plainChange || change.length > maxBytes) return true
  try {
    return readRawHeader(change, '' as ChangeHash).ops > maxOperations
  } catch {
    return false // It will not decode either, and be refused for that.
  }
}

/** Changes with or without their headers, and those that turned out to be none. */
export interface ReadChanges {
  changes: readonly (Uint8Array | GraphChange)[]
  refused: readonly Refusal[]
}

/** Reads the headers of large changes in a worker thread; the others stay as they are. */
export async function readLarge(work: DocumentWork, changes: readonly Uint8Array[]): Promise<ReadChanges> {
  const large = changes.filter(isLarge)
  if (large.length === 0) return { changes, refused: [] }
  const headers = await work.run('headers', { changes: large })
  const read = new Map(large.map((bytes, index) => [bytes, headers[index] ?? null]))
  return {
    changes: changes.flatMap((bytes) => withHeader(bytes, read.get(bytes))),
    refused: large.filter((bytes) => read.get(bytes) === null).map(undecodable),
  }
}

function withHeader(bytes: Uint8Array, header: ChangeHeader | null | undefined): (Uint8Array | GraphChange)[] {
  if (header === undefined) return [bytes]
  return header === null ? [] : [{ header, bytes }]
}

const undecodable = (bytes: Uint8Array): Refusal => ({
  hash: null,
  error: new PalimpsestError('damaged', `a change of ${bytes.length} bytes does not decode`),
})

/** A change from our own disk. It was decoded before it was stored, so its header is enough now. */
export function readStored(change: Uint8Array): Uint8Array | GraphChange {
  const plain = inflateChange(change)
  const hash = chunkHash(change)?.toString('hex') as ChangeHash | undefined
  return plain && hash ? { header: readRawHeader(plain, hash), bytes: change } : change
}
