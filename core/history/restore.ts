import * as A from '@automerge/automerge/slim'
import type { Heads } from '../ids.ts'
import type { Block, BlockContent, TextRun } from '../text/blocks.ts'
import type { TextDoc } from '../text/document.ts'
import { TextEditor } from '../text/edit.ts'
import { blockLength } from '../text/layout.ts'
import type { Hunk } from '../text/patches.ts'
import { readBlocks, readTitle } from '../text/read.ts'
import { settleMarks } from '../text/settle.ts'
import { type ComparedBlock, type ComparedRun, compareBlocks } from './compare.ts'

interface Deletion {
  readonly do: 'delete'
  readonly from: number
  readonly to: number
}
/** Something to do in the text. Indices are those of the text as it is: what comes after them has been done already. */
type Edit =
  | Deletion
  | { readonly do: 'insert'; readonly at: number; readonly blocks: readonly BlockContent[] }
  | { readonly do: 'type'; readonly at: number; readonly text: string }
  | { readonly do: 'update'; readonly at: number; readonly block: Block }
  | { readonly do: 'format'; readonly at: number; readonly runs: readonly TextRun[] }

/** Blocks that are inserted in one go, in characters. */
const insertedSize = 10_000
/** Automerge deletes slower than it inserts. */
const deletionsForInsertion = 1 / 4

/**
 * Brings the title and the text of a version back on top of everything since. Only what differs is written, so that what others write at the same time elsewhere
 * in the text is merged as usual. That is one change or several, between which others may write: deleting half a book takes Automerge many seconds. The text is gone
 * through from its end, so that what is still to be done stays where it is.
 */
export class Restoration {
  /** In the order of the text: the last comes first. */
  private edits: Edit[]
  private title: string | null

  constructor(doc: TextDoc, heads: Heads) {
    const wanted = readBlocks(doc, heads)
    const title = readTitle(doc, heads)
    this.title = title === readTitle(doc) ? null : title
    this.edits = editsFor(compareBlocks(readBlocks(doc), wanted), wanted)
  }

  /** How much is to be done, in deleted characters. */
  get work(): number {
    return this.edits.reduce((sum, edit) => sum + workOf(edit), 0)
  }

  get isDone(): boolean {
    return this.edits.length === 0 && this.title === null
  }

  /** Does about as much as `work` says, in a change that began with `before`. */
  write(draft: TextDoc, before: TextDoc, work = Number.POSITIVE_INFINITY): void {
    if (this.title !== null) A.updateText(draft, ['title'], this.title)
    this.title = null
    const text = new TextEditor(draft, before)
    let left = work
    for (let edit = this.edits.pop(); edit; edit = left > 0 ? this.edits.pop() : undefined) {
      const now = edit.do === 'delete' ? this.endOf(edit, text, left) : edit
      writeEdit(text, now)
      left -= workOf(now)
    }
  }

  /** As much of a deletion as there is time for; the rest comes next. */
  private endOf(edit: Deletion, text: TextEditor, length: number): Deletion {
    if (edit.to - edit.from <= length) return edit
    const from = betweenCharacters(text, edit.to - Math.ceil(length))
    this.edits.push({ ...edit, to: from })
    return { ...edit, from }
  }

  /** Somebody else wrote: what they inserted is never deleted. */
  carryPast(hunks: readonly Hunk[]): void {
    this.edits = this.edits.flatMap((edit) => carriedPast(edit, hunks))
  }
}

/** The place at or before `index` that does not lie between the halves of a surrogate pair. */
function betweenCharacters(text: TextEditor, index: number): number {
  return /^[\udc00-\udfff]/.test(textOf(text.read(index, index + 1))) ? index - 1 : index
}

function workOf(edit: Edit): number {
  if (edit.do === 'delete') return edit.to - edit.from
  return edit.do === 'insert' ? lengthOf(edit.blocks) * deletionsForInsertion : 1
}

const lengthOf = (blocks: readonly BlockContent[]) => blocks.reduce((sum, block) => sum + blockLength(block), 0)
const textOf = (blocks: readonly { readonly runs: readonly TextRun[] }[]) =>
  blocks.flatMap(({ runs }) => runs.map(({ text }) => text)).join('')

/** What makes the wanted text of the present one, with the indices of the present one. */
function editsFor(compared: readonly ComparedBlock[], wanted: readonly BlockContent[]): Edit[] {
  const planner = new Planner()
  let kept = 0
  for (const block of compared) planner.add(block, block.change === 'deleted' ? null : wanted[kept++]!)
  return planner.edits
}

