import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DocumentId, Heads, PersonKey } from '../ids.ts'
import { type BlockContent, implicitParagraph, type MarkSet } from '../text/blocks.ts'
import { createTextDocument } from '../text/create.ts'
import type { TextDoc } from '../text/document.ts'
import { changeText } from '../text/edit.ts'
import { TextChanges } from '../text/patches.ts'
import { readBlocks, readText } from '../text/read.ts'
import { segmentLengths } from '../text/segments.ts'
import { Restoration } from './restore.ts'

const p = (...runs: [string, MarkSet][]): BlockContent => ({
  marker: implicitParagraph,
  runs: runs.map(([text, marks]) => ({ text, marks })),
})
const words = fc.array(fc.constantFrom('one ', 'two ', 'three ', '😀'), { minLength: 1, maxLength: 6 }).map((each) => each.join(''))
const run = fc.tuple(words, fc.constantFrom<MarkSet>({}, { strong: true }))
const blocks = fc.array(
  fc.array(run, { maxLength: 3 }).map((runs) => p(...runs)),
  { minLength: 1, maxLength: 6 },
)
const create = (content: BlockContent[]) =>
  createTextDocument({ title: '', margin: '' as DocumentId, author: 'ab'.repeat(32) as PersonKey, time: 0, blocks: content })

/** A version, what the text is now, and the way back to the version. */
function replaced(before: BlockContent[], after: BlockContent[]) {
  const old = create(before)
  const now = changeText(old, { time: 0 }, (text) => {
    text.splice(0, text.length)
    text.insertContent(0, after)
  })
  return { old, now, restoration: new Restoration(now, A.getHeads(old) as readonly string[] as Heads) }
}

const write = (doc: TextDoc, restoration: Restoration, work: number) => A.change(doc, (draft) => restoration.write(draft, doc, work))

test('in many changes a version comes back as in one', () => {
  fc.assert(
    fc.property(blocks, blocks, fc.integer({ min: 3, max: 12 }), (before, after, work) => {
      const { old, now, restoration } = replaced(before, after)
      let doc = now
      for (let left = restoration.work; !restoration.isDone; left = restoration.work) {
        doc = write(doc, restoration, work)
        expect(restoration.work).toBeLessThan(left)
      }
      expect(readBlocks(doc)).toEqual(readBlocks(old))
    }),
    { numRuns: 10 },
  )
})

test('what somebody else writes between the changes is not deleted', () => {
  fc.assert(
    fc.property(blocks, blocks, fc.array(fc.nat(200), { maxLength: 12 }), (before, after, places) => {
      const { now, restoration } = replaced(before, after)
      let doc = now
      let next = 0
      for (let piece = 0; !restoration.isDone; piece++) {
        doc = write(doc, restoration, 4)
        const place = places[piece]
        if (place === undefined) continue
        const present = doc
        doc = changeText(present, { time: 0 }, (text) => text.splice(wholeAt(present, place), 0, String.fromCharCode(0x4e00 + next++)))
        const patches = A.diff(doc, A.getHeads(present), A.getHeads(doc))
        restoration.carryPast(new TextChanges(segmentLengths(present), patches).hunks)
      }
      const written = readText(doc).replaceAll(/[^\u4e00-\u4fff]/g, '')
      expect(written).toHaveLength(next)
    }),
    { numRuns: 10 },
  )
})

/** A place behind the first marker and not within a character. */
function wholeAt(doc: TextDoc, place: number): number {
  const text = doc.segments.map((segment) => segment.text).join('')
  const index = Math.min(text.length, 1 + (place % Math.max(1, text.length)))
  return /[\udc00-\udfff]/.test(text[index] ?? '') ? index - 1 : index
}
