import { redo as redoAll, undo as undoAll } from 'prosemirror-history'
import type { Command, EditorState, Transaction } from 'prosemirror-state'
import { ReplaceStep, Transform } from 'prosemirror-transform'
import { type BoundView, takeBack } from '../binding/index.ts'
import { type History, historyOf, historyStep, sidesOf } from '../binding/undo.ts'
import type { PieceSizes } from './cut.ts'
import { doFirst } from './rest.ts'
import { isTakingBack, piecesOf, sizesIn, type Task, type TakingBack, taskAfter, taskKey, workOfAll } from './task.ts'

/** Takes back the last thing the person did, and leaves what others wrote in it. What is long goes piece by piece. */
export const undo: Command = inPieces(undoAll, 'undo')

/** Does again what `undo` took back. */
export const redo: Command = inPieces(redoAll, 'redo')

function inPieces(command: Command, kind: 'undo' | 'redo'): Command {
  return (state, dispatch) => {
    const task = taskKey.getState(state)
    // The event before it comes when this one is done.
    if (task && isTakingBack(task.origin)) return true
    return command(
      state,
      dispatch &&
        ((all) => {
          const begun = beginning(state, all, kind)
          if (begun) dispatch(state.tr.setMeta(taskKey, begun))
          else takeBack(state, all, (tr) => dispatch(tr))
        }),
    )
  }
}

function beginning(state: EditorState, all: Transaction, kind: 'undo' | 'redo'): Task | null {
  const sizes = sizesIn(state)
  const rest = taskKey.get(state) && !moves(all, sizes) ? piecesOf(all, sizes) : null
  if (!rest) return null
  const selection = all.selection.getBookmark()
  const after = historyStep(state, all).historyState
  return { kind, rest, total: workOfAll(rest, sizes), origin: { isRedo: kind === 'redo', isBegun: false, after, selection, others: [] } }
}

/** Whether an event puts in what it takes out elsewhere. That is done at once: stopped half way the text would stand in both places, or in neither. */
function moves({ steps, docs }: Transform, sizes: PieceSizes): boolean {
  const replaced = steps.flatMap((step, index) => (step instanceof ReplaceStep ? [{ step, doc: docs[index]! }] : []))
  const taken = replaced
    .filter(({ step }) => step.to - step.from > sizes.deletion)
    .map(({ step, doc }) => doc.textBetween(step.from, step.to))
  const put = replaced
    .filter(({ step }) => step.slice.size > 0)
    .map(({ step: { slice } }) => slice.content.textBetween(0, slice.content.size))
  return taken.some((text) => text !== '' && put.includes(text))
}

/** Takes back what `piece` does, which leaves `task` to be done. Returns whether that succeeded. */
export function takeBackPiece(view: BoundView, piece: Transaction, task: Task, origin: TakingBack): boolean {
  const { state } = view
  const history = historyOf(state)
  const present = history.getState(state) as History
  const { from, to } = sidesOf(origin.isRedo)
  const isLast = task.rest.length === 0
  const historyState: History = {
    ...origin.after,
    // Nobody asks for it before the last piece is done.
    [from]: isLast ? origin.after[from].addMaps(origin.others) : present[from],
    [to]: present[to].addTransform(piece, origin.isBegun ? undefined : state.selection.getBookmark(), history.spec.config, false),
  }
  if (isLast) piece.setSelection(origin.selection.resolve(piece.doc)).scrollIntoView()
  piece.setMeta(history, { redo: origin.isRedo, historyState, isContinued: origin.isBegun })
  let isDone = false
  takeBack(state, piece, (tr, kept) => {
    isDone = true
    const left = taskAfter({ ...task, origin: { ...origin, isBegun: true } }, kept)
    view.dispatch(tr.setMeta(taskKey, isLast ? null : left))
  })
  return isDone
}

/** Ends what is being taken back: what is done of it can be done again, and what is left of it is the next event to take back. */
export function stopTakingBack(state: EditorState, task: Task, origin: TakingBack): Transaction {
  const history = historyOf(state)
  const { from } = sidesOf(origin.isRedo)
  const branch = origin.after[from]
    .addMaps(origin.others)
    .addTransform(inverseOf(state, task), origin.selection, history.spec.config, false)
  const historyState: History = { ...(history.getState(state) as History), [from]: branch }
  return state.tr.setMeta(history, { redo: origin.isRedo, historyState }).setMeta(taskKey, null)
}

/** From the document that the rest of a task would lead to, the way back to the present one. */
function inverseOf(state: EditorState, task: Task): Transform {
  const forth = new Transform(state.doc)
  for (let rest = task.rest; rest.length > 0; ) rest = doFirst(forth, rest)
  const back = new Transform(forth.doc)
  for (let index = forth.steps.length - 1; index >= 0; index--) back.step(forth.steps[index]!.invert(forth.docs[index]!))
  return back
}
