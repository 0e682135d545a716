import type { MarkSet, TextRun } from './blocks.ts'
import type { TextEditor } from './edit.ts'

/**
 * Makes the marks of the text from `from` on what `wanted` says. `shown` tells which of the stored marks count: the others are left alone.
 * The text itself must be that of `wanted` already.
 */
export function settleMarks(
  text: Pick<TextEditor, 'read' | 'mark' | 'unmark'>,
  from: number,
  wanted: readonly TextRun[],
  shown: (stored: MarkSet) => MarkSet = (stored) => stored,
): void {
  const length = wanted.reduce((sum, run) => sum + run.text.length, 0)
  if (length === 0) return
  const stored = text.read(from, from + length).flatMap(({ runs }) => runs)
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
  wanted: readonly TextRun[],
  shown: (stored: MarkSet) => MarkSet,
): void {
  let start = from
  for (const { length, a, b } of cutAtEachOther(stored, wanted)) {
    const end = start + length
    const present = unmarkExtra(text, start, end, a, b, shown)
    for (const [name, value] of Object.entries(b)) if (present[name] !== value) text.mark(start, end, name, value)
    start = end
  }
}

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
export function cutAtEachOther(a: readonly TextRun[], b: readonly TextRun[]): { length: number; a: MarkSet; b: MarkSet }[] {
  const cuts: { length: number; a: MarkSet; b: MarkSet }[] = []
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
