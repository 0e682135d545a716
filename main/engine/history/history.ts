/**
 * Keeps timelines up to date, some time after documents changed. The work is done in a worker thread; what comes of it is in the index, so that
 * the timeline of a quarter of a million changes is read in milliseconds.
 */
import type { Sitting } from '../../../core/contract/engine.ts'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { ChangeGraph } from '../../../core/sync/change-graph.ts'
import type { Documents } from '../documents.ts'
import type { TimelineTable } from '../index/timeline-table.ts'

const delayMs = 1500
/** A timeline is worked on for at most this part of the time. */
const share = 1 / 10
/** How long somebody who looks at a timeline waits for the newest changes in it; they come with `history.changed` otherwise. */
const patienceMs = 60

export interface HistoryOptions {
  documents: Documents
  table: TimelineTable
  /** Whether a document has a timeline: it is a text of the library. */
  isText: (id: DocumentId) => boolean
  onChange: (id: DocumentId) => void
  onFault: (error: PalimpsestError) => void
  delayMs?: number
}

export class History {
  readonly #options: HistoryOptions
  readonly #timers = new Map<DocumentId, NodeJS.Timeout>()
  readonly #durations = new Map<DocumentId, number>()
  readonly #updating = new Map<DocumentId, Promise<void>>()
  /** By document: the graph of which the worker thread has rows, and how many. */
  readonly #sent = new Map<DocumentId, { graph: ChangeGraph; rows: number }>()
  #isClosed = false

  constructor(options: HistoryOptions) {
    this.#options = options
    options.documents.onAccepted(({ id }) => {
      if (options.isText(id)) this.#changed(id)
    })
  }

  /** Oldest first. At most a moment behind the document. */
  async timeline(id: DocumentId): Promise<Sitting[]> {
    const { table } = this.#options
    const known = table.sittings(id)
    if (known && !table.isStale(id)) return known
    const update = this.update(id)
    if (!known) await update
    else await Promise.race([update, new Promise((resolve) => setTimeout(resolve, patienceMs))])
    return table.sittings(id) ?? []
  }

  /** Brings a timeline up to date now. */
  update(id: DocumentId): Promise<void> {
    const timer = this.#timers.get(id)
    if (timer) clearTimeout(timer)
    this.#timers.delete(id)
    const updating = (this.#updating.get(id) ?? Promise.resolve()).then(() => this.#update(id))
    this.#updating.set(id, updating)
    void updating.then(() => {
      if (this.#updating.get(id) === updating) this.#updating.delete(id)
    })
    return updating
  }

  remove(id: DocumentId): void {
    this.#sent.delete(id)
    this.#options.table.remove(id)
  }

  /** Resolves when nothing is under way. What waits is done after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#updating.values())
  }

  #changed(id: DocumentId): void {
    if (this.#isClosed || this.#timers.has(id)) return
    this.#options.table.markStale(id)
    const wait = Math.max(this.#options.delayMs ?? delayMs, (this.#durations.get(id) ?? 0) / share)
    this.#timers.set(
      id,
      setTimeout(() => void this.update(id), wait),
    )
  }

  async #update(id: DocumentId): Promise<void> {
    const { isText, onChange, onFault } = this.#options
    if (this.#isClosed || !isText(id)) return
    const start = performance.now()
    try {
      await this.#work(id, await this.#options.documents.graph(id))
      this.#durations.set(id, performance.now() - start)
      onChange(id)
    } catch (thrown) {
      this.#sent.delete(id)
      onFault(asPalimpsestError(thrown))
    }
  }

  async #work(id: DocumentId, graph: ChangeGraph): Promise<void> {
    const { documents, table, isText } = this.#options
    const sent = this.#sent.get(id)
    const from = sent?.graph === graph ? sent.rows : 0
    const rows = graph.size
    // Whoever read the graph for the first time has counted too.
    if (from === 0) documents.updateIndex(id)
    const stored = from === 0 ? table.counts(id) : { counts: new Uint32Array(), isScattered: false }
    const counts = stored.counts.length > rows * 2 ? new Uint32Array() : stored.counts
    const result = await documents.run(id, 'timeline', { id, from, pack: graph.pack(from), counts }, 'later')
    if (this.#isClosed || !isText(id)) return
    if (!result) {
      this.#sent.delete(id)
      return this.#work(id, graph)
    }
    this.#sent.set(id, { graph, rows })
    const known = stored.isScattered ? 0 : counts.length / 2
    table.write(id, result.sittings, from + known, result.counts.subarray(known * 2))
  }
}
