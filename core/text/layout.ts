import type { BlockContent, TextRun } from './blocks.ts'
import { segmentSize } from './segments.ts'

/** Length of a block in the flat sequence. */
export const blockLength = (block: BlockContent): number =>
  block.runs.reduce((sum, run) => sum + run.text.length, block.marker === null ? 0 : 1)

/**
 * Lays blocks out in stretches of about `segmentSize`, cut at block boundaries. A single block that is longer is cut inside: its
 * later parts have no marker. Joined again, the result reads as the blocks that went in.
 */
export function layOut(blocks: readonly BlockContent[], size = segmentSize): BlockContent[][] {
  const stretches: BlockContent[][] = []
  let filled = Number.POSITIVE_INFINITY
  for (const part of blocks.flatMap((block) => cutBlock(block, size))) {
    const length = blockLength(part)
    if (filled + length > size) {
      stretches.push([])
      filled = 0
    }
    stretches.at(-1)!.push(part)
    filled += length
  }
  return stretches
}

/** Cuts a block that is longer than `size` into parts that are not. */
function cutBlock(block: BlockContent, size: number): BlockContent[] {
  if (blockLength(block) <= size) return [block]
  const parts: { marker: BlockContent['marker']; runs: TextRun[] }[] = [{ marker: block.marker, runs: [] }]
  let room = size - 1
  for (const run of block.runs) {
    for (let rest = run.text; rest !== ''; ) {
      const piece = rest.slice(0, endBefore(rest, room, size))
      if (piece !== '') parts.at(-1)!.runs.push({ text: piece, marks: run.marks })
      rest = rest.slice(piece.length)
      room -= piece.length
      if (rest !== '') {
        parts.push({ marker: null, runs: [] })
        room = size
      }
    }
  }
  return parts
}

/** Where a part of at most `length` ends: between letters, except in one that is longer than a whole part. */
function endBefore(text: string, length: number, size: number): number {
  const end = betweenLetters(text, length)
  return end > 0 || length < size ? end : length
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** No letter that anybody writes has as many code units. */
const longestLetter = 64

/** The last place at or before `at` where a text can be cut without cutting a letter as a reader sees it: an emoji with its joiners, a letter with its accents. */
export function betweenLetters(text: string, at: number): number {
  if (at >= text.length) return text.length
  const start = Math.max(0, at - longestLetter)
  return start + (letters.segment(text.slice(start, at + longestLetter)).containing(at - start)?.index ?? 0)
}
