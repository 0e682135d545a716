/**
 * The change graph of one document: who made which change on top of what, and nothing of what the changes say.
 *
 * It is what the engine and the relay know of a document without opening it. Headers only are kept here; the bytes of a change pass through `add` and
 * are the caller's to store. Three things always hold, and everything that syncs relies on them:
 *
 * 1. A change is in the graph only when all its dependencies are, so `heads` names a real version at any moment.
 * 2. An actor's changes are numbered 1, 2, 3, …, each one depends (directly or not) on the one before, and its operations are numbered after
 *    those of everything it depends on, and not far beyond all that there are. Automerge applies changes that break this and then cannot load the document it saved, so one such change
 *    would poison the document for everybody who stores it. They are refused here, before anybody does.
 * 3. Rows are in an order that respects dependencies, so any prefix of them is a real version too.
 *
 * Changes that come before their dependencies wait beside the graph, in bounded space; so do changes in short (`short-change.ts`) that cannot be read before
 * something else has come.
 */
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, Heads, PersonKey } from '../ids.ts'
import { type ChangeHeader, readChangeHeader } from './change-header.ts'
import { hashBytes, writeHash } from './hash-index.ts'
import { packHeaders, unpackHeaders } from './header-pack.ts'
import { type ActorState, HeaderTable } from './header-table.ts'
import type { RawChange } from './raw-header.ts'
import { restore, type ShortChange, UnreadChanges } from './short-change.ts'

/** A change and what its header says. */
export interface GraphChange {
  readonly header: ChangeHeader
  readonly bytes: Uint8Array
}

/** Whoever brings changes, where it matters who has made them. */
export interface Bringer {
  /** Why this one may not bring a change of that author, or null. It is asked when the author is known, which may be long after the change came. */
  refuses(author: PersonKey | null): PalimpsestError | null
}

/** A change that is now in the graph. */
export interface AddedChange extends GraphChange {
  readonly by?: Bringer | undefined
}

/** A change that will never be part of the graph. */
export interface Refusal {
  /** Null when the bytes are no change at all. */
  readonly hash: ChangeHash | null
  /** `damaged` for bytes that do not decode, `refused` for poison, `too-large` when too much is waiting. */
  readonly error: PalimpsestError
}

/** What became of the changes given to `add`. Those that were there before are in none of the lists. */
export interface Added {
  /** New in the graph, dependencies first; changes that had been waiting for them included. */
  readonly added: AddedChange[]
  /** Kept aside until their dependencies come. */
  readonly waiting: ChangeHash[]
  readonly refused: Refusal[]
}

/** How much may wait for dependencies, in one document. */
export interface WaitingLimits {
  changes: number
  bytes: number
}

/**
 * Operations that an author may know of and not build on. Automerge numbers operations after all that its document holds, and needs memory for every number when it
 * loads: a change of fifty bytes that begins with operation 30,000,000 can be applied, and the document never be loaded again.
 */
const maxOperationGap = 100_000

const defaultLimits: WaitingLimits = { changes: 100_000, bytes: 32 * 1024 * 1024 }

export class ChangeGraph {
  readonly #table: HeaderTable
  readonly #limits: WaitingLimits
  #heads = new Set<number>()
  #headHashes: Heads | null = []
  readonly #waiting = new Map<ChangeHash, AddedChange>()
  /** By a hash that is not in the graph: the waiting changes that depend on it. */
  readonly #waitingFor = new Map<ChangeHash, Set<ChangeHash>>()
  #waitingBytes = 0
  readonly #unread: UnreadChanges
  /** Used again by each `addRaw`. */
  readonly #rawHash = new Uint8Array(hashBytes)
  readonly #rawDeps: number[] = []

  constructor(limits: WaitingLimits = defaultLimits, table = new HeaderTable()) {
    this.#limits = limits
    this.#table = table
    this.#unread = new UnreadChanges(limits)
  }

