import type { Mark, ObjID } from '@automerge/automerge/slim'
import type { Heads } from '../ids.ts'
import { type Block, type BlockContent, type MarkSet, type MarkValue, noMarks, sameMarks, type TextRun } from './blocks.ts'
import type { TextDoc } from './document.ts'
import { type Backend, backendOf, SegmentIds, segmentId, segmentIdsAt, segmentLengths, stretchesOf } from './segments.ts'
import { markSet, readMarks, readMarkValue, readStoredBlock } from './stored-block.ts'

/** What a marker looks like in a text's characters. The same character may also be typed, so what stands there is always asked. */
export const markerCharacter = '\uFFFC'

/** Length of the flat sequence in UTF-16 code units, block markers included (one each). `doc` must be the newest state. */
export const textLength = (doc: TextDoc): number => segmentLengths(doc).reduce((sum, length) => sum + length, 0)

/** All blocks, in order: of the newest state, or of the version `heads`. */
export function readBlocks(doc: TextDoc, heads?: Heads): BlockContent[] {
  const collector = new BlockCollector()
  const at = heads === undefined ? undefined : [...heads]
  const ids = at ? segmentIdsAt(doc, at) : segmentLengths(doc).map((_, index) => segmentId(doc, index))
  for (const id of ids) if (id !== null) readWhole(backendOf(doc), id, collector, at)
  return collector.blocks
}

/**
 * The stretch from `from` to `to` of the newest state. Where it does not begin with a marker, the first block's marker is null.
 * Costs the length of the stretch, plus the marks of the segments it lies in.
 */
export const readRange = (doc: TextDoc, from: number, to: number): BlockContent[] => new RangeReader(doc).range(from, to)

/** Reads many stretches of one state: the marks of a segment are fetched once. */
export class RangeReader {
  readonly length: number
  private readonly doc: TextDoc
  private readonly lengths: readonly number[]
  private readonly ids: SegmentIds
  private readonly segments = new Map<number, { id: ObjID; marks: readonly MarkChange[] } | null>()

  constructor(doc: TextDoc, ids = new SegmentIds()) {
    this.doc = doc
    this.ids = ids
    this.lengths = segmentLengths(doc)
    this.length = this.lengths.reduce((sum, length) => sum + length, 0)
  }

  /** As `readRange`. */
  range(from: number, to: number): BlockContent[] {
    const collector = new BlockCollector()
    for (const stretch of stretchesOf(this.lengths, from, to)) {
      const segment = this.segment(stretch.segment)
      const text = this.doc.segments[stretch.segment]!.text
      if (segment) readSegment(backendOf(this.doc), segment.id, segment.marks, collector, { from: stretch.from, to: stretch.to, text })
    }
    return collector.blocks
  }

  /** Whether the first member is a block marker. */
  startsWithMarker(): boolean {
    return this.length > 0 && this.range(0, 1)[0]!.marker !== null
  }

  private segment(index: number) {
    let segment = this.segments.get(index)
    if (segment === undefined) {
      const id = this.ids.of(this.doc, index)
      segment = id === null ? null : { id, marks: markChanges(backendOf(this.doc).marks(id)) }
      this.segments.set(index, segment)
    }
    return segment
  }
}

/** Plain text of a version: blocks separated by line feeds. */
export function readText(doc: TextDoc, heads?: Heads): string {
  const at = heads === undefined ? undefined : [...heads]
  const ids = at ? segmentIdsAt(doc, at) : segmentLengths(doc).map((_, index) => segmentId(doc, index))
  const text = ids.map((id) => (id === null ? '' : backendOf(doc).text(id, at))).join('')
  return text.replaceAll(markerCharacter, '\n').replace(/^\n/, '')
}

/** Title of a version. */
export function readTitle(doc: TextDoc, heads?: Heads): string {
  if (heads === undefined) return String(doc.title)
  const title = backendOf(doc).getWithType('/', 'title', [...heads])
  if (title?.[0] === 'text') return backendOf(doc).text(title[1], [...heads])
  return title?.[0] === 'str' ? title[1] : ''
}

