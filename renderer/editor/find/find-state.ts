import { atom, computed, type ReadableAtom } from 'nanostores'
import { closeHistory } from 'prosemirror-history'
import type { Node } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import { findNext, findPrev, getMatchHighlights, getSearchState, replaceAll, replaceCurrent, setSearchState } from 'prosemirror-search'
import type { EditorView } from 'prosemirror-view'
import { activeEditor, activeState } from '../active-editor.ts'
import { reveal } from '../scroller.ts'
import { type Trial, tryPattern } from './pattern-trial.ts'
import { TextQuery } from './text-query.ts'

/** What the find bar looks for, and whether it is there. */
export interface FindState {
  readonly isOpen: boolean
  readonly showsReplace: boolean
  readonly search: string
  readonly replace: string
  readonly isCaseSensitive: boolean
  readonly isWholeWord: boolean
  readonly isRegularExpression: boolean
  /** Whether the regular expression takes too long in this document, and is not looked for. */
  readonly isSlow: boolean
  /** Counts the times the bar was asked for, so that asking again selects what is in it. */
  readonly asked: number
}

export const findState = atom<FindState>({
  isOpen: false,
  showsReplace: false,
  search: '',
  replace: '',
  isCaseSensitive: false,
  isWholeWord: false,
  isRegularExpression: false,
  isSlow: false,
  asked: 0,
})

/** How many matches there are, and the number of the one that is selected (from 1; 0 when none is). */
export interface Matches {
  readonly count: number
  readonly current: number
}

const none: Matches = { count: 0, current: 0 }

export const matches: ReadableAtom<Matches> = computed([activeState, findState], (state, { isOpen }) => {
  if (!state || !isOpen || !getSearchState(state)?.query.valid) return none
  const found = getMatchHighlights(state).find()
  const { from, to } = state.selection
  return { count: found.length, current: found.findIndex((match) => match.from === from && match.to === to) + 1 }
})

/** What is wrong with a regular expression, in the words of the engine that reads it; null when nothing is. */
export function patternProblem({ search, isRegularExpression }: FindState): string | null {
  if (!isRegularExpression || search === '') return null
  try {
    new RegExp(search, 'u')
    return null
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: (?:\/.*\/[a-z]*: )?/s, '') : String(error)
  }
}

/** Opens the bar, with the selected words in it if there are any on one line. */
export function openFind(showsReplace: boolean): void {
  const view = activeEditor.get()?.view
  if (!view) return
  const { from, to, $from, $to } = view.state.selection
  const selected = $from.sameParent($to) ? view.state.doc.textBetween(from, to) : ''
  const before = findState.get()
  const search = selected !== '' && selected.length <= 200 ? selected : before.search
  findState.set({
    ...before,
    isOpen: true,
    showsReplace: showsReplace || (before.isOpen && before.showsReplace),
    search,
    asked: before.asked + 1,
  })
  applyQuery()
}

export function closeFind(): void {
  findState.set({ ...findState.get(), isOpen: false })
  applyQuery()
  activeEditor.get()?.view.focus()
}

/** Changes what is looked for, and goes to the first match from where the selection begins. */
export function changeFind(change: Partial<FindState>): void {
  findState.set({ ...findState.get(), ...change })
  applyQuery('replace' in change || 'showsReplace' in change ? undefined : goToMatch)
}

function goToMatch(view: EditorView) {
  const { state } = view
  const query = getSearchState(state)?.query
  const found = query?.valid ? (query.findNext(state, state.selection.from) ?? query.findNext(state)) : null
  if (!found) return
  view.dispatch(state.tr.setSelection(TextSelection.create(state.doc, found.from, found.to)))
  reveal(view, found.from)
}

/** The pattern that was tried last, the document that it was tried on, and the trial. */
let tried: { query: TextQuery; doc: Node; trial: Trial; isQuick: boolean } | null = null

/** Looks for what the bar says, and then calls `then`: at once for words, when it was tried for a pattern. */
function applyQuery(then: (view: EditorView) => void = () => {}) {
  const view = activeEditor.get()?.view
  if (!view) return
  const { isOpen, ...find } = findState.get()
  const query = new TextQuery({ ...find, search: isOpen ? find.search : '' })
  const show = (shown: TextQuery) => view.dispatch(setSearchState(view.state.tr, shown))
  const { doc } = view.state
  if (tried && !tried.isQuick) {
    tried.trial.cancel()
    tried = null
  }
  if (!find.isRegularExpression || !query.valid || isKnownToBeQuick(query, doc)) {
    setSlow(false)
    show(query)
    return then(view)
  }
  show(new TextQuery({ ...find, search: '' }))
  const texts: string[] = []
  doc.descendants((node) => !node.isTextblock || (texts.push(node.textContent), false))
  const trial = tryPattern({ pattern: query.search, flags: query.caseSensitive ? 'gu' : 'giu', texts })
  const mine = { query, doc, trial, isQuick: false }
  tried = mine
  void trial.isQuick.then((isQuick) => {
    mine.isQuick = isQuick
    if (tried !== mine || view.isDestroyed) return
    setSlow(!isQuick)
    if (!isQuick) return
    show(query)
    then(view)
  })
}

const isKnownToBeQuick = (query: TextQuery, doc: Node) =>
  tried !== null &&
  tried.isQuick &&
  tried.doc === doc &&
  tried.query.search === query.search &&
  tried.query.caseSensitive === query.caseSensitive

function setSlow(isSlow: boolean) {
  if (findState.get().isSlow !== isSlow) findState.set({ ...findState.get(), isSlow })
}

type Step = 'next' | 'previous' | 'replace' | 'replace-all'

const steps = {
  next: findNext,
  previous: findPrev,
  'replace-all': replaceAll,
  replace: replaceCurrent,
} as const

/** Does one thing with the matches; the focus stays where it is. Replacing goes on to the next match, and is undone alone, whatever was typed just before. */
export function takeStep(step: Step): boolean {
  const view = activeEditor.get()?.view
  if (!view) return false
  const isDone = steps[step](view.state, (tr) => view.dispatch(closeHistory(tr)), view)
  if (step === 'replace') findNext(view.state, view.dispatch, view)
  if (step !== 'replace-all') reveal(view, view.state.selection.from)
  return isDone
}
