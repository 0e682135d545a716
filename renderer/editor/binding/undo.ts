import { type EditorState, type Plugin, Selection, type Transaction } from 'prosemirror-state'
import type { StepMap, Transform } from 'prosemirror-transform'

/**
 * Undo that leaves some of what it should have deleted.
 *
 * ProseMirror's history remembers for redo the inverse of what undo did, which is to insert all that was deleted. Where members that others wrote were kept, that
 * would bring them a second time. So the history is told what really happened: it remembers the inverse of the steps that took only the person's own, and the
 * events that remain learn that what was kept is still there. The history has no public way to be told this, so its state is taken as version 1.5 has
 * it, as far as the two interfaces below say.
 */
interface Branch {
  /** With a selection it begins an event, without one it goes on with the last. */
  addTransform(transform: Transform, selection: unknown, options: unknown, preserveItems: boolean): Branch
  addMaps(maps: readonly StepMap[]): Branch
}
export interface History {
  readonly done: Branch
  readonly undone: Branch
}

/** What the history's transactions tell it. */
export interface HistoryStep {
  readonly redo: boolean
  /** The history after it. */
  readonly historyState: History
  /** Whether it goes on with an event of which a part has been taken back already. */
  readonly isContinued?: boolean
}

/** What undo, or redo, came to. */
export interface TakenBack {
  /** What the history did: its own members deleted, and what others wrote among them. */
  readonly all: Transaction
  /** From the document that this leaves, the steps that bring the others' back. */
  readonly kept: Transaction
  /** From the document before, the steps that delete only the person's own. */
  readonly own: Transaction
  /** Whether these say what happened letter by letter. Otherwise it can't be undone again: that could bring text twice. */
  readonly isExact: boolean
}

/** The transaction to dispatch instead of the history's. */
export function withoutKept(state: EditorState, { all, kept, own, isExact }: TakenBack): Transaction {
  const plugin = historyOf(state)
  const { redo, historyState, isContinued = false } = historyStep(state, all)
  const { from, to } = sidesOf(redo)
  const before = (plugin.getState(state) as History)[to]
  const next: History = {
    ...historyState,
    [from]: historyState[from].addMaps(kept.mapping.maps),
    [to]: isExact
      ? before.addTransform(own, isContinued ? undefined : state.selection.getBookmark(), plugin.spec.config, false)
      : before.addMaps([...all.mapping.maps, ...kept.mapping.maps]),
  }
  return own.setSelection(Selection.fromJSON(own.doc, kept.selection.toJSON())).setMeta(plugin, { redo, historyState: next })
}

/** Which branch an event is taken from, and which it goes to. */
export const sidesOf = (isRedo: boolean) => (isRedo ? ({ from: 'undone', to: 'done' } as const) : ({ from: 'done', to: 'undone' } as const))

/** What a transaction of the history's tells it. */
export const historyStep = (state: EditorState, tr: Transaction) => tr.getMeta(historyOf(state)) as HistoryStep

export function historyOf(state: EditorState): Plugin {
  const plugin = state.plugins.find(({ spec }) => typeof spec.config?.newGroupDelay === 'number')
  if (!plugin) throw new Error('the editor has no history')
  return plugin
}