/** Blocks of a stretch of one segment, also inside a change. */
export function readStretch(backend: Backend, id: ObjID, from: number, to: number): BlockContent[] {
  const collector = new BlockCollector()
  readSegment(backend, id, markChanges(backend.marks(id)), collector, { from, to, text: backend.text(id) })
  return collector.blocks
}

interface Range {
  from: number
  to: number
  text: string
}

function readWhole(backend: Backend, id: ObjID, collector: BlockCollector, heads?: string[]): void {
  if (heads) return readVersion(backend, id, collector, heads)
  const text = backend.text(id)
  readSegment(backend, id, markChanges(backend.marks(id)), collector, { from: 0, to: text.length, text })
}

/**
 * A text as it was: all of it in one walk. Asked for one by one, text, marks and markers each take as long, because Automerge goes through all that was ever
 * written there; and its `getBlock` looks at a place in the newest state, whatever heads it is asked for.
 */
function readVersion(backend: Backend, id: ObjID, collector: BlockCollector, heads: string[]): void {
  for (const span of backend.spans(id, heads)) {
    if (span.type === 'block') collector.openBlock(readStoredBlock(span.value))
    else collector.addText(span.value, readMarks(span.marks ?? {}))
  }
}

function readSegment(
  backend: Backend,
  id: ObjID,
  marks: readonly MarkChange[],
  collector: BlockCollector,
  { from, to, text }: Range,
): void {
  const runs = new MarkedRuns(marks, from)
  let start = from
  for (let index = text.indexOf(markerCharacter, from); index >= 0 && index < to; index = text.indexOf(markerCharacter, index + 1)) {
    const stored = backend.getBlock(id, index)
    if (!stored) continue
    runs.read(text, start, index, collector)
    collector.openBlock(readStoredBlock(stored))
    start = index + 1
  }
  runs.read(text, start, to, collector)
}

interface MarkChange {
  index: number
  name: string
  value: MarkValue | null
}

/** Where marks begin and end in a text, in order. Where one value of a mark ends and another begins, the end comes first. */
function markChanges(marks: readonly Mark[]): MarkChange[] {
  const changes = marks.flatMap(({ name, value, start, end }): MarkChange[] => [
    { index: start, name, value: readMarkValue(value) },
    { index: end, name, value: null },
  ])
  return changes.sort((a, b) => a.index - b.index || Number(a.value !== null) - Number(b.value !== null))
}

/** Reads a text from left to right with the marks that hold at each place. */
class MarkedRuns {
  private readonly changes: readonly MarkChange[]
  private next = 0
  private readonly active = new Map<string, MarkValue>()
  private marks: MarkSet = noMarks

  constructor(changes: readonly MarkChange[], from: number) {
    this.changes = changes
    this.advance(from)
  }

  read(text: string, from: number, to: number, collector: BlockCollector): void {
    let start = from
    while (start < to) {
      this.advance(start)
      const end = Math.min(to, this.changes[this.next]?.index ?? to)
      collector.addText(text.slice(start, end), this.marks)
      start = end
    }
  }

  /** Takes in every change at or before `index`. */
  private advance(index: number): void {
    const before = this.next
    for (let change = this.changes[this.next]; change && change.index <= index; change = this.changes[++this.next]) {
      if (change.value === null) this.active.delete(change.name)
      else this.active.set(change.name, change.value)
    }
    if (this.next !== before) this.marks = markSet(this.active)
  }
}

/** Builds blocks from markers and runs as they come; neighbouring runs with the same marks become one. */
class BlockCollector {
  readonly blocks: { marker: Block | null; runs: TextRun[] }[] = []

  openBlock(marker: Block): void {
    this.blocks.push({ marker, runs: [] })
  }

  addText(text: string, marks: MarkSet): void {
    if (text === '') return
    if (this.blocks.length === 0) this.blocks.push({ marker: null, runs: [] })
    const { runs } = this.blocks.at(-1)!
    const last = runs.at(-1)
    if (last && sameMarks(last.marks, marks)) runs[runs.length - 1] = { text: last.text + text, marks: last.marks }
    else runs.push({ text, marks })
  }
}
