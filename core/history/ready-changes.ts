import type { PersonKey } from '../ids.ts'
import { follows, type HistoryGraph } from './history-graph.ts'

/** Changes whose dependencies are all in the order already, and the choice among them. See `Timeline`. */
export class ReadyChanges {
  readonly #graph: HistoryGraph
  /** By row: how many of its dependencies are not in the order yet. */
  readonly #missing = new Map<number, number>()
  /** By row that is not in the order yet: rows that depend on it. */
  readonly #dependents = new Map<number, number[]>()
  readonly #byAuthor = new Map<PersonKey | null, EarliestFirst>()

  /** `rows` are those that are not in the order, each after its dependencies. */
  constructor(graph: HistoryGraph, rows: readonly number[]) {
    this.#graph = graph
    const isWaiting = new Uint8Array(graph.size)
    for (const row of rows) isWaiting[row] = 1
    for (const row of rows) this.#add(row, isWaiting)
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

  #add(row: number, isWaiting: Uint8Array): void {
    const deps = this.#graph.depsAt(row)
    let missing = 0
    for (let index = 0; index < deps.length; index++) {
      const dep = deps[index] ?? 0
      if (isWaiting[dep] === 0) continue
      missing += 1
      const dependents = this.#dependents.get(dep)
      if (dependents) dependents.push(row)
      else this.#dependents.set(dep, [row])
    }
    if (missing === 0) this.#ready(row)
    else this.#missing.set(row, missing)
  }

  #release(row: number): void {
    for (const dependent of this.#dependents.get(row) ?? []) {
      const missing = (this.#missing.get(dependent) ?? 1) - 1
      if (missing > 0) this.#missing.set(dependent, missing)
      else {
        this.#missing.delete(dependent)
        this.#ready(dependent)
      }
    }
    this.#dependents.delete(row)
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
