import * as A from '@automerge/automerge/slim'
import { type Block, type BlockContent, type MarkExpand, type MarkValue, markExpand, type TextRun } from './blocks.ts'
import type { Moved, TextDoc } from './document.ts'
import { betweenLetters, blockLength, layOut } from './layout.ts'
import { writeMoved } from './moved.ts'
import { markerCharacter, readStretch } from './read.ts'
import {
  type Backend,
  backendOf,
  insertionPoint,
  movedBlocks,
  movedSize,
  roomyLimit,
  SegmentIds,
  segmentLengths,
  segmentLimit,
  segmentSize,
  segmentStart,
  shortLength,
  stretchesOf,
} from './segments.ts'
import { readStoredBlock, storedBlock } from './stored-block.ts'

/**
 * Edits the flat sequence inside a change:
 *
 * ```ts
 * handle.change((draft) => new TextEditor(draft, doc).splice(12, 0, 'word'))
 * ```
 *
 * `before` must be the document that the change began with, and `heads` its heads. The editor keeps its own count of the segments' lengths, so that a letter
 * costs one call to Automerge however long the text is; so everything that edits the text in one change goes through one editor.
 * Indices are UTF-16 code units of the flat sequence, a block marker counting one. An index out of range throws a `RangeError`.
 */
export class TextEditor {
  private readonly backend: Backend
  private readonly before: TextDoc
  private readonly heads: A.Heads
  private readonly ids: SegmentIds
  /** Object id of each segment's text; until it is needed, the segment's number in `before`. */
  private readonly texts: (A.ObjID | number)[]
  private readonly lengths: number[]
  /** How many members at the end of each segment are as they were in `before`, those among them that were moved out since included. */
  private readonly untouched: number[]
  /** How many members were moved out of the end of each segment. */
  private readonly gone: number[]

  // Automerge's handle would end a change under way when it is asked for heads, so they are taken before.
  constructor(draft: TextDoc, before: TextDoc, ids = new SegmentIds(), heads = A.getHeads(before)) {
    this.backend = backendOf(draft)
    this.heads = heads
    this.ids = ids
    this.lengths = segmentLengths(before)
    this.before = before
    this.texts = this.lengths.map((_, segment) => segment)
    this.untouched = [...this.lengths]
    this.gone = this.lengths.map(() => 0)
    if (this.lengths.length === 0) this.insertSegment(0, [])
  }

  get length(): number {
    return this.lengths.reduce((sum, length) => sum + length, 0)
  }

  /** The text of a stretch as it is at this point of the change: see `readRange`. */
  read(from: number, to: number): BlockContent[] {
    this.checkRange(from, to)
    return stretchesOf(this.lengths, from, to).flatMap((stretch) =>
      readStretch(this.backend, this.id(stretch.segment), stretch.from, stretch.to),
    )
  }

  /**
   * Cuts a stretch into parts that `actor` inserted and parts that others did. Asks for every member: where somebody replaced a letter in the middle of a
   * word, its ends look as if it had been typed in one go.
   */
  partsBy(actor: string, from: number, to: number): { from: number; to: number; isOwn: boolean }[] {
    const parts: { from: number; to: number; isOwn: boolean }[] = []
    for (const stretch of stretchesOf(this.lengths, from, to)) {
      const shift = segmentStart(this.lengths, stretch.segment)
      for (let offset = stretch.from; offset < stretch.to; offset++) {
        const isOwn = insertedBy(this.backend, this.id(stretch.segment), offset) === actor
        const last = parts.at(-1)
        if (last?.isOwn === isOwn) last.to = shift + offset + 1
        else parts.push({ from: shift + offset, to: shift + offset + 1, isOwn })
      }
    }
    return parts
  }

