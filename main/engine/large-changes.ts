import type { ChangeHeader } from '../../core/sync/change-header.ts'
import { PalimpsestError } from '../../core/errors.ts'
import type { GraphChange, Refusal } from '../../core/sync/change-graph.ts'
import { isLargeChange } from '../../core/sync/large-change.ts'
import type { ShortChange } from '../../core/sync/short-change.ts'
import type { DocumentWork } from './document-work.ts'
import { isChange } from './storage/chunk-framing.ts'

/** Whether a change could keep the engine busy for longer than a frame. */
const isLarge = (change: Uint8Array | ShortChange): change is Uint8Array =>
  change instanceof Uint8Array && isChange(change) && isLargeChange(change)

/** Changes with or without their headers, and those that turned out to be none. */
export interface ReadChanges {
  changes: readonly (Uint8Array | GraphChange | ShortChange)[]
  refused: readonly Refusal[]
}

/** Reads the headers of large changes in a worker thread; the others stay as they are. */
export async function readLarge(work: DocumentWork, changes: readonly (Uint8Array | ShortChange)[]): Promise<ReadChanges> {
  const large = changes.filter(isLarge)
  if (large.length === 0) return { changes, refused: [] }
  const headers = await work.run('headers', { changes: large })
  const read = new Map(large.map((bytes, index) => [bytes, headers[index] ?? null]))
  return {
    changes: changes.flatMap<ReadChanges['changes'][number]>((change) =>
      change instanceof Uint8Array ? withHeader(change, read.get(change)) : [change],
    ),
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
