import { isHistoryTransaction } from 'prosemirror-history'
import { type EditorState, Plugin, Selection, TextSelection, type Transaction } from 'prosemirror-state'
import { Mapping, type Step } from 'prosemirror-transform'
import type { EditorView } from 'prosemirror-view'
import { browserFrame, type WaitForFrame } from '../../documents/frame.ts'
import { type BoundView, isOwn } from '../binding/index.ts'
import { redo, undo } from '../restored-versions.ts'
import { framePieces, type PieceSizes } from './cut.ts'
import { carryPast } from './rest.ts'
import { stopTakingBack, takeBackPiece } from './take-back.ts'
import { doPiece, isTakingBack, piecesOf, sizesIn, type Task, taskAfter, taskKey, workOfAll } from './task.ts'

/**
 * Long edits go piece by piece, one each frame, so that the window goes on living: Automerge takes seconds to write a book, and half a minute to delete one.
 *
 * The first piece is done at once. It leaves the caret where the whole would, and one can go on writing; the others follow at places that move with everything else that
 * happens. All of them, with what is written meanwhile, are one event for undo. Undo and redo of something long go piece by piece too. Writing stops them, and what is
 * left can be undone next.
 */
export function longEdits(waitForFrame: WaitForFrame = browserFrame, sizes: PieceSizes = framePieces): Plugin<Task | null> {
  return new Plugin<Task | null>({
    key: taskKey,
    sizes,
    state: { init: () => null, apply: nextTask },
    view(view) {
      let isAsked = false
      let isDestroyed = false
      const goOn = () => {
        isAsked = false
        if (!isDestroyed) continueTask(view)
      }
      return {
        update() {
          if (isAsked || !taskKey.getState(view.state)) return
          isAsked = true
          waitForFrame(goOn)
        },
        destroy: () => {
          isDestroyed = true
        },
      }
    },
    props: { handleDOMEvents: { beforeinput: undoFromMenu } },
  })
}

/** The browser's own menu asks by this event. */
function undoFromMenu(view: EditorView, event: InputEvent): boolean {
  const command = { historyUndo: undo, historyRedo: redo }[event.inputType]
  if (!command || !view.editable) return false
  event.preventDefault()
  return command(view.state, view.dispatch)
}

function nextTask(tr: Transaction, task: Task | null): Task | null {
  const set = tr.getMeta(taskKey) as Task | null | undefined
  if (set !== undefined) return set
  // Undoing what is still being written ends it.
  if (task === null || isHistoryTransaction(tr)) return null
  return taskAfter(task, tr.mapping.maps)
}

/** What to apply in place of a transaction, in order: of a long one only its first piece. */
export function inPieces(state: EditorState, tr: Transaction): Transaction[] {
  if (!isOwn(tr) || tr.getMeta(taskKey) !== undefined || !taskKey.get(state)) return [tr]
  const task = taskKey.getState(state) ?? null
  if (task === null) return [firstPiece(state, tr, null)]
  if (isTakingBack(task.origin)) return [stopTakingBack(state, task, task.origin), firstPiece(state, tr, null)]
  // Otherwise the pieces that follow would belong to another event than those before.
  return [firstPiece(state, tr, task).setMeta('appendedTransaction', task.origin)]
}

/** What says more than that the person pasted or cut is for another plugin, which has to see the whole. */
const plainMetas = ['paste', 'uiEvent', 'addToHistory']

function firstPiece(state: EditorState, tr: Transaction, before: Task | null): Transaction {
  const metas = Object.keys((tr as unknown as { readonly meta: object }).meta)
  const sizes = sizesIn(state)
  // Several steps may move text: half of that would be a loss.
  const isPlain = tr.steps.length === 1 && metas.every((name) => plainMetas.includes(name))
  const pieces = isPlain ? piecesOf(tr, sizes, tr.getMeta('paste') === true) : null
  if (!pieces) return tr
  const first = state.tr.setTime(tr.time)
  const rest = doPiece(first, pieces, sizes)
  first.setSelection(selectionBefore(tr, first, rest))
  for (const name of metas) first.setMeta(name, tr.getMeta(name))
  if (tr.scrolledIntoView) first.scrollIntoView()
  const all = before ? restOfBoth(taskAfter(before, first.mapping.maps).rest, rest) : rest
  return first.setMeta(taskKey, { kind: kindOf(tr), rest: all, total: workOfAll(all, sizes), origin: first } satisfies Task)
}

/** Two sequences for one document, one after the other. */
const restOfBoth = (first: readonly Step[], second: readonly Step[]): readonly Step[] => {
  const maps = first.map((step) => step.getMap())
  return [...first, ...carryPast(second, maps).steps]
}

function kindOf(tr: Transaction): Task['kind'] {
  if (tr.getMeta('paste')) return 'paste'
  return tr.doc.content.size < tr.before.content.size ? 'delete' : 'write'
}

/** The selection that the whole transaction makes, in the document that its first piece makes. */
function selectionBefore(tr: Transaction, first: Transaction, rest: readonly Step[]): Selection {
  const back = new Mapping(rest.map((step) => step.getMap().invert()).reverse())
  const [$anchor, $head] = [tr.selection.anchor, tr.selection.head].map((position) => first.doc.resolve(back.map(position, -1)))
  return tr.selection instanceof TextSelection ? TextSelection.between($anchor!, $head!) : Selection.near($head!, -1)
}

function continueTask(view: BoundView): void {
  const { state } = view
  const task = taskKey.getState(state)
  if (!task) return
  const { tr } = state
  const rest = doPiece(tr, task.rest, sizesIn(state))
  const { origin } = task
  if (isTakingBack(origin)) {
    if (!takeBackPiece(view, tr, { ...task, rest }, origin)) stop(view)
  } else {
    if (task.kind === 'paste') tr.setMeta('paste', true)
    view.dispatch(tr.setMeta('appendedTransaction', origin).setMeta(taskKey, rest.length > 0 ? { ...task, rest } : null))
  }
  // It was refused: the person may not write here any more.
  if (taskKey.getState(view.state) === task) stop(view)
}

/** Does all that is left at once: for when the document is left, because nobody would do it after that. */
export function finish(view: BoundView): void {
  while (taskKey.getState(view.state)) continueTask(view)
}

/** What is there already stays; of what was being taken back, the rest can be taken back next. */
export function stop(view: BoundView): void {
  const task = taskKey.getState(view.state)
  if (!task) return
  const { origin } = task
  view.dispatch(isTakingBack(origin) ? stopTakingBack(view.state, task, origin) : view.state.tr.setMeta(taskKey, null))
}
