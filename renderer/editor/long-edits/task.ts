import { type EditorState, PluginKey, type SelectionBookmark, type Transaction } from 'prosemirror-state'
import { Mapping, type Step, type StepMap, type Transform } from 'prosemirror-transform'
import type { History } from '../binding/undo.ts'
import { cutStep, framePieces, type PieceSizes, workOf } from './cut.ts'
import { carryPast, doFirst } from './rest.ts'

/** A long edit that is under way. */
export interface Task {
  readonly kind: 'paste' | 'delete' | 'write' | 'undo' | 'redo'
  /** What comes next, for the document as it is. */
  readonly rest: readonly Step[]
  /** In pieces. */
  readonly total: number
  /** The transaction that began it; or, when something is taken back, what the undo history has to learn of it. */
  readonly origin: Transaction | TakingBack
}

/** What the undo history has to learn when an event has been taken back piece by piece. */
export interface TakingBack {
  readonly isRedo: boolean
  /** Whether some of it is done. */
  readonly isBegun: boolean
  /** The history when all is done, had nobody else written. */
  readonly after: History
  /** The selection then. */
  readonly selection: SelectionBookmark
  /** What others did meanwhile, as it is in the document when all is done. */
  readonly others: readonly StepMap[]
}

export const taskKey = new PluginKey<Task | null>('longEdits')

/** Above as many pieces there is something to wait for. */
const longWork = 3

/** How large the pieces of an editor are. */
export const sizesIn = (state: EditorState): PieceSizes => taskKey.get(state)?.spec.sizes ?? framePieces

export const workOfAll = (steps: readonly Step[], sizes: PieceSizes): number => steps.reduce((sum, step) => sum + workOf(step, sizes), 0)

/** The steps of a transform, cut into pieces; null when they need not be done one after the other. */
export function piecesOf({ steps, docs }: Transform, sizes: PieceSizes, isPaste = false): readonly Step[] | null {
  if (workOfAll(steps, sizes) <= longWork) return null
  const pieces = steps.flatMap((step, index) => cutStep(docs[index]!, step, sizes, isPaste))
  return pieces.length > 1 ? pieces : null
}

/** Does what one frame has time for. Returns what is left. */
export function doPiece(tr: Transform, steps: readonly Step[], sizes: PieceSizes): readonly Step[] {
  let rest = steps
  let work = 0
  do {
    work += workOf(rest[0]!, sizes)
    rest = doFirst(tr, rest)
  } while (rest.length > 0 && work + workOf(rest[0]!, sizes) <= 1)
  return rest
}

export const isTakingBack = (origin: Task['origin']): origin is TakingBack => 'isRedo' in origin

/** What is left after something else was done. */
export function taskAfter(task: Task, maps: readonly StepMap[]): Task {
  if (maps.length === 0) return task
  const { steps: rest, maps: others } = carryPast(task.rest, maps)
  const { origin } = task
  if (!isTakingBack(origin)) return { ...task, rest }
  const selection = origin.selection.map(new Mapping([...others]))
  return { ...task, rest, origin: { ...origin, selection, others: [...origin.others, ...others] } }
}
