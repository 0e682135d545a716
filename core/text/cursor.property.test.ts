import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { runsOf } from '../../test/fuzz-runs.ts'
import type { DocumentId, PersonKey } from '../ids.ts'
import { implicitParagraph } from './blocks.ts'
import { createTextDocument } from './create.ts'
import { cursorAt, indexOfCursor } from './cursor.ts'
import type { TextDoc } from './document.ts'
import { changeText } from './edit.ts'
import { markerCharacter, readBlocks, readRange, textLength } from './read.ts'
import type * as segments from './segments.ts'

/** Segments so small that tails are moved all the time. */
vi.mock('./segments.ts', async (original) => ({
  ...(await original<typeof segments>()),
  segmentSize: 5,
  shortLength: 8,
  roomyLimit: 12,
  segmentLimit: 20,
  movedSize: 10,
  movedBlocks: 2,
}))

const now = { time: 0 }
const create = (texts: readonly string[]) =>
  createTextDocument({
    title: '',
    margin: '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId,
    author: 'ab'.repeat(32) as PersonKey,
    time: 0,
    blocks: texts.map((text) => ({ marker: implicitParagraph, runs: text === '' ? [] : [{ text, marks: {} }] })),
  })

/** Characters that occur once, so that each can be followed; some of two code units. */
const unique = (start: number, count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint((index % 3 === 0 ? 0x1f300 : 0x4e00) + start + index)).join('')

const memberAt = (doc: TextDoc, index: number) => {
  const [block] = readRange(doc, index, Math.min(index + 2, textLength(doc)))
  return block?.marker ? markerCharacter : String.fromCodePoint(block?.runs[0]?.text.codePointAt(0) ?? 0)
}
const textOf = (doc: TextDoc) =>
  readBlocks(doc)
    .map(({ runs }) => markerCharacter + runs.map((run) => run.text).join(''))
    .join('')

test('a cursor stays at its character while segments grow and their tails are moved, also over a restart', () => {
  const edit = fc.record({ at: fc.nat(1_000), count: fc.integer({ min: 1, max: 14 }), splits: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }),
      fc.nat(1_000),
      fc.array(edit, { maxLength: 12 }),
      (lengths, at, edits) => {
        let doc = create(lengths.map((length, index) => unique(index * 100, length)))
        const characters = textOf(doc).match(/[^\uFFFC]/gu) ?? []
        fc.pre(characters.length > 0)
        const character = characters[at % characters.length]!
        const cursor = cursorAt(doc, textOf(doc).indexOf(character))
        edits.forEach(({ at: place, count, splits }, number) => {
          let index = place % (textLength(doc) + 1)
          const code = textOf(doc).charCodeAt(index)
          if (code >= 0xdc00 && code <= 0xdfff) index--
          doc = changeText(A.load(A.save(doc)), now, (text) => {
            if (splits && index > 0) text.splitBlock(index, implicitParagraph)
            else text.splice(Math.max(1, index), 0, unique(1_000 + number * 20, count))
          })
          const found = indexOfCursor(doc, cursor)
          expect(found).not.toBe(null)
          expect(memberAt(doc, found!)).toBe(character)
        })
      },
    ),
    runsOf(150),
  )
})
