import * as A from '@automerge/automerge/slim'
import type { TextDoc } from './document.ts'

/**
 * Where the flat sequence lies in the segments.
 *
 * Automerge's cost of a remote change grows with the length of the one text object it touches, so the text is a list of short
 * objects. Everything in this folder addresses them by object id through Automerge's own handle of the document, because
 * that reads at any heads, and reads and writes without materialising a text that nobody asked for.
 *
 * A member of the list that is no segment (another program wrote it) counts as an empty one, so that positions in the list stay as they are.
 */

/** What a new segment is filled to. */
export const segmentSize = 4_000
/** Content up to this length is written into the segment that is there. */
export const shortLength = 8_000
/** Longer content too, where the segment stays below this: what follows it need not be moved then. */
export const roomyLimit = 20_000
/** What an existing segment may grow to before its end is moved out. */
export const segmentLimit = 64_000
/** What is moved at once at most. Where one goes on writing, as much again follows. */
export const movedSize = 1_500
/** Blocks count as well: making one takes as long as moving fifty characters. */
export const movedBlocks = 30

/** Automerge's handle of a document in memory: its newest state, unless a call names heads. */
export type Backend = ReturnType<typeof A.getBackend>
export const backendOf = (doc: TextDoc): Backend => A.getBackend(doc)

/** Object id of a segment's text, or null where there is none. */
export function segmentId(doc: TextDoc, index: number): A.ObjID | null {
  const segment: unknown = doc.segments[index]
  const id = isSegment(segment) ? A.getObjectId(segment) : null
  const text = id === null ? null : backendOf(doc).getWithType(id, 'text')
  return text?.[0] === 'text' ? text[1] : null
}

/**
 * Remembers the ids of the texts of one document's segments: asking costs a fifth of a typed letter. Whoever keeps one between changes has it look at
 * the patches of every change.
 */
export class SegmentIds {
  private readonly texts = new Map<A.ObjID, A.ObjID>()

  /** As `segmentId`. */
  of(doc: TextDoc, index: number): A.ObjID | null {
    const segment: unknown = doc.segments[index]
    const id = isSegment(segment) ? A.getObjectId(segment) : null
    if (id === null) return null
    const known = this.texts.get(id)
    if (known !== undefined) return known
    const text = segmentId(doc, index)
    if (text !== null) this.texts.set(id, text)
    return text
  }

  /** Forgets all when a segment got another text, which only another program does, or a segment came. */
  look(patches: readonly A.Patch[]): void {
    const isOther = ({ action, path }: A.Patch) => path[0] === 'segments' && path.length <= 3 && action !== 'mark' && action !== 'unmark'
    if (patches.some(isOther)) this.texts.clear()
  }
}

/** Lengths of all segments of a document in memory: no call to Automerge. */
export const segmentLengths = (doc: TextDoc): number[] =>
  Array.isArray(doc.segments) ? doc.segments.map((segment: unknown) => (isSegment(segment) ? segment.text.length : 0)) : []

const isSegment = (value: unknown): value is { text: string } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'

/** Object ids of all segments' texts as they were at `heads`. */
export function segmentIdsAt(doc: TextDoc, heads: readonly string[]): (A.ObjID | null)[] {
  const backend = backendOf(doc)
  const at = [...heads]
  const list = backend.getWithType('/', 'segments', at)
  if (list?.[0] !== 'list') return []
  return Array.from({ length: backend.length(list[1], at) }, (_, index) => {
    const segment = backend.getWithType(list[1], index, at)
    const text = segment?.[0] === 'map' ? backend.getWithType(segment[1], 'text', at) : null
    return text?.[0] === 'text' ? text[1] : null
  })
}

/** A stretch of the sequence that lies in one segment. Offsets are within the segment. */
export interface Stretch {
  segment: number
  from: number
  to: number
}

/** Cuts the stretch from `from` to `to` at segment boundaries; no parts are empty. */
export function stretchesOf(lengths: readonly number[], from: number, to: number): Stretch[] {
  const stretches: Stretch[] = []
  let start = 0
  for (let segment = 0; segment < lengths.length && start < to; segment++) {
    const end = start + lengths[segment]!
    if (end > from && end > start && from < to)
      stretches.push({ segment, from: Math.max(from, start) - start, to: Math.min(to, end) - start })
    start = end
  }
  return stretches
}

/**
 * Where something is inserted at `index`: at the end of a segment rather than at the start of the next, so that marks continue.
 * Throws a `RangeError` beyond the end.
 */
export function insertionPoint(lengths: readonly number[], index: number): { segment: number; offset: number } {
  let start = 0
  for (let segment = 0; segment < lengths.length; segment++) {
    const end = start + lengths[segment]!
    if (index >= start && index <= end) return { segment, offset: index - start }
    start = end
  }
  throw new RangeError(`index ${index} is not in the text, which is ${start} long`)
}

/** Index in the flat sequence where a segment starts. */
export function segmentStart(lengths: readonly number[], segment: number): number {
  let start = 0
  for (let index = 0; index < segment; index++) start += lengths[index] ?? 0
  return start
}
