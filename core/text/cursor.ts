import type { TextDoc } from './document.ts'
import { followMoved, readMoved } from './moved.ts'
import { backendOf, segmentId, segmentLengths, segmentStart, stretchesOf } from './segments.ts'

/** A place in the text that stays where it is while others write around it, across machines and restarts. */
export interface TextCursor {
  /** Object id of the segment's text. */
  segment: string
  /** Automerge's cursor in that text. */
  cursor: string
}

/**
 * A cursor for the place before the member at `index`; at the end of the text it stays at the end. When that member is deleted the
 * cursor goes to the next one, or with `move: 'before'` to the one before. Throws a `RangeError` where there is no text.
 */
export function cursorAt(doc: TextDoc, index: number, move: 'before' | 'after' = 'after'): TextCursor {
  const lengths = segmentLengths(doc)
  const stretch = stretchesOf(lengths, index, index + 1)[0] ?? endOf(lengths, index)
  const segment = stretch && segmentId(doc, stretch.segment)
  if (!segment) throw new RangeError(`no text at ${index}`)
  const position = stretch.from < lengths[stretch.segment]! ? stretch.from : 'end'
  return { segment, cursor: backendOf(doc).getCursor(segment, position, undefined, move) }
}

/** Where a cursor is now, or null when its segment is not in this document. */
export function indexOfCursor(doc: TextDoc, cursor: TextCursor): number | null {
  const lengths = segmentLengths(doc)
  const ids = lengths.map((_, segment) => segmentId(doc, segment))
  const seen = new Set<string>()
  let place = cursor
  for (let next: TextCursor | null = cursor; next && !seen.has(next.segment); next = whereMoved(doc, ids, next)) {
    place = next
    seen.add(next.segment)
  }
  const segment = ids.indexOf(place.segment)
  const position = segment < 0 ? null : positionOf(doc, place)
  return position === null ? null : segmentStart(lengths, segment) + position
}

/** Automerge throws for a cursor that is not of this text: it came from outside, and simply is nowhere. */
function positionOf(doc: TextDoc, { segment, cursor }: TextCursor): number | null {
  try {
    return backendOf(doc).getCursorPosition(segment, cursor)
  } catch {
    return null
  }
}

/** The same cursor in the segment that its member was moved to, or null when it was not moved. */
function whereMoved(doc: TextDoc, ids: readonly (string | null)[], place: TextCursor): TextCursor | null {
  const pieces = ids.flatMap((id, index) => {
    const moved = id === null ? null : readMoved(doc.segments[index]?.moved)
    return moved?.from === place.segment ? [{ id: id!, moved }] : []
  })
  if (pieces.length === 0 || isAlive(doc, place)) return null
  if (place.cursor === endCursor) return { segment: pieces.at(-1)!.id, cursor: endCursor }
  for (const { id, moved } of pieces) {
    const cursor = followMoved(backendOf(doc), place.cursor, id, moved)
    if (cursor !== null) return { segment: id, cursor }
  }
  return null
}

/** Whether the member that a cursor names is in its text. */
function isAlive(doc: TextDoc, { segment, cursor }: TextCursor): boolean {
  const position = positionOf(doc, { segment, cursor })
  if (position === null || position >= backendOf(doc).length(segment)) return false
  return backendOf(doc).getCursor(segment, position) === cursor.replace('-', '')
}

/** Automerge's cursor that stays at the end of a text. */
const endCursor = 'e'

function endOf(lengths: readonly number[], index: number): { segment: number; from: number } | undefined {
  const last = lengths.length - 1
  const end = segmentStart(lengths, lengths.length)
  return last >= 0 && index === end ? { segment: last, from: lengths[last]! } : undefined
}
