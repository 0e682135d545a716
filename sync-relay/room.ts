/**
 * One document at the relay, for as long as somebody follows it: its change graph, and what has become of its changes.
 *
 * A change is checked by the graph, told to everybody, stored, and durable some milliseconds later, in this order. `durable` says when all that
 * the graph knows is on the disk; acknowledgements and sync messages wait for it, the live stream does not.
 */
import type { Logger } from 'pino'
import { PalimpsestError } from '../core/errors.ts'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { limits } from '../core/protocol/messages.ts'
import { type Added, type AddedChange, type Bringer, ChangeGraph, type GraphChange } from '../core/sync/change-graph.ts'
import { chunkKind, splitChunks } from '../core/sync/change-header.ts'
import { isLargeChange, storedHeader } from '../core/sync/large-change.ts'
import type { SyncPlan } from '../core/sync/session.ts'
import { shortened } from '../core/sync/short-change.ts'
import type { Carried, ChangeStore } from './change-store.ts'
import type { Expanded } from './document-jobs.ts'
import type { DocumentWork } from './document-work.ts'
import type { FanOut, Follower } from './fan-out.ts'
import { changesNews, muchNews, type PassedChange } from './news.ts'
import { platform } from './platform.ts'

export interface RoomParts {
  store: ChangeStore
  fanOut: FanOut
  work: DocumentWork
  log: Logger
  now: () => number
}

/** A client that brings changes. */
export interface Writer extends Follower, Bringer {
  /** Null where there are no people. */
  readonly person: PersonKey | null
  /** A document that was here before is longer by the changes from this row on. */
  wrote(firstRow: number): void
}

/** Changes that come at once and still travel on the live stream; more would have slow readers cut off. */
const maxStreamed = 5_000

/** Changes after the snapshot that are sent one by one to whoever asks for all of the document, and read at a restart. With more, such a moment makes a new one. */
const longTail = 2_000
/**
 * Changes after a snapshot of so many rows beyond which a new one is made in the midst of writing. To make one costs the length of the whole history, so a long
 * history waits for more.
 */
const longestTail = (rows: number) => 20_000 + rows / 16

/**
 * Each frame to each follower is a call to the system, and those are most of what a relay does in a crowd. Changes that are read in one turn of the event loop share a
 * frame, and otherwise nobody waits, until passing on has taken this part of the time for a while: then it pauses, and what comes meanwhile shares the next one.
 */
const passingShare = 0.4
/** Passing on may be ahead of its share by so much: changes of many writers come in bursts. */
const passingAheadMs = 50
const maxPauseMs = 25

/** What one document may make others wait for. */
const waitingLimits = { changes: 20_000, bytes: 8 * 1024 * 1024 }

const damagedWords = 'What the relay has of this document is damaged. Tell whoever runs it; what is on this computer is whole.'

/** Throws where changes do not decode, or do not fit together. */
function graphOf(headers: Uint8Array | undefined, tail: readonly Uint8Array[]): ChangeGraph {
  const graph = ChangeGraph.restore(headers ? [headers] : [], waitingLimits)
  const { refused, waiting } = graph.add(tail.map((bytes) => ({ header: storedHeader(bytes, platform), bytes })))
  if (refused.length + waiting.length > 0) throw new PalimpsestError('damaged', 'changes do not fit together')
  return graph
}

export class Room {
  readonly id: DocumentId
  /** Its name in `changes` messages. */
  readonly channel: number
  readonly graph: ChangeGraph
  readonly #parts: RoomParts
  /** Changes in the snapshot, or there when the last attempt to make one failed. */
  #compacted: number
  #isCompacting = false
  /** Calls of `admit` that wait for a worker. */
  #admitting = 0
  /** How many follow the document. */
  followers = 0
  /** Accepted, and not yet passed on. */
  #outbox: PassedChange[] = []
  #willPassOn = false
  /** When passing on will have taken its share of the time, and no more. */
  #passedUntil = 0

  constructor(id: DocumentId, channel: number, parts: RoomParts) {
    this.id = id
    this.channel = channel
    this.#parts = parts
    try {
      const { snapshot, tail } = parts.store.load(id)
      this.#compacted = snapshot?.rows ?? 0
      this.graph = graphOf(snapshot?.headers, tail)
    } catch (cause) {
      parts.log.error(
        { document: id, error: String(cause) },
        'what is stored of a document is damaged: “palimpsest-relay verify” says where',
      )
      throw new PalimpsestError('damaged-there', `what is stored of ${id} is damaged`, { cause, detail: damagedWords })
    }
  }

  /** Resolves when everything that the graph knows now is on the disk. */
  durable(): Promise<void> {
    return this.#parts.store.hurry()
  }

