import type { ChangeHash } from '../../core/ids.ts'
import { countEdits, pushEdits } from '../../core/history/edits.ts'
import { ChangeGraph, type GraphChange } from '../../core/sync/change-graph.ts'
import { plainForm, storedHeader } from '../../core/sync/large-change.ts'
import { RawChange } from '../../core/sync/raw-header.ts'
import { addExpanded, expandDocument } from '../../core/sync/saved-document.ts'
import { platform } from './platform.ts'
import { isChange } from './storage/chunk-framing.ts'

/** What is read of a document that nothing was known of. */
export interface ReadGraph {
  /** The change graph, packed. */
  pack: Uint8Array
  /** Inserted and deleted in each of its rows, two numbers a row: history needs them, and the changes are at hand only now. */
  counts: Uint32Array
  /** Changes that wait for others that are not there. */
  waiting: Uint8Array[]
}

/** For what is on our own disk: it is there already, so no limit protects anything. */
export const unlimited = { changes: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

/** Adds the chunks of a document to a graph: saved documents first, because changes may build on them. Throws `damaged` or `refused`. */
export function addChunks(graph: ChangeGraph, chunks: readonly Uint8Array[], onAdded?: (change: RawChange) => void): readonly ChangeHash[] {
  for (const chunk of chunks) if (!isChange(chunk)) addExpanded(graph, expandDocument(chunk), platform, onAdded)
  const { added, waiting } = graph.add(chunks.filter(isChange).map(readStored))
  const raw = new RawChange()
  if (onAdded) for (const { bytes } of added) onAdded(raw.read(plainForm(bytes, platform)))
  return waiting
}

/** Reads all chunks of a document. Takes seconds where there are hundreds of thousands of changes. Throws `damaged` or `refused`. */
export function readGraph(chunks: readonly Uint8Array[]): ReadGraph {
  const graph = new ChangeGraph(unlimited)
  const counts: number[] = []
  const waiting = new Set(
    addChunks(graph, chunks, (change) => {
      pushEdits(counts, countEdits(change))
    }),
  )
  const isWaiting = (chunk: Uint8Array) => isChange(chunk) && waiting.has(storedHeader(chunk, platform).hash)
  return { pack: graph.pack(), counts: Uint32Array.from(counts), waiting: waiting.size === 0 ? [] : chunks.filter(isWaiting) }
}

/** A change from our own disk: it was decoded before it was stored, so its header is enough now. One that has none is left to be refused. */
function readStored(change: Uint8Array): Uint8Array | GraphChange {
  try {
    return { header: storedHeader(change, platform), bytes: change }
  } catch {
    return change
  }
}
