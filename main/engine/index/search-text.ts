/**
 * What a person types into the search field: as a query for FTS5, and as the matches that are shown in a title or passage. FTS5 could cut passages itself; it
 * takes longer for them than for the whole search, because it looks up every word again for each.
 */

const maxWords = 16
/** Characters of a passage, and how many of them may stand before its first match. */
const passageLength = 180
const leadLength = 40
/** Matches that are looked at to find the best passage of a text. */
const maxMatches = 200

const wordCharacters = '\\p{L}\\p{N}\\p{M}'
const wordPattern = new RegExp(`[${wordCharacters}]+`, 'gu')
const openEnd = new RegExp(`[${wordCharacters}]$`, 'u')
const ascii = /^[\0-\x7f]*$/

export interface Query {
  /** For FTS5: every word, the last one as a beginning unless something follows it. Words are quoted, so nothing a person types is an operator. */
  expression: string
  /** The same, in titles only. */
  titleExpression: string
  /** Cuts a title into parts, alternately not highlighted and highlighted, beginning with not highlighted. */
  highlight: (text: string) => string[]
  /** Cuts the best passage out of a text, as parts. */
  passage: (text: string) => string[]
}

/** Null where there is no word. */
export function readQuery(text: string): Query | null {
  const words = text.match(wordPattern)?.slice(0, maxWords) ?? []
  if (words.length === 0) return null
  const isOpen = openEnd.test(text)
  const terms = words.map((word, index) => `"${word}"${isOpen && index === words.length - 1 ? '*' : ''}`)
  const patterns = {
    plain: patternOf(words, isOpen, 'a-z0-9', '', 'gi'),
    marked: patternOf(words, isOpen, wordCharacters, '\\p{M}*', 'giu'),
  }
  return {
    expression: terms.join(' '),
    titleExpression: `{title} : (${terms.join(' AND ')})`,
    highlight: (title) => partsOf(decomposed(title), matchesIn(decomposed(title), patterns), 0, title.length * 4),
    passage: (body) => passageOf(decomposed(body), patterns, words.length),
  }
}

interface Patterns {
  /** For text in ASCII, which is found faster without thinking of diacritics. */
  plain: RegExp
  marked: RegExp
}

interface Match {
  start: number
  end: number
}

/** Finds words as FTS5's tokenizer does: whole, in any case, with any diacritics. The text has its diacritics apart from their letters. */
function patternOf(words: readonly string[], isOpen: boolean, characters: string, afterLetter: string, flags: string): RegExp {
  const alternatives = words.map((word, index) => {
    const letters = decomposed(word)
      .replace(/\p{M}/gu, '')
      .replace(/./gu, (letter) => letter + afterLetter)
    return isOpen && index === words.length - 1 ? `${letters}[${characters}]*` : letters
  })
  return new RegExp(`(?<![${characters}])(?:${alternatives.join('|')})(?![${characters}])`, flags)
}

const decomposed = (text: string) => (ascii.test(text) ? text : text.normalize('NFD'))

function* matchesIn(text: string, { plain, marked }: Patterns): Generator<Match> {
  for (const match of text.matchAll(ascii.test(text) ? plain : marked)) yield { start: match.index, end: match.index + match[0].length }
}

function passageOf(text: string, patterns: Patterns, words: number): string[] {
  const { matches, start } = bestStretch(text, matchesIn(text, patterns), words)
  const from = start <= leadLength ? 0 : afterSpace(text, start - leadLength)
  const parts = partsOf(text, matches, from, from + passageLength)
  if (from > 0) parts[0] = `…${parts[0] ?? ''}`
  if (from + passageLength < text.length) parts[parts.length - 1] = `${parts.at(-1) ?? ''}…`
  return parts.map((part) => part.replace(/\s+/g, ' '))
}

/** Where the stretch with the most different words begins. The text is read no further than to one with all of them. */
function bestStretch(text: string, found: Iterable<Match>, words: number): { matches: Match[]; start: number } {
  const matches: Match[] = []
  let best = { start: 0, words: 0 }
  for (const match of found) {
    if (matches.length === maxMatches || (best.words >= words && match.start > best.start + passageLength)) break
    matches.push(match)
    const near = matches.filter(({ start }) => match.end <= start + passageLength - leadLength)
    const different = new Set(near.map(({ start, end }) => text.slice(start, end).toLowerCase()))
    if (different.size > best.words) best = { start: near[0]?.start ?? match.start, words: different.size }
  }
  return { matches, start: best.start }
}

function afterSpace(text: string, at: number): number {
  const space = text.indexOf(' ', at)
  return space < 0 || space > at + leadLength ? at : space + 1
}

function partsOf(text: string, matches: Iterable<Match>, from: number, to: number): string[] {
  const parts: string[] = []
  let at = from
  for (const { start, end } of matches) {
    if (start < from) continue
    if (end > to) break
    parts.push(text.slice(at, start), text.slice(start, end))
    at = end
  }
  parts.push(text.slice(at, Math.min(to, text.length)))
  return parts.map((part) => part.normalize('NFC'))
}