  /** Whether there is anything of the document, or a worker looks into what somebody brings. */
  get state(): 'here' | 'coming' | 'away' {
    return this.graph.size > 0 ? 'here' : this.#admitting > 0 ? 'coming' : 'away'
  }

  /** Whether it can be forgotten and read again from the store. */
  get isIdle(): boolean {
    return this.followers === 0 && !this.#isCompacting && this.#admitting === 0
  }

  /**
   * Takes chunks from a client: small changes at once, saved documents and large changes after a worker has looked into them. Everything that can be taken
   * is; what was refused is in the result.
   */
  async admit(chunks: readonly Uint8Array[], from: Writer): Promise<Added> {
    const parts = chunks.flatMap(splitChunks)
    const changes = parts.filter((part) => chunkKind(part) !== 'document')
    this.#admitting += 1
    try {
      // A copy: as a part of its frame, a document would go from thread to thread with all of that.
      for (const part of parts) if (chunkKind(part) === 'document') await this.#admitDocument(part.slice(), from)
      return this.admitChanges(await this.#readLarge(changes), from)
    } finally {
      this.#admitting -= 1
    }
  }

  /** The same for small changes only, with no waiting: the way of the live stream. */
  admitChanges(changes: readonly (Uint8Array | GraphChange)[], from: Writer): Added {
    const firstRow = this.graph.size
    const result = this.graph.add(changes, from)
    // Before anything that can fail: the store must have every row that the graph has.
    this.#keep(firstRow, result.added, from)
    if (firstRow > 0 && this.graph.size > firstRow) from.wrote(firstRow)
    return result
  }

  /** The authors of the changes from this row on, null for each that names none. */
  *authorsFrom(firstRow: number): Generator<PersonKey | null> {
    for (let row = firstRow; row < this.graph.size; row++) yield this.graph.authorAt(row)
  }

  /** Puts headers to changes that would take this thread too long to read. */
  async #readLarge(changes: readonly Uint8Array[]): Promise<(Uint8Array | GraphChange)[]> {
    const large = changes.filter(isLargeChange)
    if (large.length === 0) return [...changes]
    const headers = await this.#parts.work.run('headers', { changes: large })
    if (headers.includes(null)) throw new PalimpsestError('damaged', 'a large change does not decode')
    const read = new Map(large.map((bytes, at) => [bytes, headers[at]]))
    return changes.map((bytes) => {
      const header = read.get(bytes)
      return header ? { header, bytes } : bytes
    })
  }

  /** Passes on at once what was accepted. */
  passOn(): void {
    this.#willPassOn = false
    if (this.#outbox.length === 0) return
    const news = changesNews(this.channel, this.#outbox)
    this.#outbox = []
    const start = performance.now()
    this.#parts.fanOut.publish(this.id, news)
    const end = performance.now()
    this.#passedUntil = Math.min(Math.max(this.#passedUntil, start) + (end - start) / passingShare, end + passingAheadMs + maxPauseMs)
  }

  /** The chunks of a plan: changes, or a saved document and the changes after it where the plan allows and there is one. */
  async chunksOf(plan: SyncPlan): Promise<{ chunks: Uint8Array[]; hasDocument: boolean }> {
    const { store } = this.#parts
    // The next one who asks for everything gets it in short.
    if (plan.whole) this.compactTail()
    const stands = plan.whole ? store.snapshot(this.id) : null
    const snapshot = stands && stands.chunk.length <= limits.chunkBytes ? stands : null
    const rows = plan.rows.slice(snapshot?.rows ?? 0)
    const stored = store.changes(this.id, rows)
    const compacted = rows.filter((_, at) => stored[at] === null)
    const picked = compacted.length > 0 ? await this.#pick(compacted) : new Map<number, Uint8Array>()
    const changes = rows.map((row, at) => stored[at] ?? picked.get(row)).filter((bytes) => bytes !== undefined)
    return { chunks: snapshot ? [snapshot.chunk, ...changes] : changes, hasDocument: snapshot !== null }
  }

  /** Changes that are stored in the snapshot only. */
  async #pick(rows: number[]): Promise<Map<number, Uint8Array>> {
    const { store, work } = this.#parts
    const snapshot = store.snapshot(this.id)
    if (!snapshot) throw new PalimpsestError('internal', `${rows.length} changes are neither in the store nor in a snapshot`)
    const picked = await work.run('pick', { chunk: snapshot.chunk, hashes: rows.map((row) => this.graph.hashAt(row)) })
    return new Map(rows.flatMap((row, at) => (picked[at] ? [[row, picked[at]] as const] : [])))
  }

  /** A saved document is opened by a worker before anything of it is believed, and becomes the snapshot of a document that is new here. */
  async #admitDocument(chunk: Uint8Array, from: Writer): Promise<void> {
    const since = this.graph.size === 0 ? null : this.graph.heads
    const expanded = await this.#parts.work.run('expand', { chunk, since })
    if (since !== null) return this.#admitExpanded(expanded, from)
    // Somebody else's changes came while the worker read this one.
    if (this.graph.size > 0) return this.#admitDocument(chunk, from)
    for (const author of expanded.authors) {
      const refusal = from.refuses(author)
      if (refusal) throw refusal
    }
    const { added, refused } = this.graph.extend(expanded.headers)
    const rows = this.graph.size - added.length
    this.#compacted = rows
    this.#parts.store.putSnapshot(this.id, { rows, chunk, headers: expanded.headers }, this.#carriedIn(0, rows, [], from))
    this.#parts.fanOut.publish(this.id, muchNews(from))
    this.#keep(rows, added, from)
    if (refused[0]) throw refused[0].error
  }

