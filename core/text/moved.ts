import type { ObjID } from '@automerge/automerge/slim'
import type { Moved } from './document.ts'
import { markerCharacter } from './read.ts'
import type { Backend } from './segments.ts'

/**
 * Where the members of a moved tail are now.
 *
 * Automerge has no move: a tail that gets a segment of its own is deleted in the old one and written again. Its new segments say where
 * it stood (`Moved`), which is enough to find each member again: the old segment is read as it was then, and in the new one characters are
 * numbered one after the other, from the number after that of the text itself.
 */

/** Writes down where a new segment's text came from. The text must be written already. */
export function writeMoved(backend: Backend, segment: ObjID, { from, heads, end, length }: Moved): void {
  const moved = backend.putObject(segment, 'moved', {})
  backend.put(moved, 'from', from, 'str')
  const list = backend.putObject(moved, 'heads', [])
  heads.forEach((head, index) => {
    backend.insert(list, index, head, 'str')
  })
  backend.put(moved, 'end', end)
  backend.put(moved, 'length', length)
}

/** Reads it back: null for anything that another program may have put there. */
export function readMoved(value: unknown): Moved | null {
  if (typeof value !== 'object' || value === null) return null
  const { from, heads, end, length } = value as Record<string, unknown>
  if (typeof end !== 'number' || typeof length !== 'number' || !Array.isArray(heads)) return null
  return { from: String(from), heads: heads.map(String), end, length }
}

/**
 * The cursor, in the text `to`, of the member that `cursor` means in the text it was moved from; null when that member was not in this piece of the
 * tail. A marker's cursor goes to the character after it.
 */
export function followMoved(backend: Backend, cursor: string, to: ObjID, { from, heads, end, length }: Moved): string | null {
  const at = [...heads]
  try {
    const position = backend.getCursorPosition(from, cursor, at)
    const size = backend.length(from, at)
    const start = size - end - length
    if (position < start || position >= start + length) return null
    const text = backend.text(from, at)
    const before = charactersOf(backend, from, text, start, position, at)
    if (before === charactersOf(backend, from, text, start, start + length, at)) return 'e'
    const [counter, actor] = to.split('@')
    return `${cursor.startsWith('-') ? '-' : ''}${Number(counter) + 1 + before}@${actor}`
  } catch {
    // These heads, or this cursor at these heads, are not in the document: the member was written later, elsewhere.
    return null
  }
}

/** How many characters stand in a stretch, markers not counted. Automerge numbers whole characters, not code units. */
function charactersOf(backend: Backend, id: ObjID, text: string, from: number, to: number, heads: string[]): number {
  let count = 0
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index)
    const isSecondHalf = code >= 0xdc00 && code <= 0xdfff
    const isMarker = text[index] === markerCharacter && backend.getWithType(id, index, heads)?.[0] === 'map'
    if (!isSecondHalf && !isMarker) count++
  }
  return count
}
