import * as A from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import type { DocumentId, Heads, PersonKey } from '../ids.ts'
import type { BlockContent } from './blocks.ts'
import { createTextDocument } from './create.ts'
import type { TextDoc } from './document.ts'
import { changeText } from './edit.ts'
import { readBlocks } from './read.ts'

const author = 'ab'.repeat(32) as PersonKey
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId
const block = (type: string, text: string): BlockContent => ({
  marker: { type, parents: [], attrs: {}, isEmbed: false },
  runs: [{ text, marks: {} }],
})
const headsOf = (doc: TextDoc) => A.getHeads(doc) as unknown as Heads

test('a version keeps its blocks when what stands before them has another length now', () => {
  const blocks = [block('paragraph', 'one'), block('heading', 'two'), block('paragraph', 'three')]
  const old = createTextDocument({ title: 'Title', margin, author, time: 1000, blocks })
  const longer = changeText(A.clone(old, { author }), { time: 2000 }, (text) => text.splice(1, 0, 'more '))
  const shorter = changeText(A.clone(longer, { author }), { time: 3000 }, (text) => text.splice(1, 7, ''))
  for (const doc of [longer, shorter]) expect(readBlocks(doc, headsOf(old))).toEqual(blocks)
  expect(readBlocks(shorter, headsOf(longer))).toEqual(readBlocks(longer))
})

test('a long text is made while it says how far it is', () => {
  const shares: number[] = []
  const blocks = Array.from({ length: 4 }, () => block('paragraph', 'word '.repeat(500)))
  createTextDocument({ title: 'Title', margin, author, time: 1000, blocks }, (share) => shares.push(share))
  expect(shares).toEqual([0.25, 0.5, 0.75, 1])
})
