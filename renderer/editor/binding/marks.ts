import type { Node } from 'prosemirror-model'
import type { BlockContent, MarkSet, TextRun } from '../../../core/text/blocks.ts'
import { expandOf, type TextEditor } from '../../../core/text/edit.ts'
import { noMarks, sameMarks } from '../../../core/text/stored-block.ts'
import { marksOfSet, setOfMarks } from '../convert.ts'

/**
 * Marks of what a person typed.
 *
 * Automerge decides by itself which marks grow over inserted text; ProseMirror has decided already. Reading the truth costs as much as
 * a whole keystroke may, so for plain typing it is predicted; only where the prediction and the wish differ the text is read and corrected. What Automerge then reports
 * of the change is compared with the wish, so a wrong prediction is put right at once.
 */

/** What the binding writes through: the text, or a view of it that keeps what others wrote. */
export type SequenceEditor = Pick<TextEditor, 'read' | 'splice' | 'splitBlock' | 'updateBlock' | 'mark' | 'unmark' | 'insertContent'>

/** The marks as they show: a mark that another one excludes, or that is no mark, shows nothing. */
export const shownMarks = (stored: MarkSet): MarkSet => setOfMarks(marksOfSet(stored))

/**
 * The marks that text inserted at `position` will have, as far as the neighbouring characters tell; null when they do not.
 */
export function predictMarks(doc: Node, position: number): MarkSet | null {
  const place = doc.resolve(position)
  const left = place.nodeBefore ? setOfMarks(place.nodeBefore.marks) : noMarks
  const right = place.nodeAfter ? setOfMarks(place.nodeAfter.marks) : noMarks
  if (sameMarks(left, noMarks) && sameMarks(right, noMarks))
    return place.parentOffset === 0 && place.index(0) > 0 ? predictAtStart(doc, place.index(0)) : noMarks
  if (!place.nodeBefore) return null
  const grown = Object.entries(left).filter(([name, value]) => expandOf(name) === 'after' || right[name] === value)
  return Object.fromEntries(grown)
}

/** At the start of a block a mark at the end of the block before may reach over the marker. */
function predictAtStart(doc: Node, block: number): MarkSet | null {
  const last = doc.child(block - 1).lastChild
  return !last || last.marks.length === 0 ? noMarks : null
}

/** Makes the marks from `from` on what `wanted` says. Marks that do not show in either are left alone. */
export function settleMarks(text: SequenceEditor, from: number, wanted: readonly TextRun[]): void {
  const length = wanted.reduce((sum, run) => sum + run.text.length, 0)
  if (length === 0) return
  const cuts = cutAtEachOther(
    text.read(from, from + length).flatMap(({ runs }) => runs),
    wanted,
  )
  let start = from
  for (const { length: size, stored, wish } of cuts) {
    settleStretch(text, start, start + size, shownMarks(stored), wish)
    start += size
  }
}

function settleStretch(text: SequenceEditor, from: number, to: number, shown: MarkSet, wish: MarkSet): void {
  for (const [name, value] of Object.entries(wish)) if (shown[name] !== value) text.mark(from, to, name, value)
  for (const name of Object.keys(shown)) if (!Object.hasOwn(wish, name)) text.unmark(from, to, name)
}

interface Cut {
  length: number
  stored: MarkSet
  wish: MarkSet
}

/** Two lists of runs over the same text, cut where either changes. */
function cutAtEachOther(stored: readonly TextRun[], wanted: readonly TextRun[]): Cut[] {
  const cuts: Cut[] = []
  let [s, w] = [0, 0]
  let [storedLeft, wantedLeft] = [stored[0]?.text.length ?? 0, wanted[0]?.text.length ?? 0]
  while (s < stored.length && w < wanted.length) {
    const length = Math.min(storedLeft, wantedLeft)
    if (length > 0) cuts.push({ length, stored: stored[s]!.marks, wish: wanted[w]!.marks })
    storedLeft -= length
    wantedLeft -= length
    if (storedLeft === 0) storedLeft = stored[++s]?.text.length ?? 0
    if (wantedLeft === 0) wantedLeft = wanted[++w]?.text.length ?? 0
  }
  return cuts
}

/** Sets the marks of blocks that were just written from `from` on. A code block shows none, so what it stores is left alone. */
export function settleContent(text: SequenceEditor, from: number, content: readonly BlockContent[], isCode: boolean): void {
  let start = from
  for (const { marker, runs } of content) {
    if (marker !== null) start++
    const isHidden = marker === null ? isCode : marker.type === 'code-block'
    if (!isHidden) settleMarks(text, start, runs)
    start += runs.reduce((sum, run) => sum + run.text.length, 0)
  }
}
