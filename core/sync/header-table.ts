import type { ChangeHeader } from './change-header.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'
import { HashIndex, hashBytes, hashText, writeHash } from './hash-index.ts'

/** One actor: the person behind it, and its last change so far. */
export interface ActorState {
  readonly id: ActorId
  readonly author: PersonKey | null
  lastSeq: number
  lastRow: number
}

/**
 * The headers of one document's changes in columns: about 60 bytes a change, so that the longest history (hundreds of thousands of changes) costs some
 * megabytes. A change is named by its row. Rows are appended with their dependencies before them, so a change's row is always greater than those of
 * its dependencies. Nothing is checked here; `ChangeGraph` does that.
 */
export class HeaderTable {
  readonly actors: ActorState[] = []
  readonly #actorNumbers = new Map<ActorId, number>()
  #count = 0
  #operations = 0
  #hashes = new Uint8Array(hashBytes * 16)
  #depEnds = new Uint32Array(16)
  #deps = new Uint32Array(16)
  #actorOf = new Uint32Array(16)
  #seqs = new Uint32Array(16)
  #startOps = new Uint32Array(16)
  #opCounts = new Uint32Array(16)
  #times = new Float64Array(16)
  readonly #index = new HashIndex(() => this.#hashes)

  get count(): number {
    return this.#count
  }

  /** Operations of all changes. */
  get operations(): number {
    return this.#operations
  }

  /** The row of a change, or -1. */
  rowOf(hash: ChangeHash): number {
    return this.#index.find(hash)
  }

  /** The same for a hash that stands at `offset` of `bytes`. */
  rowOfBytes(bytes: Uint8Array, offset: number): number {
    return this.#index.findBytes(bytes, offset)
  }

  /** The row of the one hash that begins with the `length` bytes at `offset` of `bytes`; -1 where there is none, or more than one. */
  rowStarting(bytes: Uint8Array, offset: number, length: number): number {
    return this.#index.findStart(bytes, offset, length)
  }

  hashAt(row: number): ChangeHash {
    return hashText(this.#hashes, row * hashBytes)
  }

  hashBytesAt(row: number): Uint8Array {
    return this.#hashes.subarray(row * hashBytes, (row + 1) * hashBytes)
  }

  depsAt(row: number): Uint32Array {
    return this.#deps.subarray(row === 0 ? 0 : (this.#depEnds[row - 1] ?? 0), this.#depEnds[row])
  }

  /** Number of dependencies of a row. */
  depCountAt(row: number): number {
    return (this.#depEnds[row] ?? 0) - (row === 0 ? 0 : (this.#depEnds[row - 1] ?? 0))
  }

  /** One of the dependencies of a row. */
  depAt(row: number, at: number): number {
    return this.#deps[(row === 0 ? 0 : (this.#depEnds[row - 1] ?? 0)) + at] ?? 0
  }

  actorAt(row: number): ActorState {
    return this.actors[this.#actorOf[row] ?? 0] as ActorState
  }

  actorNumberAt(row: number): number {
    return this.#actorOf[row] ?? 0
  }

  seqAt(row: number): number {
    return this.#seqs[row] ?? 0
  }

  startOpAt(row: number): number {
    return this.#startOps[row] ?? 0
  }

  opCountAt(row: number): number {
    return this.#opCounts[row] ?? 0
  }

  timeAt(row: number): number {
    return this.#times[row] ?? 0
  }

  headerAt(row: number): ChangeHeader {
    const actor = this.actorAt(row)
    const seq = this.seqAt(row)
    return {
      hash: this.hashAt(row),
      deps: Array.from(this.depsAt(row), (dep) => this.hashAt(dep)),
      actor: actor.id,
      seq,
      startOp: this.startOpAt(row),
      ops: this.opCountAt(row),
      time: this.timeAt(row),
      author: seq === 1 ? actor.author : null,
    }
  }

  /** The number of an actor, or -1. */
  actorNumber(id: ActorId): number {
    return this.#actorNumbers.get(id) ?? -1
  }

  actor(id: ActorId): ActorState | undefined {
    return this.actors[this.actorNumber(id)]
  }

  /** Makes an actor known, and gives its number. */
  addActor(id: ActorId, author: PersonKey | null): number {
    this.#actorNumbers.set(id, this.actors.length)
    return this.actors.push({ id, author, lastSeq: 0, lastRow: -1 }) - 1
  }

  /** Makes room for so many more rows at once. */
  expect(rows: number): void {
    this.#makeRoom(this.#count + rows, 0)
    this.#index.expect(rows)
  }

  /** Appends a change whose dependencies are the rows `deps`; an actor that is new becomes known with its author. */
  append(header: ChangeHeader, deps: readonly number[]): number {
    const known = this.actorNumber(header.actor)
    const actor = known < 0 ? this.addActor(header.actor, header.author) : known
    const row = this.#appendColumns(deps, actor, header.startOp, header.ops, header.time)
    writeHash(this.#hashes, row * hashBytes, header.hash)
    this.#index.add(row)
    return row
  }

  /** The same with the hash as the bytes that stand at `hashAt` of `source`, and the actor as its number. */
  appendBytes(
    source: Uint8Array,
    hashAt: number,
    deps: readonly number[],
    actor: number,
    startOp: number,
    ops: number,
    time: number,
  ): number {
    const row = this.#appendColumns(deps, actor, startOp, ops, time)
    const hashes = this.#hashes
    for (let at = 0, to = row * hashBytes; at < hashBytes; at++, to++) hashes[to] = source[hashAt + at] ?? 0
    this.#index.add(row)
    return row
  }

  #appendColumns(deps: readonly number[], actor: number, startOp: number, ops: number, time: number): number {
    const row = this.#count
    const depStart = row === 0 ? 0 : (this.#depEnds[row - 1] ?? 0)
    this.#makeRoom(row + 1, depStart + deps.length)
    for (let at = 0; at < deps.length; at++) this.#deps[depStart + at] = deps[at] ?? 0
    this.#depEnds[row] = depStart + deps.length
    this.#actorOf[row] = actor
    this.#startOps[row] = startOp
    this.#opCounts[row] = ops
    this.#operations += ops
    this.#times[row] = time
    const state = this.actors[actor] as ActorState
    state.lastSeq += 1
    state.lastRow = row
    this.#seqs[row] = state.lastSeq
    this.#count = row + 1
    return row
  }

  #makeRoom(rows: number, deps: number): void {
    if (deps > this.#deps.length) this.#deps = enlarge(this.#deps, deps)
    if (rows <= this.#times.length) return
    this.#hashes = enlarge(this.#hashes, rows * hashBytes)
    this.#depEnds = enlarge(this.#depEnds, rows)
    this.#actorOf = enlarge(this.#actorOf, rows)
    this.#seqs = enlarge(this.#seqs, rows)
    this.#startOps = enlarge(this.#startOps, rows)
    this.#opCounts = enlarge(this.#opCounts, rows)
    this.#times = enlarge(this.#times, rows)
  }
}

function enlarge<Column extends Uint8Array | Uint32Array | Float64Array>(column: Column, needed: number): Column {
  const larger = new (column.constructor as new (length: number) => Column)(Math.max(needed, column.length * 2))
  larger.set(column)
  return larger
}