  /** Number of changes in the graph. Rows go from 0 to `size - 1`. */
  get size(): number {
    return this.#table.count
  }

  /** The current version: changes that no other change depends on, sorted. */
  get heads(): Heads {
    this.#headHashes ??= Array.from(this.#heads, (row) => this.#table.hashAt(row)).sort()
    return this.#headHashes
  }

  has(hash: ChangeHash): boolean {
    return this.#table.rowOf(hash) >= 0
  }

  /** Place of a change in the order of arrival, or -1. A change's row never changes and is greater than those of its dependencies. */
  rowOf(hash: ChangeHash): number {
    return this.#table.rowOf(hash)
  }

  hashAt(row: number): ChangeHash {
    return this.#table.hashAt(row)
  }

  /** The same as 32 bytes, which must not be changed. */
  hashBytesAt(row: number): Uint8Array {
    return this.#table.hashBytesAt(row)
  }

  /** The row of the one change whose hash begins with the `length` bytes (four or more) at `offset` of `bytes`; -1 where there is none, or more than one. */
  rowStarting(bytes: Uint8Array, offset: number, length: number): number {
    return this.#table.rowStarting(bytes, offset, length)
  }

  /** Rows of the changes that the one at `row` depends on. */
  depsAt(row: number): Uint32Array {
    return this.#table.depsAt(row)
  }

  /** The header of a change that is in the graph. */
  header(hash: ChangeHash): ChangeHeader | undefined {
    const row = this.#table.rowOf(hash)
    return row < 0 ? undefined : this.#table.headerAt(row)
  }

  headerAt(row: number): ChangeHeader {
    return this.#table.headerAt(row)
  }

  /** Sequence number of an actor's last change, 0 for one that is not known. */
  lastSeq(actor: ActorId): number {
    return this.#table.actor(actor)?.lastSeq ?? 0
  }

  /** The person behind an actor, as its first change says. */
  authorOf(actor: ActorId): PersonKey | null {
    return this.#table.actor(actor)?.author ?? null
  }

  /** Milliseconds, as the author's clock had it. */
  timeAt(row: number): number {
    return this.#table.timeAt(row)
  }

