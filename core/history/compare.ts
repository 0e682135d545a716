import { diffArrays } from 'diff'
import type { Block, BlockContent, TextRun } from '../text/blocks.ts'
import { cutAtEachOther } from '../text/settle.ts'
import { sameMarks } from '../text/blocks.ts'

/**
 * What changed between two versions, to be shown as tracked changes.
 *
 * Three comparisons, each within what the one before left over: whole blocks by equality, blocks by likeness (most of their words in common), and
 * the words of two blocks that are alike. A comparison that would take too long for a reader to wait for is given up, and its stretch counts as
 * deleted and inserted.
 */

export type RunChange = 'same' | 'inserted' | 'deleted' | 'reformatted'

export interface ComparedRun extends TextRun {
  readonly change: RunChange
}

export interface ComparedBlock {
  /** `changed` when the block stayed and its type or attributes are others now. Its text may have changed in any case but `inserted` and `deleted`. */
  readonly change: 'same' | 'inserted' | 'deleted' | 'changed'
  /** As it is now; as it was, for a deleted block. */
  readonly marker: Block | null
  /** As it was. */
  readonly oldMarker: Block | null
  /** Old and new text together, in reading order. */
  readonly runs: readonly ComparedRun[]
}

/** Most insertions and deletions of blocks, of blocks by likeness, and of words, that a comparison looks for. */
const limits = { blocks: 4000, alike: 400, words: 2000 }

/** The blocks of both versions in one list, in reading order. */
export function compareBlocks(before: readonly BlockContent[], after: readonly BlockContent[]): ComparedBlock[] {
  const keys = (blocks: readonly BlockContent[]) => blocks.map((block) => JSON.stringify(block))
  return pairs(keys(before), keys(after), limits.blocks).flatMap(({ old, now, isSame }) => {
    const [removed, added] = [before.slice(...old), after.slice(...now)]
    return isSame ? added.map((block) => wholeBlock(block, 'same')) : compareStretch(removed, added)
  })
}

/** Blocks of which none is equal to its counterpart. */
function compareStretch(before: readonly BlockContent[], after: readonly BlockContent[]): ComparedBlock[] {
  const [old, now] = [before.map(asWords), after.map(asWords)]
  return pairs(old, now, limits.alike, isAlike).flatMap((stretch) => {
    const [removed, added] = [before.slice(...stretch.old), after.slice(...stretch.now)]
    if (stretch.isSame) return added.map((block, index) => comparePair(removed[index]!, block))
    return [...removed.map((block) => wholeBlock(block, 'deleted')), ...added.map((block) => wholeBlock(block, 'inserted'))]
  })
}

const wholeBlock = ({ marker, runs }: BlockContent, change: 'same' | 'inserted' | 'deleted'): ComparedBlock => ({
  change,
  marker,
  oldMarker: change === 'inserted' ? null : marker,
  runs: runs.map((run) => ({ ...run, change })),
})

function comparePair(before: BlockContent, after: BlockContent): ComparedBlock {
  const isSameMarker = JSON.stringify(before.marker) === JSON.stringify(after.marker)
  return {
    change: isSameMarker ? 'same' : 'changed',
    marker: after.marker,
    oldMarker: before.marker,
    runs: compareRuns(before.runs, after.runs),
  }
}

/** Old and new text of one block together. */
function compareRuns(before: readonly TextRun[], after: readonly TextRun[]): ComparedRun[] {
  const [old, now] = [words(textOf(before)), words(textOf(after))]
  const [oldRuns, newRuns] = [new RunReader(before), new RunReader(after)]
  const compared: ComparedRun[] = []
  for (const stretch of pairs(old, now, limits.words)) {
    const was = oldRuns.take(lengthOf(old.slice(...stretch.old)))
    const is = newRuns.take(lengthOf(now.slice(...stretch.now)))
    if (stretch.isSame) appendAll(compared, reformatted(was, is))
    else appendAll(compared, [...was.map(changed('deleted')), ...is.map(changed('inserted'))])
  }
  return compared
}

const changed = (change: RunChange) => (run: TextRun) => ({ ...run, change })

/** The same text twice, with its marks then and now. */
function reformatted(before: readonly TextRun[], after: readonly TextRun[]): ComparedRun[] {
  const text = textOf(after)
  let start = 0
  return cutAtEachOther(before, after).map(({ length, a, b }) => {
    start += length
    return { text: text.slice(start - length, start), marks: b, change: sameMarks(a, b) ? 'same' : 'reformatted' }
  })
}

function appendAll(runs: ComparedRun[], added: readonly ComparedRun[]): void {
  for (const run of added) {
    const last = runs.at(-1)
    if (last && last.change === run.change && sameMarks(last.marks, run.marks))
      runs[runs.length - 1] = { ...last, text: last.text + run.text }
    else runs.push(run)
  }
}

/** Reads runs from left to right by length. */
class RunReader {
  private readonly runs: readonly TextRun[]
  private run = 0
  private offset = 0

  constructor(runs: readonly TextRun[]) {
    this.runs = runs
  }

  take(length: number): TextRun[] {
    const taken: TextRun[] = []
    for (let left = length; left > 0; ) {
      const { text, marks } = this.runs[this.run]!
      const piece = text.slice(this.offset, this.offset + left)
      taken.push({ text: piece, marks })
      left -= piece.length
      this.offset += piece.length
      if (this.offset < text.length) continue
      this.run++
      this.offset = 0
    }
    return taken
  }
}

interface Stretch {
  /** From and to, in the old list. */
  old: [number, number]
  now: [number, number]
  isSame: boolean
}

/** Two lists side by side: stretches that are the same in both, and between them stretches that are not. */
function pairs<T>(before: readonly T[], after: readonly T[], limit: number, isSame?: (a: T, b: T) => boolean): Stretch[] {
  const parts = diffArrays([...before], [...after], { maxEditLength: limit, ...(isSame ? { comparator: isSame } : {}) })
  if (!parts) return [{ old: [0, before.length], now: [0, after.length], isSame: false }]
  const stretches: Stretch[] = []
  let [old, now] = [0, 0]
  for (const { count, added, removed } of parts) {
    const next: Stretch = { old: [old, added ? old : old + count], now: [now, removed ? now : now + count], isSame: !added && !removed }
    ;[old, now] = [next.old[1], next.now[1]]
    const last = stretches.at(-1)
    if (last && !last.isSame && !next.isSame) [last.old[1], last.now[1]] = [old, now]
    else stretches.push(next)
  }
  return stretches
}

/** Words, runs of white space, and single marks of punctuation. */
const words = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}\p{M}_'’]+|[^\s\p{L}\p{N}\p{M}_'’]/gu) ?? []

interface Words {
  readonly all: ReadonlySet<string>
  readonly type: string | undefined
}

const asWords = ({ marker, runs }: BlockContent): Words => ({
  all: new Set(words(textOf(runs)).filter((word) => word.trim() !== '')),
  type: marker?.type,
})

/** Whether two blocks have half of their different words in common. Empty ones are alike when their types are. */
function isAlike(a: Words, b: Words): boolean {
  const [few, many] = a.all.size <= b.all.size ? [a.all, b.all] : [b.all, a.all]
  if (many.size === 0) return a.type === b.type
  if (few.size * 3 < many.size) return false
  let common = 0
  for (const word of few) if (many.has(word)) common++
  return common * 4 >= few.size + many.size
}

const textOf = (runs: readonly TextRun[]): string => runs.map((run) => run.text).join('')
const lengthOf = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + part.length, 0)