  /** Deletes `deleteCount` members, markers included, then inserts text. What is inserted takes the marks that expand into it. */
  splice(index: number, deleteCount: number, text = ''): void {
    this.checkRange(index, index + deleteCount)
    for (const { segment, from, to } of stretchesOf(this.lengths, index, index + deleteCount)) {
      this.backend.splice(this.id(segment), from, to - from)
    }
    this.forget(index, index + deleteCount)
    if (text === '') return
    if (text.length > shortLength) {
      this.insertContent(index, [{ marker: null, runs: [{ text, marks: {} }] }])
      return
    }
    const { segment, offset } = this.roomFor(index, text.length)
    this.backend.splice(this.id(segment), offset, 0, text)
    this.grow(segment, offset, text.length)
  }

  /** Inserts a block marker: what follows it, up to the next marker, becomes that block. */
  splitBlock(index: number, block: Block): void {
    const { segment, offset } = this.pointForBlock(index)
    this.backend.splitBlock(this.id(segment), offset, storedBlock(block))
    this.grow(segment, offset, 1)
  }

  /** Deletes the marker at `index`: its text joins the block before. */
  joinBlock(index: number): void {
    this.markerId(index)
    this.splice(index, 1)
  }

  /**
   * Makes the marker at `index` say `block`. Only what differs is written, in place: Automerge's own `updateBlock` replaces the marker, so that two
   * people who change one block at the same time would end up with two.
   */
  updateBlock(index: number, block: Block): void {
    const { id, stored } = this.markerId(index)
    const old = readStoredBlock(stored)
    if (old.type !== block.type) this.backend.put(id, 'type', block.type, 'str')
    if (old.isEmbed !== block.isEmbed) this.backend.put(id, 'isEmbed', block.isEmbed)
    const { parents } = storedBlock(block)
    if (old.parents.join('\n') !== block.parents.join('\n')) this.backend.putObjectFromHydrate(id, 'parents', parents)
    this.updateAttributes(id, old, block)
  }

  /** Puts a mark on a stretch. `expand` says whether it grows when someone types at its end; known marks know that themselves. */
  mark(from: number, to: number, name: string, value: MarkValue, expand: MarkExpand = expandOf(name)): void {
    this.checkRange(from, to)
    for (const stretch of stretchesOf(this.lengths, from, to)) {
      this.backend.mark(this.id(stretch.segment), { start: stretch.from, end: stretch.to, expand }, name, value)
    }
  }

  /** Takes a mark off a stretch. */
  unmark(from: number, to: number, name: string): void {
    this.checkRange(from, to)
    for (const stretch of stretchesOf(this.lengths, from, to)) {
      this.backend.unmark(this.id(stretch.segment), { start: stretch.from, end: stretch.to, expand: expandOf(name) }, name)
    }
  }

  /**
   * Inserts blocks with their marks. Short content goes into the segment at `index`, and takes the marks that expand into it beside its own;
   * long content gets segments of its own, cut at block boundaries, and has only its own. Returns whether it got segments of its own.
   */
  insertContent(index: number, blocks: readonly BlockContent[]): boolean {
    this.checkRange(index, index)
    const length = contentLength(blocks)
    if (length === 0) return false
    const point = insertionPoint(this.lengths, index)
    if (!this.isApart(point, length)) {
      const { segment, offset } = this.roomFor(index, length)
      writeBlocks(this.backend, this.id(segment), offset, blocks)
      this.grow(segment, offset, length)
      return false
    }
    this.moveTail(point.segment, point.offset)
    layOut(blocks).forEach((stretch, position) => {
      this.insertSegment(point.segment + 1 + position, stretch)
    })
    return true
  }

  /** Whether content gets segments of its own. Moving what follows it costs ten times what writing it does, so that is left where the segment does not get long, and where much follows. */
  private isApart({ segment, offset }: { segment: number; offset: number }, length: number): boolean {
    const present = this.lengths[segment]!
    const after = present - offset
    if (after === 0) return length > segmentSize
    return length > shortLength && present + length > roomyLimit && after < Math.min(length, segmentSize)
  }

  private updateAttributes(id: A.ObjID, old: Block, block: Block): void {
    const attrs = this.backend.getWithType(id, 'attrs')
    if (attrs?.[0] !== 'map') {
      this.backend.putObjectFromHydrate(id, 'attrs', storedBlock(block).attrs)
      return
    }
    for (const [name, value] of Object.entries(block.attrs)) {
      if (old.attrs[name] !== value) this.backend.put(attrs[1], name, value, typeof value === 'string' ? 'str' : undefined)
    }
    for (const name of Object.keys(old.attrs)) if (!Object.hasOwn(block.attrs, name)) this.backend.delete(attrs[1], name)
  }

