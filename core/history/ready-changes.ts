import type { PersonKey } from '../ids.ts'
import { follows, type HistoryGraph } from './history-graph.ts'

/** Changes whose dependencies are all in the order already, and the choice among them. See `Timeline`. */
export class ReadyChanges {
  readonly #graph: HistoryGraph
  /** The first row that is not in the order. Arrays by row begin with it. */
  readonly #first: number
  /** By row: how many of its dependencies are not in the order yet. */
  readonly #missing: Uint32Array
  /** By row that is not in the order yet: where the rows that depend on it begin in `#dependents`. They end where those of the next row begin. */
  readonly #starts: Uint32Array
  readonly #dependents: Uint32Array
  readonly #byAuthor = new Map<PersonKey | null, EarliestFirst>()

  /** `rows` are those that are not in the order, ascending. */
  constructor(graph: HistoryGraph, rows: readonly number[]) {
    this.#graph = graph
    this.#first = rows[0] ?? graph.size
    const span = graph.size - this.#first
    this.#missing = new Uint32Array(span)
    this.#starts = new Uint32Array(span + 1)
    this.#dependents = this.#findDependents(rows, span)
    for (const row of rows) if (this.#missing[row - this.#first] === 0) this.#ready(row)
  }

  /** Takes out the change that comes next in the order, after the last change of the sitting under way; null when there is none left. */
  next(sitting: { author: PersonKey | null; time: number } | null): number | null {
    const own = sitting && this.#byAuthor.get(sitting.author)
    const ownFirst = own?.first ?? null
    const goesOn = sitting !== null && ownFirst !== null && follows(this.#graph.timeAt(ownFirst), sitting.time)
    const from = goesOn ? own : this.#earliest()
    const row = from?.take() ?? null
    if (row !== null) this.#release(row)
    return row
  }

  /** Counts for each row what it waits for, and lists for each one what waits for it: counted first, then filled in from the back. */
  #findDependents(rows: readonly number[], span: number): Uint32Array {
    const isWaiting = new Uint8Array(span)
    for (const row of rows) isWaiting[row - this.#first] = 1
    const starts = this.#starts
    let total = 0
    for (const row of rows) {
      const deps = this.#graph.depsAt(row)
      for (let index = 0; index < deps.length; index++) {
        const dep = (deps[index] ?? 0) - this.#first
        if (dep < 0 || isWaiting[dep] === 0) continue
        this.#missing[row - this.#first] = (this.#missing[row - this.#first] ?? 0) + 1
        starts[dep] = (starts[dep] ?? 0) + 1
        total += 1
      }
    }
    for (let at = 1; at <= span; at++) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0)
    return this.#fillIn(rows, isWaiting, total)
  }

  /** Moves each end back to the beginning of its row's list, which is the end of the list before; so lists run from one start to the next. */
  #fillIn(rows: readonly number[], isWaiting: Uint8Array, total: number): Uint32Array {
    const dependents = new Uint32Array(total)
    for (let at = rows.length - 1; at >= 0; at--) {
      const row = rows[at] ?? 0
      const deps = this.#graph.depsAt(row)
      for (let index = 0; index < deps.length; index++) {
        const dep = (deps[index] ?? 0) - this.#first
        if (dep < 0 || isWaiting[dep] === 0) continue
        const place = (this.#starts[dep] ?? 0) - 1
        this.#starts[dep] = place
        dependents[place] = row
      }
    }
    return dependents
  }

  #release(row: number): void {
    const at = row - this.#first
    for (let index = this.#starts[at] ?? 0; index < (this.#starts[at + 1] ?? 0); index++) {
      const dependent = this.#dependents[index] ?? 0
      const missing = (this.#missing[dependent - this.#first] ?? 1) - 1
      this.#missing[dependent - this.#first] = missing
      if (missing === 0) this.#ready(dependent)
    }
  }

  #ready(row: number): void {
    const author = this.#graph.authorAt(row)
    let queue = this.#byAuthor.get(author)
    if (!queue) {
      queue = new EarliestFirst((left, right) => this.#isBefore(left, right))
      this.#byAuthor.set(author, queue)
    }
    queue.add(row)
  }

  #earliest(): EarliestFirst | null {
    let earliest: EarliestFirst | null = null
    for (const queue of this.#byAuthor.values()) {
      if (queue.first === null) continue
      if (earliest?.first == null || this.#isBefore(queue.first, earliest.first)) earliest = queue
    }
    return earliest
  }

  #isBefore(left: number, right: number): boolean {
    const difference = this.#graph.timeAt(left) - this.#graph.timeAt(right)
    return difference === 0 ? this.#graph.hashAt(left) < this.#graph.hashAt(right) : difference < 0
  }
}

/** A binary heap of rows. */
class EarliestFirst {
  readonly #isBefore: (left: number, right: number) => boolean
  readonly #rows: number[] = []

  constructor(isBefore: (left: number, right: number) => boolean) {
    this.#isBefore = isBefore
  }

  get first(): number | null {
    return this.#rows[0] ?? null
  }

  add(row: number): void {
    let at = this.#rows.push(row) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#swapIfBefore(at, above)) return
      at = above
    }
  }

  take(): number | null {
    const [first] = this.#rows
    const last = this.#rows.pop()
    if (first === undefined || last === undefined) return null
    if (this.#rows.length > 0) {
      this.#rows[0] = last
      this.#sink()
    }
    return first
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [at * 2 + 1, at * 2 + 2]
      const below = right < this.#rows.length && this.#comesFirst(right, left) ? right : left
      if (below >= this.#rows.length || !this.#swapIfBefore(below, at)) return
      at = below
    }
  }

  #swapIfBefore(below: number, above: number): boolean {
    if (!this.#comesFirst(below, above)) return false
    const row = this.#rows[below] as number
    this.#rows[below] = this.#rows[above] as number
    this.#rows[above] = row
    return true
  }

  #comesFirst = (left: number, right: number) => this.#isBefore(this.#rows[left] as number, this.#rows[right] as number)
}
