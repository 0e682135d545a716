/**
 * The timeline of a document: its changes in one order that is the same everywhere, grouped into sittings.
 *
 * The order respects dependencies, so the changes up to any place in it are a real version. Among changes that are free to come next, the sitting under
 * way goes on as long as its author has one that follows it within ten minutes; then comes the change with the earliest time, and among equal times the
 * one with the smallest hash. So the order follows from the changes alone: not from how or when they arrived, and a clock that lies makes a label
 * wrong, never a version.
 *
 * It is kept up to date as changes arrive. A new change can only come after its dependencies, so the order before the earliest place where one of the new
 * changes could stand does not change, and is not looked at again.
 */
import type { Sitting } from '../contract/engine.ts'
import type { PersonKey } from '../ids.ts'
import type { Edits } from './edits.ts'
import { follows, type HistoryGraph } from './history-graph.ts'
import { ReadyChanges } from './ready-changes.ts'

/** What a first change inserts above this length is a text that was there before, not the beginning of a new one. */
const beginningLength = 20

/** A sitting in the making. */
interface Group {
  /** Place in the order of its first change, and the place after its last. */
  start: number
  end: number
  author: PersonKey | null
  startedAt: number
  endedAt: number
  inserted: number
  deleted: number
  /** Rows that nothing before `end` depends on. */
  heads: readonly number[]
}

export class Timeline {
  readonly #graph: HistoryGraph
  readonly #editsAt: (row: number) => Edits
  /** Rows in their order, and the place of each row. */
  readonly #order: number[] = []
  readonly #placeOf: number[] = []
  readonly #groups: Group[] = []
  /** Rows that nothing in the order depends on. */
  #frontier = new Set<number>()

  /** `editsAt` says what the change of a row inserted and deleted. */
  constructor(graph: HistoryGraph, editsAt: (row: number) => Edits) {
    this.#graph = graph
    this.#editsAt = editsAt
    this.update()
  }

  /** Takes in the rows that came since. Returns whether there were any. */
  update(): boolean {
    const known = this.#order.length
    if (known === this.#graph.size) return false
    this.#truncate(this.#firstFreePlace(known))
    this.#extend()
    return true
  }

  /** Oldest first. */
  sittings(): Sitting[] {
    return this.#groups.map((group, index) => this.#sitting(group, index))
  }

  /** Rows of the graph in the order of the timeline. */
  order(): readonly number[] {
    return this.#order
  }

  /** The earliest place where one of the rows from `known` on could stand. */
  #firstFreePlace(known: number): number {
    let first = known
    for (let row = known; row < this.#graph.size; row++) {
      let after = 0
      const deps = this.#graph.depsAt(row)
      for (let index = 0; index < deps.length; index++) after = Math.max(after, (this.#placeOf[deps[index] ?? 0] ?? known) + 1)
      first = Math.min(first, after)
    }
    return first
  }

  /** Takes back all places from `place` on. The sitting that it is in is made again from its beginning. */
  #truncate(place: number): void {
    if (place === this.#order.length) return
    while ((this.#groups.at(-1)?.end ?? 0) > place) this.#groups.pop()
    const last = this.#groups.at(-1)
    const again = this.#order.splice(last?.end ?? 0).slice(0, place - (last?.end ?? 0))
    this.#frontier = new Set(last?.heads ?? [])
    for (const row of again) this.#push(row)
  }

  #extend(): void {
    const ready = new ReadyChanges(this.#graph, this.#rest())
    for (;;) {
      const group = this.#groups.at(-1)
      const row = ready.next(group ? { author: group.author, time: this.#timeAtEnd() } : null)
      if (row === null) break
      this.#push(row)
    }
    this.#closeGroup()
  }

  /** Rows that are not in the order. */
  #rest(): number[] {
    const isPlaced = new Uint8Array(this.#graph.size)
    for (const row of this.#order) isPlaced[row] = 1
    const rest: number[] = []
    for (let row = 0; row < isPlaced.length; row++) if (isPlaced[row] === 0) rest.push(row)
    return rest
  }

  #timeAtEnd = () => this.#graph.timeAt(this.#order.at(-1) ?? 0)

  #push(row: number): void {
    const author = this.#graph.authorAt(row)
    const time = this.#graph.timeAt(row)
    const { inserted, deleted, isRestore } = this.#editsAt(row)
    const group = this.#groupFor(author, time, isRestore)
    group.inserted += inserted
    group.deleted += deleted
    group.startedAt = Math.min(group.startedAt, time)
    group.endedAt = Math.max(group.endedAt, time)
    this.#placeOf[row] = this.#order.length
    this.#order.push(row)
    group.end = this.#order.length
    const deps = this.#graph.depsAt(row)
    for (let index = 0; index < deps.length; index++) this.#frontier.delete(deps[index] ?? 0)
    this.#frontier.add(row)
  }

  /**
   * Restoring a version begins a sitting, so that the text which it took away stands at the end of one. So does the change after the first, where that brought a text with it: an
   * import can be brought back as it came, though one began to write in it at once.
   */
  #groupFor(author: PersonKey | null, time: number, isRestore: boolean): Group {
    const last = this.#groups.at(-1)
    const isAfterImport = last?.end === 1 && last.inserted > beginningLength
    if (last && !isRestore && !isAfterImport && last.author === author && follows(time, this.#timeAtEnd())) return last
    this.#closeGroup()
    const start = this.#order.length
    const group: Group = { start, end: start, author, startedAt: time, endedAt: time, inserted: 0, deleted: 0, heads: [] }
    this.#groups.push(group)
    return group
  }

  #closeGroup(): void {
    const last = this.#groups.at(-1)
    if (last) last.heads = [...this.#frontier]
  }

  #sitting({ start, end, author, startedAt, endedAt, inserted, deleted, heads }: Group, index: number): Sitting {
    const hashes = heads.map((row) => this.#graph.hashAt(row)).sort()
    return { index, author, startedAt, endedAt, changes: end - start, inserted, deleted, heads: hashes }
  }
}
