import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runsOf } from '../../test/fuzz-runs.ts'
import { type BlockContent, implicitParagraph, type MarkSet } from './blocks.ts'
import { layOut } from './layout.ts'
import { cutAtEachOther, settleMarks } from './settle.ts'

/** Letters of one code unit and of many: emoji with joiners and skin, flags, accents, Hangul, Hebrew with points, a Devanagari cluster. */
const letter = fc.constantFrom('a', ' ', '\n', 'é', 'e\u0301', '😀', '👩‍👩‍👧‍👦', '👍🏽', '🇩🇪', '각', '\u1100\u1161\u11a8', 'שׁ', 'क्षि', 'مـ')
const word = fc.array(letter, { minLength: 1, maxLength: 40 }).map((parts) => parts.join(''))
const marks = fc.constantFrom<MarkSet>({}, { strong: true }, { em: true, color: 'red' })
const runs = fc.array(fc.record({ text: word, marks }), { maxLength: 3 })
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
const boundaries = (text: string) => new Set([...segmenter.segment(text)].map(({ index }) => index).concat(text.length))

test('no segment boundary cuts a letter, and the parts read as the whole', () => {
  fc.assert(
    fc.property(fc.array(runs, { minLength: 1, maxLength: 4 }), fc.integer({ min: 14, max: 60 }), (texts, size) => {
      const blocks: BlockContent[] = texts.map((each) => ({ marker: implicitParagraph, runs: each }))
      const parts = layOut(blocks, size).flat()
      let block = -1
      let place = 0
      for (const part of parts) {
        if (part.marker !== null) {
          block++
          place = 0
        }
        for (const { text } of part.runs) {
          const run = runAt(blocks[block]!, place)
          expect(boundaries(run.text)).toContain(place - run.start)
          place += text.length
        }
      }
      const joined = (of: readonly BlockContent[]) =>
        of.map((block) => `${block.marker ? '¶' : ''}${block.runs.map(({ text }) => text).join('')}`).join('')
      expect(joined(parts)).toBe(joined(blocks))
    }),
    runsOf(300),
  )
})

/** The run of a block that a place is in, and where it starts. Where marks change a letter is in two runs, and may be cut. */
function runAt(block: BlockContent, place: number): { text: string; start: number } {
  let start = 0
  for (const { text } of block.runs) {
    if (place < start + text.length) return { text, start }
    start += text.length
  }
  return { text: '', start: place }
}

test('marks are settled letter by letter as they were wanted, whatever was there', () => {
  fc.assert(
    fc.property(runs, fc.array(marks, { minLength: 1, maxLength: 4 }), (wanted, present) => {
      const text = wanted.map((run) => run.text).join('')
      const has: MarkSet[] = Array.from({ length: text.length }, (_, index) => present[Math.floor((index * present.length) / text.length)]!)
      const stored = has.map((set, index) => ({ text: text[index]!, marks: set }))
      const within = (from: number, to: number, change: (set: MarkSet) => MarkSet) => {
        for (let index = from; index < to; index++) has[index] = change(has[index]!)
      }
      settleMarks(
        {
          read: () => [{ marker: null, runs: stored }],
          mark: (from, to, name, value) => within(from, to, (set) => ({ ...set, [name]: value })),
          unmark: (from, to, name) =>
            within(from, to, (set) => Object.fromEntries(Object.entries(set).filter(([other]) => other !== name))),
        },
        0,
        wanted,
      )
      const shown = has.map((set, index) => ({ text: text[index]!, marks: set }))
      for (const { a, b } of cutAtEachOther(shown, wanted)) expect(a).toEqual(b)
    }),
    runsOf(300),
  )
})
