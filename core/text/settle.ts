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
  writeMarks(
    text,
    from,
    stored.map(({ text: own, marks }) => ({ text: own, marks: shown(marks) })),
    wanted,
  )
}

/** The same for text whose present marks are known. */
export function writeMarks(
  text: Pick<TextEditor, 'mark' | 'unmark'>,
  from: number,
  present: readonly TextRun[],
  wanted: readonly TextRun[],
): void {
  let start = from
  for (const { length, a, b } of cutAtEachOther(present, wanted)) {
    settleStretch(text, start, start + length, a, b)
    start += length
  }
}

function settleStretch(text: Pick<TextEditor, 'mark' | 'unmark'>, from: number, to: number, has: MarkSet, wish: MarkSet): void {
  for (const [name, value] of Object.entries(wish)) if (has[name] !== value) text.mark(from, to, name, value)
  for (const name of Object.keys(has)) if (!Object.hasOwn(wish, name)) text.unmark(from, to, name)
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
