import type { ChangeHash, PersonKey } from '../ids.ts'

/** What history reads of the change graph. Rows are in an order that respects dependencies, and only added at the end. */
export interface HistoryGraph {
  readonly size: number
  hashAt(row: number): ChangeHash
  /** Rows of the changes that the one at `row` depends on. */
  depsAt(row: number): ArrayLike<number>
  authorAt(row: number): PersonKey | null
  /** Milliseconds; a label. */
  timeAt(row: number): number
}

/** A longer silence ends a sitting. */
export const pauseMs = 10 * 60_000

/** Whether a change at `time` belongs to the sitting whose last change was at `before`. A clock that was set back by a little does not end a sitting. */
export const follows = (time: number, before: number) => Math.abs(time - before) <= pauseMs
