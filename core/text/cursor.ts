import type { TextDoc } from './document.ts'
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
export function indexOfCursor(doc: TextDoc, { segment, cursor }: TextCursor): number | null {
  const lengths = segmentLengths(doc)
  const index = lengths.findIndex((_, position) => segmentId(doc, position) === segment)
  if (index < 0) return null
  try {
    return segmentStart(lengths, index) + backendOf(doc).getCursorPosition(segment, cursor)
  } catch {
    // Automerge throws for a cursor that is not of this text: it came from outside, and simply is nowhere.
    return null
  }
}

function endOf(lengths: readonly number[], index: number): { segment: number; from: number } | undefined {
  const last = lengths.length - 1
  const end = segmentStart(lengths, lengths.length)
  return last >= 0 && index === end ? { segment: last, from: lengths[last]! } : undefined
}
