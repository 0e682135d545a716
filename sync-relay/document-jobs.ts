/** What needs a whole document opened: rare work, done in a worker thread (`document-worker.ts`). */
import * as A from '@automerge/automerge/slim'
import type { ChangeHeader } from '../core/sync/change-header.ts'
import { PalimpsestError } from '../core/errors.ts'
import type { ChangeHash, Heads, PersonKey } from '../core/ids.ts'
import { limits } from '../core/protocol/messages.ts'
import { ChangeGraph } from '../core/sync/change-graph.ts'
import { checkedHeader } from '../core/sync/large-change.ts'
import { isPanic } from '../core/sync/panic.ts'
import { addExpanded, expandDocument } from '../core/sync/saved-document.ts'
import { platform } from './platform.ts'

/** A saved document taken apart. */
export interface Expanded {
  /** Its change graph. */
  headers: Uint8Array
  /** Of all its changes. */
  authors: (PersonKey | null)[]
  /** Changes, by their rows in that graph. */
  changes: { row: number; bytes: Uint8Array }[]
}

export const jobs = {
  /**
   * A saved document from a client, checked: its change graph, packed, and those of its changes that `since` does not include; none of them where that is
   * null. Automerge makes every change anew and compares the hashes of the last ones, so what loads is what was saved.
   */
  expand({ chunk, since }: { chunk: Uint8Array; since: Heads | null }): Expanded {
    const graph = new ChangeGraph()
    const changes = expandDocument(chunk)
    const large = changes.find((change) => change.length > limits.chunkBytes)
    if (large) throw new PalimpsestError('too-large', `a change of ${large.length} bytes, which could be sent to nobody by itself`)
    addExpanded(graph, changes, platform)
    const rows = since === null ? [] : graph.rowsSince(since)
    return { headers: graph.pack(), authors: graph.authors, changes: rows.map((row) => ({ row, bytes: changes[row] as Uint8Array })) }
  },

  /** Headers of large changes from a client, or null for one that does not decode. */
  headers({ changes }: { changes: Uint8Array[] }): (ChangeHeader | null)[] {
    return changes.map((change) => {
      try {
        return checkedHeader(change, platform)
      } catch (error) {
        if (isPanic(error)) throw new PalimpsestError('damaged', 'a large change that Automerge does not survive', { cause: error })
        // The relay refuses it; why it does not decode makes no difference to anybody.
        return null
      }
    })
  },

  /** The named changes out of a saved document. */
  pick({ chunk, hashes }: { chunk: Uint8Array; hashes: readonly ChangeHash[] }): (Uint8Array | null)[] {
    return withDocument([chunk], (document) => hashes.map((hash) => A.getBackend(document).getChangeByHash(hash)))
  },

  /**
   * One saved document from a snapshot and the changes after it. What was saved is loaded again and must have the very `heads` that the
   * change graph has: a head's hash stands for everything below it, so equal heads mean that not a byte of the history differs.
   */
  compact({ chunks, heads }: { chunks: Uint8Array[]; heads: Heads }): Uint8Array {
    const saved = withDocument(chunks, (document) => A.save(document))
    const found = withDocument([saved], (document) => A.getHeads(document).sort().join())
    if (found !== [...heads].sort().join()) throw new PalimpsestError('internal', `a compacted document has other heads: ${found}`)
    return saved
  },
}

export type Jobs = typeof jobs
export type JobName = keyof Jobs
export type JobInput<Name extends JobName> = Parameters<Jobs[Name]>[0]
export type JobResult<Name extends JobName> = ReturnType<Jobs[Name]>

function withDocument<Result>(chunks: Uint8Array[], use: (document: A.Doc<unknown>) => Result): Result {
  const document = A.loadIncremental(A.init<unknown>(), Buffer.concat(chunks))
  try {
    return use(document)
  } finally {
    A.free(document)
  }
}