class Planner {
  readonly edits: Edit[] = []
  private index = 0

  add(block: ComparedBlock, wanted: BlockContent | null): void {
    if (wanted === null) this.delete(blockLength({ marker: block.oldMarker, runs: block.runs }))
    else if (block.change === 'inserted') this.insert(wanted)
    else this.change(block, wanted)
  }

  private change({ change, marker, oldMarker, runs }: ComparedBlock, wanted: BlockContent): void {
    if (change === 'changed' && oldMarker && marker) this.edits.push({ do: 'update', at: this.index, block: marker })
    else if (change === 'changed' && marker) this.edits.push({ do: 'insert', at: this.index, blocks: [{ marker, runs: [] }] })
    if (change === 'changed' && oldMarker && !marker) this.delete(1)
    else if (oldMarker) this.index++
    if (runs.some((run) => run.change !== 'same')) this.edits.push({ do: 'format', at: this.index, runs: wanted.runs })
    for (const run of runs) this.addRun(run)
  }

  private addRun({ change, text }: ComparedRun): void {
    if (change === 'deleted') this.delete(text.length)
    else if (change === 'inserted') this.edits.push({ do: 'type', at: this.index, text })
    else this.index += text.length
  }

  private delete(length: number): void {
    const last = this.edits.at(-1)
    const [from, to] = [this.index, this.index + length]
    if (last?.do === 'delete' && last.to === from) this.edits[this.edits.length - 1] = { ...last, to }
    else if (length > 0) this.edits.push({ do: 'delete', from, to })
    this.index = to
  }

  private insert(block: BlockContent): void {
    const last = this.edits.at(-1)
    const isNext = last?.do === 'insert' && last.at === this.index
    if (isNext && lengthOf(last.blocks) + blockLength(block) <= insertedSize) {
      this.edits[this.edits.length - 1] = { ...last, blocks: [...last.blocks, block] }
    } else this.edits.push({ do: 'insert', at: this.index, blocks: [block] })
  }
}

function writeEdit(text: TextEditor, edit: Edit): void {
  switch (edit.do) {
    case 'delete':
      return text.splice(edit.from, edit.to - edit.from)
    case 'type':
      return text.splice(edit.at, 0, edit.text)
    case 'update':
      return text.updateBlock(edit.at, edit.block)
    case 'insert':
      return insertBlocks(text, edit.at, edit.blocks)
    case 'format':
      return format(text, edit.at, edit.runs)
  }
}

function insertBlocks(text: TextEditor, index: number, blocks: readonly BlockContent[]): void {
  text.insertContent(index, blocks)
  let at = index
  for (const block of blocks) {
    settleMarks(text, block.marker ? at + 1 : at, block.runs)
    at += blockLength(block)
  }
}

/** Not where somebody else has written into the block meanwhile: the marks would be those of other words. */
function format(text: TextEditor, at: number, runs: readonly TextRun[]): void {
  const length = textOf([{ runs }]).length
  if (at + length <= text.length && textOf(text.read(at, at + length)) === textOf([{ runs }])) settleMarks(text, at, runs)
}

function carriedPast(edit: Edit, hunks: readonly Hunk[]): Edit[] {
  if (edit.do === 'delete') {
    return around(placeAfter(hunks, edit.from, 1), placeAfter(hunks, edit.to, -1), hunks).map(([from, to]) => ({ ...edit, from, to }))
  }
  const isGone = hunks.some(({ oldFrom, oldTo }) => edit.at >= oldFrom && edit.at < oldTo)
  return isGone && (edit.do === 'update' || edit.do === 'format') ? [] : [{ ...edit, at: placeAfter(hunks, edit.at, 1) }]
}

/** Where an index is after some hunks: before what was inserted there, or after it. */
function placeAfter(hunks: readonly Hunk[], index: number, side: -1 | 1): number {
  let shift = 0
  for (const { oldFrom, oldTo, newFrom, newTo } of hunks) {
    if (oldFrom > index || (oldFrom === index && side < 0)) break
    if (oldTo > index || (oldTo === index && side < 0)) return side < 0 ? newFrom : newTo
    shift = newTo - oldTo
  }
  return index + shift
}

/** What is left of a stretch without what the hunks inserted. */
function around(from: number, to: number, hunks: readonly Hunk[]): [from: number, to: number][] {
  const parts: [number, number][] = []
  let start = from
  for (const { newFrom, newTo } of hunks) {
    if (newTo <= start || newFrom >= to) continue
    if (newFrom > start) parts.push([start, newFrom])
    start = newTo
  }
  if (to > start) parts.push([start, to])
  return parts
}
