import type { Node } from 'prosemirror-model'
import { type BlockContent, type MarkSet, noMarks } from '../../../core/text/blocks.ts'
import { expandOf, type TextEditor } from '../../../core/text/edit.ts'
import { markerCharacter } from '../../../core/text/read.ts'
import { settleMarks, type WantedRun } from '../../../core/text/settle.ts'
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
export const shownMarks = (stored: MarkSet): MarkSet => (stored === noMarks ? noMarks : setOfMarks(marksOfSet(stored)))

/**
 * The marks that text inserted at `position` will have, as far as the neighbouring characters tell; null when they do not.
 */
export function predictMarks(doc: Node, position: number): MarkSet | null {
  const place = doc.resolve(position)
  const [index, block] = [place.index(), place.index(0)]
  const before = place.parent.maybeChild(place.textOffset > 0 ? index : index - 1)
  const left = setOfMarks(before?.marks ?? [])
  const right = setOfMarks(place.parent.maybeChild(index)?.marks ?? [])
  if (left === noMarks && right === noMarks) return before || block === 0 ? noMarks : predictAtStart(doc, block)
  if (!before) return null
  const grown = Object.entries(left).filter(([name, value]) => expandOf(name) === 'after' || right[name] === value)
  return Object.fromEntries(grown)
}

/** At the start of a block a mark at the end of the block before may reach over the marker. */
function predictAtStart(doc: Node, block: number): MarkSet | null {
  const last = doc.child(block - 1).lastChild
  return !last || last.marks.length === 0 ? noMarks : null
}

/** Sets the marks of blocks that were just written from `from` on. A code block shows none, so what it stores is left alone. */
export function settleContent(text: SequenceEditor, from: number, content: readonly BlockContent[], isCode: boolean): void {
  const wanted = content.flatMap(({ marker, runs }): readonly WantedRun[] => {
    const isHidden = marker === null ? isCode : marker.type === 'code-block'
    const shown = isHidden ? runs.map((run) => ({ text: run.text, marks: null })) : runs
    return marker === null ? shown : [{ text: markerCharacter, marks: null }, ...shown]
  })
  settleMarks(text, from, wanted, shownMarks)
}