  /** Everybody who has made a change, null among them where one names nobody. */
  get authors(): (PersonKey | null)[] {
    return [...new Set(this.#table.actors.map(({ author }) => author))]
  }

  /** The person behind the change at a row. */
  authorAt(row: number): PersonKey | null {
    return this.#table.actorAt(row).author
  }

  /**
   * Takes changes (not saved documents: see `saved-document.ts`) in any order. Never throws: what cannot be taken is in `refused`, and
   * everything else is taken. A change whose header was read elsewhere, and whose operations are known to decode, comes with its header. One in short
   * that cannot be read yet is in none of the lists, and in `added` when what it names has come. With `by` changes of authors whom that one may not bring are refused too.
   */
  add(changes: Iterable<Uint8Array | GraphChange | ShortChange>, by?: Bringer): Added {
    const result: Added = { added: [], waiting: [], refused: [] }
    for (const change of changes) this.#receive(change, by, result)
    return { ...result, waiting: result.waiting.filter((hash) => this.#waiting.has(hash)) }
  }

  /**
   * Takes one change of a saved document that Automerge has read, in a graph in which nothing waits. Its operations are known to
   * decode. Returns whether it is new. Throws `refused`.
   */
  addRaw(raw: RawChange, hash: ChangeHash): boolean {
    const table = this.#table
    writeHash(this.#rawHash, 0, hash)
    if (table.rowOfBytes(this.#rawHash, 0) >= 0) return false
    const deps = this.#rawDeps
    deps.length = 0
    for (let at = 0; at < raw.depCount; at++) deps.push(table.rowOfBytes(raw.bytes, raw.depsAt + at * hashBytes))
    const known = table.actorNumber(raw.actor)
    const objection = this.#objection(deps, table.actors[known], raw.seq, raw.startOp, raw.author)
    if (objection !== null) throw new PalimpsestError('refused', `change ${hash} of actor ${raw.actor} ${objection}`)
    const actor = known < 0 ? table.addActor(raw.actor, raw.author) : known
    this.#moveHeads(table.appendBytes(this.#rawHash, 0, deps, actor, raw.startOp, raw.ops, raw.time))
    return true
  }

  /** Changes that others wait for and that have not come. To be asked for. */
  missing(): ChangeHash[] {
    return [...this.#waitingFor.keys()].filter((hash) => !this.#waiting.has(hash))
  }

  /** Changes in short that cannot be read: what they name has not come, or is something else here. */
  get unread(): number {
    return this.#unread.count
  }

  /** Lets go of them, and says how many of them have not come by another way either. */
  forgetUnread(): number {
    return this.#unread.forget(this)
  }

  /** All that waits for something that has not come, for another graph of the same document. */
  get setAside(): (Uint8Array | ShortChange)[] {
    return [...Array.from(this.#waiting.values(), ({ bytes }) => bytes), ...this.#unread.all]
  }

  /** Rows of the changes that `heads` do not include, in order. Heads that are not known here are passed over. */
  rowsSince(heads: Heads): number[] {
    const known = heads.map((hash) => this.#table.rowOf(hash)).filter((row) => row >= 0)
    return this.#rowsNotReached(known)
  }

  /** Changes that `heads` do not include, dependencies first. Heads that are not known here are passed over. */
  since(heads: Heads): ChangeHash[] {
    return this.rowsSince(heads).map((row) => this.#table.hashAt(row))
  }

  /** Whether the version `heads` includes the change at `row`. */
  includes(heads: Heads, row: number): boolean {
    return this.#reaches(
      heads.map((hash) => this.#table.rowOf(hash)).filter((head) => head >= 0),
      row,
    )
  }

  /** The rows from `from` on, compactly (about 40 bytes a change), for `restore`. */
  pack(from = 0): Uint8Array {
    return packHeaders(this.#table, from)
  }

  /** A graph from what `pack` gave: one piece from row 0, and any that follow it without a gap. Throws `damaged`. */
  static restore(packs: Iterable<Uint8Array>, limits: WaitingLimits = defaultLimits): ChangeGraph {
    const graph = new ChangeGraph(limits)
    for (const pack of packs) graph.extend(pack)
    return graph
  }

  /**
   * Adds a piece that `pack` gave of a graph that this one is the beginning of. Returns what became of changes that had been waiting for it. Throws `damaged`
   * when it does not begin where this graph ends.
   */
  extend(pack: Uint8Array): Added {
    const from = this.#table.count
    unpackHeaders(this.#table, pack)
    this.#moveHeadsFrom(from)
    const result: Added = { added: [], waiting: [], refused: [] }
    for (const hash of [...this.#waiting.keys()]) if (this.has(hash)) this.#forget(hash)
    for (const hash of [...this.#waitingFor.keys()]) if (this.has(hash)) this.#admitAll(this.#release(hash), result)
    for (const { change, by } of this.#unread.takeAll()) this.#receive(change, by, result)
    return result
  }

  #receive(given: Uint8Array | GraphChange | ShortChange, by: Bringer | undefined, result: Added): void {
    const change = this.#read(given, by, result)
    if (!change) return
    const { hash, deps } = change.header
    if (this.has(hash) || this.#waiting.has(hash)) return
    if (deps.every((dep) => this.has(dep))) this.#admitAll([change], result)
    else this.#wait(change, result)
  }

  /** Null for what is refused, was here before, or cannot be read yet. */
  #read(given: Uint8Array | GraphChange | ShortChange, by: Bringer | undefined, result: Added): AddedChange | null {
    try {
      if (given instanceof Uint8Array) return { header: readChangeHeader(given), bytes: given, by }
      if ('header' in given) return { ...given, by }
      const restored = restore(given, this)
      if (restored === 'here') return null
      if ('header' in restored) return { ...restored, by }
      this.#unread.add({ change: given, by }, restored.awaits)
    } catch (error) {
      result.refused.push({ hash: null, error: error as PalimpsestError })
    }
    return null
  }

  /** Appends changes whose dependencies are all here, and then those that waited for them. */
  #admitAll(changes: AddedChange[], result: Added): void {
    const ready = [...changes]
    for (let change = ready.pop(); change; change = ready.pop()) {
      if (this.has(change.header.hash)) continue
      const problem = this.#problemWith(change.header) ?? change.by?.refuses(change.header.author ?? this.authorOf(change.header.actor))
      if (problem) {
        this.#refuse(change.header.hash, problem, result)
        continue
      }
      this.#append(change.header)
      result.added.push(change)
      ready.push(...this.#release(change.header.hash), ...this.#readable(change.header.hash, result))
    }
  }

  /** Reads those changes in short that waited for this one. */
  #readable(hash: ChangeHash, result: Added): AddedChange[] {
    return this.#unread.take(hash).flatMap(({ change, by }) => this.#read(change, by, result) ?? [])
  }

  /** Why a change can never be part of this graph, or null. */
  #problemWith({ hash, deps, actor, seq, startOp, author }: ChangeHeader): PalimpsestError | null {
    const rows = deps.map((dep) => this.#table.rowOf(dep))
    const objection = this.#objection(rows, this.#table.actor(actor), seq, startOp, author)
    return objection === null ? null : new PalimpsestError('refused', `change ${hash} of actor ${actor} ${objection}`)
  }

  /** What is wrong with a change that stands on `rows` and is the next one of an actor, if anything. */
  #objection(rows: readonly number[], last: ActorState | undefined, seq: number, startOp: number, author: PersonKey | null): string | null {
    if (rows.includes(-1)) return 'depends on a change that is not here'
    const lastSeq = last?.lastSeq ?? 0
    if (seq <= lastSeq) return `has the number ${seq}, which another change of that actor has`
    if (seq !== lastSeq + 1) return `has the number ${seq}, and the last one before it is ${lastSeq}`
    if (last && !rows.includes(last.lastRow) && !this.#reaches(rows, last.lastRow))
      return `does not depend on that actor's change ${lastSeq}`
    if (last && author !== null && author !== last.author) return `names ${author} as its author; that actor's is ${last.author}`
    const lastOp = rows.reduce((most, row) => Math.max(most, this.#table.startOpAt(row) + this.#table.opCountAt(row) - 1), 0)
    if (startOp <= lastOp) return `begins with operation ${startOp}, and depends on operation ${lastOp}`
    const { operations } = this.#table
    return startOp > operations + 1 + maxOperationGap ? `begins with operation ${startOp} where there are ${operations}` : null
  }

  #append(header: ChangeHeader): void {
    const row = this.#table.append(
      header,
      header.deps.map((dep) => this.#table.rowOf(dep)),
    )
    this.#moveHeads(row)
  }

  /** The same as `#moveHeads` for each row from `from` on. */
  #moveHeadsFrom(from: number): void {
    const table = this.#table
    const isBuiltOn = new Uint8Array(table.count)
    for (let row = from; row < table.count; row++) {
      for (let at = table.depCountAt(row) - 1; at >= 0; at--) isBuiltOn[table.depAt(row, at)] = 1
    }
    for (const head of [...this.#heads]) if (isBuiltOn[head] === 1) this.#heads.delete(head)
    for (let row = from; row < table.count; row++) if (isBuiltOn[row] === 0) this.#heads.add(row)
    this.#headHashes = null
  }

  #moveHeads(row: number): void {
    for (let at = this.#table.depCountAt(row) - 1; at >= 0; at--) this.#heads.delete(this.#table.depAt(row, at))
    this.#heads.add(row)
    this.#headHashes = null
  }

  #wait(change: AddedChange, result: Added): void {
    const { hash, deps } = change.header
    if (this.#waiting.size >= this.#limits.changes || this.#waitingBytes + change.bytes.length > this.#limits.bytes) {
      const error = new PalimpsestError(
        'too-large',
        `change ${hash} would be number ${this.#waiting.size + 1} to wait for changes that have not come`,
      )
      result.refused.push({ hash, error })
      return
    }
    this.#waiting.set(hash, change)
    this.#waitingBytes += change.bytes.length
    for (const dep of deps) {
      if (this.has(dep)) continue
      const others = this.#waitingFor.get(dep)
      if (others) others.add(hash)
      else this.#waitingFor.set(dep, new Set([hash]))
    }
    result.waiting.push(hash)
  }

  /** Takes those out of the waiting changes that waited for `hash` last. */
  #release(hash: ChangeHash): AddedChange[] {
    const waiting = this.#waitingFor.get(hash)
    if (!waiting) return []
    this.#waitingFor.delete(hash)
    const ready = [...waiting]
      .flatMap((each) => this.#waiting.get(each) ?? [])
      .filter(({ header }) => header.deps.every((dep) => this.has(dep)))
    for (const { header } of ready) this.#forget(header.hash)
    return ready
  }

  #forget(hash: ChangeHash): void {
    const change = this.#waiting.get(hash)
    if (!change) return
    this.#waiting.delete(hash)
    this.#waitingBytes -= change.bytes.length
    for (const dep of change.header.deps) {
      const others = this.#waitingFor.get(dep)
      others?.delete(hash)
      if (others?.size === 0) this.#waitingFor.delete(dep)
    }
  }

  /** Refuses a change, and with it everything that waits for it: none of that can ever be part of the graph. */
  #refuse(hash: ChangeHash, error: PalimpsestError, result: Added): void {
    result.refused.push({ hash, error })
    const refused = [hash]
    for (let cause = refused.pop(); cause; cause = refused.pop()) {
      for (const dependent of [...(this.#waitingFor.get(cause) ?? [])]) {
        this.#forget(dependent)
        refused.push(dependent)
        const reason = new PalimpsestError('refused', `change ${dependent} depends on ${cause}, which was refused`)
        result.refused.push({ hash: dependent, error: reason })
      }
    }
  }

  /** Whether the change at `target` is one of `rows` or below one of them. Rows under the target cannot lead to it and are not looked at. */
  #reaches(rows: readonly number[], target: number): boolean {
    const todo = [...rows]
    const seen = new Set<number>()
    for (let row = todo.pop(); row !== undefined; row = todo.pop()) {
      if (row === target) return true
      if (row < target || seen.has(row)) continue
      seen.add(row)
      todo.push(...this.#table.depsAt(row))
    }
    return false
  }

  /**
   * Rows that are not below `known`, found by walking down from the newest row: when a row's turn comes, everything above it has had its own, so it
   * is known by then whether something known depends on it. The walk ends where nothing that is ours alone can follow.
   */
  #rowsNotReached(known: readonly number[]): number[] {
    const state = new Uint8Array(this.#table.count)
    let oursAhead = 0
    const mark = (row: number, value: number) => {
      if (state[row] === value || state[row] === theirs) return
      oursAhead += value === ours ? 1 : state[row] === ours ? -1 : 0
      state[row] = value
    }
    for (const row of known) mark(row, theirs)
    for (const row of this.#heads) mark(row, ours)
    const found: number[] = []
    for (let row = this.#table.count - 1; oursAhead > 0; row--) {
      const value = state[row] ?? 0
      if (value === 0) continue
      if (value === ours) {
        found.push(row)
        oursAhead -= 1
      }
      for (const dep of this.#table.depsAt(row)) mark(dep, value)
    }
    return found.reverse()
  }
}

/** In the walk of `#rowsNotReached`: reached from our heads, or from those that are known to the other side. */
const ours = 1
const theirs = 2
