/**
 * How the palette finds things: every word typed must begin a word of the name (or be contained in it), names that begin with what was
 * typed come first. Small enough to run over 10,000 names at each key.
 */

export interface Findable {
  /** Without case and accents, as `findable` makes them. */
  readonly foldedName: string
  readonly foldedKeywords: string
}

/** What an item is found by. Made once for each item: it costs more than finding. */
export const findable = (name: string, keywords = ''): Findable => ({ foldedName: fold(name), foldedKeywords: fold(keywords) })

/** The best matches, best first; in their own order where nothing was typed. */
export function findBest<Item extends Findable>(items: readonly Item[], typed: string, limit: number): Item[] {
  const words = fold(typed).split(/\s+/).filter(Boolean)
  if (words.length === 0) return items.slice(0, limit)
  const scored: { item: Item; score: number }[] = []
  for (const item of items) {
    const score = scoreOf(item, words)
    if (score > 0) scored.push({ item, score })
  }
  return scored
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ item }) => item)
}

/** Whether the name begins with all that was typed: then it is most likely meant. */
export const beginsWith = (item: Findable | undefined, typed: string) => item?.foldedName.startsWith(fold(typed.trim())) === true

/** 0 for no match. */
function scoreOf({ foldedName, foldedKeywords }: Findable, words: readonly string[]): number {
  let score = 0
  for (const word of words) {
    const part = Math.max(placeScore(foldedName, word) * 4, placeScore(foldedKeywords, word))
    if (part === 0) return 0
    score += part
  }
  return score - foldedName.length / 1000
}

/** 3 at the beginning, 2 at the beginning of a word, 1 inside one. */
function placeScore(text: string, word: string): number {
  const at = text.indexOf(word)
  if (at === 0) return 3
  if (at < 0) return 0
  return text.includes(` ${word}`) ? 2 : 1
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
