/**
 * How the palette finds things: every word typed must begin a word of the name (or be contained in it), names that begin with what was
 * typed come first. Small enough to run over 10,000 names at each key.
 */

export interface Findable {
  readonly name: string
  readonly keywords?: string
}

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

/** 0 for no match. */
function scoreOf({ name, keywords = '' }: Findable, words: readonly string[]): number {
  const foldedName = fold(name)
  const foldedKeywords = fold(keywords)
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