  private id(segment: number): A.ObjID {
    const id = this.findId(segment)
    if (id === null) throw new RangeError(`segment ${segment} holds no text`)
    return id
  }

  private findId(segment: number): A.ObjID | null {
    const known = this.texts[segment]
    if (typeof known !== 'number') return known ?? null
    const id = this.ids.of(this.before, known)
    if (id !== null) this.texts[segment] = id
    return id
  }

  /** The marker at `index`, as an object of the document. */
  private markerId(index: number): { id: A.ObjID; stored: { readonly [key: string]: unknown } } {
    const stretch = stretchesOf(this.lengths, index, index + 1)[0]
    const text = stretch && this.id(stretch.segment)
    const value = text && this.backend.getWithType(text, stretch.from)
    const stored = value?.[0] === 'map' ? this.backend.getBlock(text!, stretch!.from) : null
    if (value?.[0] !== 'map' || stored === null) throw new RangeError(`no block marker at ${index}`)
    return { id: value[1], stored }
  }

  /** Where text is inserted; a member of the list that is no segment is no place for it. */
  private pointFor(index: number): { segment: number; offset: number } {
    const point = insertionPoint(this.lengths, index)
    if (this.findId(point.segment) === null) return { segment: this.insertSegment(point.segment + 1, []), offset: 0 }
    return point
  }

  /** The same, once there is room for `length` more: a segment that would grow too long is cut first, or another begun at its end. */
  private roomFor(index: number, length: number): { segment: number; offset: number } {
    const point = this.pointFor(index)
    if (this.lengths[point.segment]! + length <= segmentLimit) return point
    if (point.offset === this.lengths[point.segment]) return { segment: this.insertSegment(point.segment + 1, []), offset: 0 }
    this.moveTail(point.segment, this.placeOfCut(point.segment, point.offset))
    return this.roomFor(index, length)
  }

  /** As for text, but a block at the end of a full segment begins a new one. */
  private pointForBlock(index: number): { segment: number; offset: number } {
    const point = this.roomFor(index, 1)
    if (point.offset < segmentSize || point.offset !== this.lengths[point.segment]) return point
    return { segment: this.insertSegment(point.segment + 1, []), offset: 0 }
  }

  private checkRange(from: number, to: number): void {
    if (from < 0 || from > to || to > this.length) throw new RangeError(`${from} to ${to} is not in the text, which is ${this.length} long`)
  }

  private forget(from: number, to: number): void {
    for (const stretch of stretchesOf(this.lengths, from, to)) {
      this.touch(stretch.segment, stretch.to)
      this.lengths[stretch.segment]! -= stretch.to - stretch.from
    }
  }

  private grow(segment: number, offset: number, length: number): void {
    this.touch(segment, offset)
    this.lengths[segment]! += length
  }

  /** What follows `offset` is all that can still be as it was. */
  private touch(segment: number, offset: number): void {
    this.untouched[segment] = Math.min(this.untouched[segment]!, this.lengths[segment]! + this.gone[segment]! - offset)
  }

  /** Where a little of a segment's end begins, behind the place that is written at: at a block boundary where one is near. */
  private placeOfCut(segment: number, offset: number): number {
    const text = this.backend.text(this.id(segment))
    const earliest = Math.max(text.length - movedSize, offset)
    const markers: number[] = []
    for (let at = text.indexOf(markerCharacter, earliest); at >= 0; at = text.indexOf(markerCharacter, at + 1)) markers.push(at)
    const marker = markers.at(-movedBlocks) ?? markers[0]
    if (marker !== undefined && (markers.length > movedBlocks || marker <= (earliest + text.length) / 2)) return marker
    return betweenLetters(text, earliest)
  }

