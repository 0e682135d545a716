/**
 * Timelines in the worker thread. The thread keeps those it worked on lately, so that a keystroke costs what it adds and not what was there before; what it
 * counted in each change goes into the index, because opening a long document to count again takes seconds.
 */
import { LRUCache } from 'lru-cache'
import type { Sitting } from '../../../core/contract/engine.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import { countEdits, editsFrom, pushEdits } from '../../../core/history/edits.ts'
import { Timeline } from '../../../core/history/sittings.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { ChangeGraph } from '../../../core/sync/change-graph.ts'
import { RawChange } from '../../../core/sync/raw-header.ts'
import { changesByHash, type DocumentBytes } from '../document-jobs.ts'
import { inflateChange } from '../storage/chunk-framing.ts'

export interface TimelineInput {
  document: DocumentBytes
  id: DocumentId
  /** The first row that is sent; the thread has those before it. */
  from: number
  /** The graph from that row on. */
  pack: Uint8Array
  /** What is known of the rows from `from` on: two numbers a row, as `pushEdits` writes them. It may end early. */
  counts: Uint32Array
}

export interface TimelineResult {
  sittings: Sitting[]
  /** Of every row from `from` on. */
  counts: Uint32Array
}

interface Kept {
  graph: ChangeGraph
  /** By row, as `pushEdits` writes them. */
  counts: number[]
  timeline: Timeline
}

const kept = new LRUCache<DocumentId, Kept>({ max: 8 })

export function updateTimeline({ document, id, from, pack, counts }: TimelineInput): TimelineResult | null {
  const state = from === 0 ? begin() : kept.get(id)
  if (state?.graph.size !== from) return null
  kept.delete(id) // A failure half way leaves nothing behind that is half up to date.
  state.graph.extend(pack)
  for (const count of counts) state.counts.push(count)
  countRest(state, document)
  state.timeline.update()
  kept.set(id, state)
  return { sittings: state.timeline.sittings(), counts: Uint32Array.from(state.counts.slice(from * 2)) }
}

function begin(): Kept {
  const graph = new ChangeGraph()
  const counts: number[] = []
  const editsAt = (row: number) => editsFrom(counts[row * 2] ?? 0, counts[row * 2 + 1] ?? 0)
  return { graph, counts, timeline: new Timeline(graph, editsAt) }
}

/** Counts the changes that nobody has counted yet. */
function countRest({ graph, counts }: Kept, document: DocumentBytes): void {
  const hashes = Array.from({ length: graph.size - counts.length / 2 }, (_, index) => graph.hashAt(counts.length / 2 + index))
  const changes = hashes.length === 0 ? [] : changesByHash(document, hashes)
  if (changes.length < hashes.length) throw new PalimpsestError('damaged', `${hashes.length - changes.length} changes are not in the files`)
  for (const change of changes) {
    const plain = inflateChange(change)
    pushEdits(counts, plain ? countEdits(new RawChange().read(plain)) : { inserted: 0, deleted: 0, isRestore: false })
  }
}
