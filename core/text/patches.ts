import * as A from '@automerge/automerge/slim'
import type { TextDoc } from './document.ts'
import { segmentId, segmentLengths, segmentStart } from './segments.ts'

/**
 * What a change did, in terms of the flat sequence.
 *
 * Automerge reports one patch after the other, each against the state that the patches before it left, and by segment. A reader wants the
 * opposite: all that changed between the state before and the state after, in order, each place once. `TextChanges` composes the
 * first into the second. It says where something changed and not what is there now: that is read from the document.
 */

/** A stretch of the sequence that was replaced: what was from `oldFrom` to `oldTo` is now from `newFrom` to `newTo`. Either may be empty. */
export interface Hunk {
  oldFrom: number
  oldTo: number
  newFrom: number
  newTo: number
}

/** A stretch of the new sequence whose characters are the same but whose marks, or whose marker's block, may differ. */
export interface Touched {
  from: number
  to: number
}

/** What `patches` did to the text between two states of a document. The first may be out of date, and `heads` are those it had; `after` must be the newest state. */
export function textChanges(
  { before, heads }: { before: TextDoc; heads: A.Heads },
  after: TextDoc,
  patches: readonly A.Patch[],
): TextChanges {
  const changes = new TextChanges(segmentLengths(before), patches)
  if (patches.some(mayHideMarks)) changes.touched.push(...markedSegments(heads, after))
  return changes
}

/** Two marks in two texts may be told as two, or as one that is as long as both where the offsets of one go on from the other's. */
const mayHideMarks = (patch: A.Patch) =>
  patch.action === 'mark' && (patch.marks.length > 1 || patch.marks.some(({ start, end }) => end - start > 1))

/** Above this many bytes of changes, reading the segments again costs less than reading the changes. */
const manyBytes = 64 * 1024

/**
 * Automerge 3.5 joins what it reports of marks in several texts into one patch with the path of the first. Which texts they are is told by the
 * changes themselves; where these are large (a long text was pasted), every segment counts as touched.
 */
function markedSegments(heads: A.Heads, after: TextDoc): Touched[] {
  const changes = A.getChangesSince(after, heads)
  const isLarge = changes.reduce((sum, change) => sum + change.length, 0) > manyBytes
  const marked = isLarge ? null : markedTexts(changes)
  if (marked?.size === 1) return []
  const lengths = segmentLengths(after)
  return lengths.flatMap((length, segment) => {
    const id = segmentId(after, segment)
    const from = segmentStart(lengths, segment)
    return id !== null && (marked === null || marked.has(id)) ? [{ from, to: from + length }] : []
  })
}

/** Ids of the texts that changes put marks on. */
function markedTexts(changes: readonly Uint8Array[]): Set<string> {
  const operations = changes.flatMap((change) => A.decodeChange(change).ops)
  return new Set(operations.filter(({ action }) => action === 'markBegin').map(({ obj }) => obj))
}

export class TextChanges {
  /** Sorted, apart from each other by at least one member. */
  readonly hunks: Hunk[] = []
  readonly touched: Touched[] = []
  hasTitle = false
  private readonly lengths: number[]

  /** `lengths` are the segments' lengths before the first patch. */
  constructor(lengths: readonly number[], patches: readonly A.Patch[] = []) {
    this.lengths = [...lengths]
    for (const patch of patches) this.add(patch)
  }

  get isEmpty(): boolean {
    return this.hunks.length === 0 && this.touched.length === 0
  }

  add(patch: A.Patch): void {
    const [root, segment, text, offset] = patch.path
    if (root === 'title') this.hasTitle = true
    if (root !== 'segments') return
    if (segment === undefined) return this.replaceAll(patch)
    if (text === undefined) return this.changeList(patch, Number(segment))
    if (text !== 'text' || this.lengths[Number(segment)] === undefined) return
    const start = segmentStart(this.lengths, Number(segment))
    if (offset === undefined) return this.changeWhole(patch, Number(segment), start)
    if (patch.path.length > 4) return this.touch(start + Number(offset), start + Number(offset) + 1)
    this.changeText(patch, Number(segment), start + Number(offset))
  }

