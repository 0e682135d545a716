/** Between what a person types into the search field and what FTS5 takes and gives. */

/** Mark the ends of a match while a passage comes out of SQLite: private characters, which are removed from what is indexed. */
export const matchStart = '\uE000'
export const matchEnd = '\uE001'

const maxWords = 16

/**
 * An FTS5 query for every word of `text`, the last one as a beginning unless a space follows it. Words are quoted, so nothing a person types is
 * an operator. Null where there is no word.
 */
export function searchExpression(text: string): string | null {
  const words = text.match(/[\p{L}\p{N}\p{M}_]+/gu)?.slice(0, maxWords) ?? []
  if (words.length === 0) return null
  const isOpen = /[\p{L}\p{N}\p{M}_]$/u.test(text)
  return words.map((word, index) => `"${word}"${isOpen && index === words.length - 1 ? '*' : ''}`).join(' ')
}

/** A passage with marked matches as parts, alternately not highlighted and highlighted, beginning with not highlighted. */
export function partsOf(marked: string): string[] {
  const parts: string[] = []
  for (const [index, piece] of marked.split(matchStart).entries()) {
    if (index === 0) parts.push(piece)
    else parts.push(...piece.split(matchEnd, 2))
  }
  return parts
}
