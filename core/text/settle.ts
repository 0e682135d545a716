import { type BlockContent, type MarkSet, noMarks, type TextRun } from './blocks.ts'
import type { TextEditor } from './edit.ts'
import { markerCharacter } from './read.ts'

/** A run of text, or a block's marker as the one character that stands for it, and its marks: null leaves what it has. */
export interface WantedRun {
  readonly text: string
  readonly marks: MarkSet | null
}

/**
 * Makes the marks of the text from `from` on what `wanted` says. `shown` tells which of the stored marks count: the others are left alone.
 * The text itself must be that of `wanted` already. It is read once, however many blocks it has.
 */
export function settleMarks(
  text: Pick<TextEditor, 'read' | 'mark' | 'unmark'>,
  from: number,
  wanted: readonly WantedRun[],
  shown: (stored: MarkSet) => MarkSet = (stored) => stored,
): void {
  if (wanted.every(({ marks }) => marks === null)) return
  const length = wanted.reduce((sum, run) => sum + run.text.length, 0)
  if (length === 0) return
  const stored = text.read(from, from + length).flatMap(flatRuns)
  settleRuns(text, from, stored, wanted, shown)
}

/** The same for text whose present marks are known. */
export const writeMarks = (
  text: Pick<TextEditor, 'mark' | 'unmark'>,
  from: number,
  present: readonly TextRun[],
  wanted: readonly TextRun[],
): void => settleRuns(text, from, present, wanted, (stored) => stored)

function settleRuns(
  text: Pick<TextEditor, 'mark' | 'unmark'>,
  from: number,
  stored: readonly TextRun[],
  wanted: readonly WantedRun[],
  shown: (stored: MarkSet) => MarkSet,
): void {
  let start = from
  for (const { length, a, b } of cutAtEachOther(stored, wanted)) {
    const end = start + length
    if (b !== null) {
      const present = unmarkExtra(text, start, end, a, b, shown)
      for (const [name, value] of Object.entries(b)) if (present[name] !== value) text.mark(start, end, name, value)
    }
    start = end
  }
}

/** A block's members as runs. */
const flatRuns = ({ marker, runs }: BlockContent): readonly TextRun[] =>
  marker === null ? runs : [{ text: markerCharacter, marks: noMarks }, ...runs]

/** Takes off the marks that show and should not, and then those that show in their place. Returns what shows in the end. */
function unmarkExtra(
  text: Pick<TextEditor, 'unmark'>,
  from: number,
  to: number,
  stored: MarkSet,
  wish: MarkSet,
  shown: (stored: MarkSet) => MarkSet,
): MarkSet {
  const present = shown(stored)
  const extra = Object.keys(present).filter((name) => Object.hasOwn(stored, name) && !Object.hasOwn(wish, name))
  if (extra.length === 0) return present
  for (const name of extra) text.unmark(from, to, name)
  const left = Object.fromEntries(Object.entries(stored).filter(([name]) => !extra.includes(name)))
  return unmarkExtra(text, from, to, left, wish, shown)
}

/** Two lists of runs over texts of one length, cut where the marks of either change. */
export function cutAtEachOther<Marks extends MarkSet | null>(
  a: readonly TextRun[],
  b: readonly { readonly text: string; readonly marks: Marks }[],
): { length: number; a: MarkSet; b: Marks }[] {
  const cuts: { length: number; a: MarkSet; b: Marks }[] = []
  let [i, j] = [0, 0]
  let [leftOfA, leftOfB] = [a[0]?.text.length ?? 0, b[0]?.text.length ?? 0]
  while (i < a.length && j < b.length) {
    const length = Math.min(leftOfA, leftOfB)
    if (length > 0) cuts.push({ length, a: a[i]!.marks, b: b[j]!.marks })
    leftOfA -= length
    leftOfB -= length
    if (leftOfA === 0) leftOfA = a[++i]?.text.length ?? 0
    if (leftOfB === 0) leftOfB = b[++j]?.text.length ?? 0
  }
  return cuts
}