  /**
   * Moves what follows `offset` into new segments. What others insert there meanwhile stays where it is, so it ends up before the moved
   * tail: displaced, never lost.
   */
  private moveTail(segment: number, offset: number): void {
    const length = this.lengths[segment]!
    if (offset === length) return
    const id = this.id(segment)
    const tail = readStretch(this.backend, id, offset, length)
    this.backend.splice(id, offset, length - offset)
    this.lengths[segment] = offset
    let end = length + this.gone[segment]! - offset
    layOut(tail).forEach((stretch, position) => {
      const piece = contentLength(stretch)
      end -= piece
      const isAsBefore = end + piece <= this.untouched[segment]!
      this.insertSegment(segment + 1 + position, stretch, isAsBefore ? { from: id, heads: this.heads, end, length: piece } : undefined)
    })
    this.gone[segment]! += length - offset
  }

  private insertSegment(position: number, blocks: readonly BlockContent[], moved?: Moved): number {
    if (this.backend.getWithType('/', 'segments')?.[0] !== 'list') this.backend.putObject('/', 'segments', [])
    const id = createSegment(this.backend, position, blocks, moved)
    this.texts.splice(position, 0, id)
    this.lengths.splice(position, 0, contentLength(blocks))
    this.untouched.splice(position, 0, 0)
    this.gone.splice(position, 0, 0)
    return position
  }
}

/** Who inserted a member. Automerge's cursor for it is its id, `counter@actor`. */
const insertedBy = (backend: Backend, id: A.ObjID, index: number) => backend.getCursor(id, index).split('@')[1]

/** Makes a segment that holds `blocks`. Returns the id of its text. */
export function createSegment(backend: Backend, position: number, blocks: readonly BlockContent[], moved?: Moved): A.ObjID {
  const map = backend.insertObject('/segments', position, {})
  const id = backend.putObject(map, 'text', '')
  writeBlocks(backend, id, 0, blocks)
  if (moved) writeMoved(backend, map, moved)
  return id
}

const contentLength = (blocks: readonly BlockContent[]) => blocks.reduce((sum, block) => sum + blockLength(block), 0)

/** The text goes in whole, then the markers from the end, then the marks: so no mark expands into what is written after it. */
function writeBlocks(backend: Backend, id: A.ObjID, offset: number, blocks: readonly BlockContent[]): void {
  const text = blocks.map(({ runs }) => runs.map((run) => run.text).join('')).join('')
  if (text !== '') backend.splice(id, offset, 0, text)
  let end = offset + contentLength(blocks)
  let textEnd = end - blocks.filter((block) => block.marker !== null).length
  for (const block of [...blocks].reverse()) {
    textEnd -= block.runs.reduce((sum, run) => sum + run.text.length, 0)
    if (block.marker !== null) backend.splitBlock(id, textEnd, storedBlock(block.marker))
  }
  end = offset
  for (const block of blocks) {
    if (block.marker !== null) end++
    end = markRuns(backend, id, end, block.runs)
  }
}

function markRuns(backend: Backend, id: A.ObjID, start: number, runs: readonly TextRun[]): number {
  let from = start
  for (const { text, marks } of runs) {
    const to = from + text.length
    for (const [name, value] of Object.entries(marks)) backend.mark(id, { start: from, end: to, expand: expandOf(name) }, name, value)
    from = to
  }
  return from
}

/** Whether typing at the end of a mark continues it. Marks that this version does not know do, as most do. */
export const expandOf = (name: string): MarkExpand =>
  Object.hasOwn(markExpand, name) ? markExpand[name as keyof typeof markExpand] : 'after'

/** Changes the text in one Automerge change. `time` is in milliseconds; Automerge keeps whole seconds. */
export function changeText(doc: TextDoc, options: { time: number; message?: string }, edit: (text: TextEditor) => void): TextDoc {
  return A.change(doc, changeOptions(options), (draft) => edit(new TextEditor(draft, doc)))
}

/** Options of a change, from milliseconds. */
export const changeOptions = ({ time, message }: { time: number; message?: string }): A.ChangeOptions<unknown> => ({
  time: Math.floor(time / 1000),
  ...(message === undefined ? {} : { message }),
})