  /** Takes those changes of a saved document that are not here. */
  #admitExpanded({ headers, changes }: Expanded, from: Writer): void {
    const whole = ChangeGraph.restore([headers])
    const { refused } = this.admitChanges(
      changes.map(({ row, bytes }) => ({ header: whole.headerAt(row), bytes })),
      from,
    )
    if (refused[0]) throw refused[0].error
  }

  /** Which of new rows came by others than their authors. What had waited came by another client than `from`, maybe. */
  #carriedIn(firstRow: number, endRow: number, added: readonly AddedChange[], from: Writer): Carried[] {
    const others = new Map(added.filter(({ by }) => by !== from).map((change) => [change.header.hash, bringerOf(change)]))
    const carrierAt = (row: number) => {
      const { person } = others.size === 0 ? from : (others.get(this.graph.hashAt(row)) ?? from)
      return this.graph.authorAt(row) === person ? null : person
    }
    const carried: Carried[] = []
    for (let row = firstRow; row < endRow; ) {
      const start = row
      const person = carrierAt(row)
      do row += 1
      while (row < endRow && carrierAt(row) === person)
      if (person !== null) carried.push({ firstRow: start, lastRow: row - 1, person, at: this.#parts.now() })
    }
    return carried
  }

  #keep(firstRow: number, added: readonly AddedChange[], from: Writer): void {
    if (added.length === 0) return
    const changes = added.map(({ bytes }) => bytes)
    this.#parts.store.append(this.id, firstRow, changes, this.#carriedIn(firstRow, this.graph.size, added, from))
    // After it was given to the store: a sync message waits until what it names is durable.
    if (changes.length > maxStreamed) this.#parts.fanOut.publish(this.id, muchNews(added.every(({ by }) => by === from) ? from : null))
    else this.#passOnSoon(added, from)
    if (this.graph.size - this.#compacted > longestTail(this.#compacted)) void this.#compact()
  }

  /** Passes on what was accepted: usually in this turn of the event loop, so that what was read in it goes out in one frame. */
  #passOnSoon(changes: readonly AddedChange[], from: Follower): void {
    for (const change of changes) this.#outbox.push({ bytes: shortened(change, this.graph), from: bringerOf(change) ?? from })
    if (this.#willPassOn) return
    this.#willPassOn = true
    const pauseMs = this.#passedUntil - passingAheadMs - performance.now()
    if (pauseMs > 0) setTimeout(() => this.passOn(), pauseMs)
    else setImmediate(() => this.passOn())
  }

  /** Begins to make a new snapshot where that is worth it, and says whether it does. */
  compactTail(): boolean {
    const isWorthIt = this.graph.size - this.#compacted > longTail
    if (isWorthIt) void this.#compact()
    return isWorthIt
  }

  /** Makes one saved document of the snapshot and the tail. Changes that come meanwhile stay in the tail. */
  async #compact(): Promise<void> {
    if (this.#isCompacting) return
    this.#isCompacting = true
    const { store, work, log } = this.#parts
    const { heads, size } = this.graph
    const headers = this.graph.pack()
    try {
      await this.durable()
      const snapshot = store.snapshot(this.id)
      const from = snapshot?.rows ?? 0
      const rows = Array.from({ length: size - from }, (_, at) => from + at)
      const tail = store.changes(this.id, rows).filter((bytes) => bytes !== null)
      const chunk = await work.run('compact', { chunks: snapshot ? [snapshot.chunk, ...tail] : tail, heads })
      store.putSnapshot(this.id, { rows: size, chunk, headers })
    } catch (error) {
      log.error({ error: String(error) }, 'a document could not be compacted; its changes are kept as they are')
    } finally {
      this.#isCompacting = false
      this.#compacted = size
    }
  }
}

/** Who brought a change, which may have waited for what somebody else brought. */
const bringerOf = ({ by }: AddedChange) => by as Writer | undefined