  /** A patch inside a segment's text. */
  private changeText(patch: A.Patch, segment: number, index: number): void {
    if (patch.action === 'splice') this.replace(segment, index, 0, patch.value.length)
    else if (patch.action === 'insert') this.replace(segment, index, 0, patch.values.length)
    else if (patch.action === 'del') this.replace(segment, index, patch.length ?? 1, 0)
    else this.touch(index, index + 1)
  }

  /** A patch on a segment's text as a whole: marks name their own stretches. */
  private changeWhole(patch: A.Patch, segment: number, start: number): void {
    if (patch.action === 'mark') for (const mark of patch.marks) this.touch(start + mark.start, start + mark.end)
    else if (patch.action === 'unmark') this.touch(start + patch.start, start + patch.end)
    else if (patch.action === 'put') this.replace(segment, start, this.lengths[segment]!, lengthOf(patch.value))
    else if (patch.action === 'del') this.replace(segment, start, this.lengths[segment]!, 0)
  }

  /** A patch on the list of segments. What a new segment holds comes in patches of its own. */
  private changeList(patch: A.Patch, position: number): void {
    if (patch.action === 'insert') {
      this.lengths.splice(position, 0, ...patch.values.map(() => 0))
    } else if (patch.action === 'del') {
      for (let count = patch.length ?? 1; count > 0; count--) {
        this.replace(position, segmentStart(this.lengths, position), this.lengths[position] ?? 0, 0)
        this.lengths.splice(position, 1)
      }
    } else if (patch.action === 'put') {
      this.replace(position, segmentStart(this.lengths, position), this.lengths[position] ?? 0, 0)
    }
  }

  /** The list itself was made, or replaced by another. */
  private replaceAll(patch: A.Patch): void {
    if (patch.action !== 'put' && patch.action !== 'del') return
    this.lengths.forEach((length, segment) => {
      this.replace(segment, segmentStart(this.lengths, segment), length, 0)
    })
    this.lengths.length = 0
  }

  private replace(segment: number, index: number, deleted: number, inserted: number): void {
    this.lengths[segment]! += inserted - deleted
    if (deleted === 0 && inserted === 0) return
    this.moveTouched(index, deleted, inserted)
    this.insertHunk(index, deleted, inserted)
  }

  /** Merges a replacement, in terms of the present state, into the hunks it meets. */
  private insertHunk(index: number, deleted: number, inserted: number): void {
    let last = this.hunks.length
    while (last > 0 && this.hunks[last - 1]!.newFrom > index + deleted) last--
    let first = last
    while (first > 0 && this.hunks[first - 1]!.newTo >= index) first--
    const growth = inserted - deleted
    for (const hunk of this.hunks.slice(last)) {
      hunk.newFrom += growth
      hunk.newTo += growth
    }
    this.hunks.splice(first, last - first, this.merged(first, last, index, index + deleted, growth))
  }

  private merged(first: number, last: number, from: number, to: number, growth: number): Hunk {
    const left = this.hunks[first]
    const right = this.hunks[last - 1]
    const before = this.hunks[first - 1]
    const shift = before ? before.oldTo - before.newTo : 0
    if (first === last || !left || !right) return { oldFrom: from + shift, oldTo: to + shift, newFrom: from, newTo: to + growth }
    return {
      oldFrom: left.oldFrom - Math.max(0, left.newFrom - from),
      oldTo: right.oldTo + Math.max(0, to - right.newTo),
      newFrom: Math.min(left.newFrom, from),
      newTo: Math.max(right.newTo, to) + growth,
    }
  }

  private touch(from: number, to: number): void {
    const last = this.touched.at(-1)
    if (last && from >= last.from && from <= last.to) last.to = Math.max(last.to, to)
    else if (to > from) this.touched.push({ from, to })
  }

  private moveTouched(index: number, deleted: number, inserted: number): void {
    const move = (place: number) => (place <= index ? place : Math.max(index, place - deleted) + inserted)
    for (const touched of this.touched) {
      touched.from = move(touched.from)
      touched.to = move(touched.to)
    }
  }
}

const lengthOf = (value: unknown) => (typeof value === 'string' ? value.length : 0)
