import * as A from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import type { DocumentId, PersonKey } from '../ids.ts'
import { changesAround } from './around.ts'
import type { BlockContent } from './blocks.ts'
import { createTextDocument } from './create.ts'
import type { TextDoc } from './document.ts'
import { changeText, type TextEditor } from './edit.ts'

const author = 'ab'.repeat(32) as PersonKey
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId
const now = { time: 0 }
const p = (text: string): BlockContent => ({
  marker: { type: 'paragraph', parents: [], attrs: {}, isEmbed: false },
  runs: [{ text, marks: {} }],
})

/** The middle block is asked for: its text is from 5 to 9. */
const start = createTextDocument({ title: '', margin, author, time: 0, blocks: [p('one'), p('more'), p('text')] })
const [from, to] = [5, 9]
const heading = { type: 'heading', parents: [], attrs: { level: 1 }, isEmbed: false }

function split(...edits: ((text: TextEditor) => void)[]) {
  let other = A.clone(start, { author })
  for (const edit of edits) other = changeText(other, now, edit)
  return kinds(start, A.getChangesSince(other, A.getHeads(start)))
}

function kinds(doc: TextDoc, changes: A.Change[]) {
  const { free, touching } = changesAround(doc, changes, from, to)
  return changes.map((change) => (free.includes(change) ? 'free' : touching.includes(change) ? 'touching' : 'lost'))
}

test.each<[string, 'free' | 'touching', (text: TextEditor) => void]>([
  ['typing in the block', 'touching', (text) => text.splice(7, 0, 'x')],
  ['typing at its start', 'touching', (text) => text.splice(5, 0, 'x')],
  ['typing at its end', 'touching', (text) => text.splice(9, 0, 'x')],
  ['deleting in it', 'touching', (text) => text.splice(8, 1)],
  ['joining it to the one before', 'touching', (text) => text.joinBlock(4)],
  ['joining the next one to it', 'touching', (text) => text.joinBlock(9)],
  ['splitting it', 'touching', (text) => text.splitBlock(7, heading)],
  ['changing its type', 'touching', (text) => text.updateBlock(4, heading)],
  ['marking a part of it', 'touching', (text) => text.mark(6, 7, 'em', true)],
  ['marking all around it', 'touching', (text) => text.mark(1, 12, 'em', true)],
  ['typing at the end of the block before', 'free', (text) => text.splice(4, 0, 'word')],
  ['typing in the next one', 'free', (text) => text.splice(10, 0, 'word')],
  ['deleting in the next one', 'free', (text) => text.splice(10, 3)],
  ['marking the one before', 'free', (text) => text.mark(1, 4, 'em', true)],
  ['marking the next one', 'free', (text) => text.mark(10, 12, 'em', true)],
  ['changing the next one', 'free', (text) => text.updateBlock(9, heading)],
])('%s is %s', (_, kind, edit) => {
  expect(split(edit)).toEqual([kind])
})

test('what follows a letter that is not here yet stands where that letter stands', () => {
  expect(
    split(
      (text) => text.splice(4, 0, 'word'),
      (text) => text.splice(8, 0, 's'),
    ),
  ).toEqual(['free', 'free'])
})

test('what needs a touching change waits with it, and what another writes does not', () => {
  const edits = [(text: TextEditor) => text.splice(7, 0, 'x'), (text: TextEditor) => text.splice(1, 0, 'y')]
  expect(split(...edits)).toEqual(['touching', 'touching'])
  const [one, other] = edits.map((edit) => changeText(A.clone(start, { author }), now, edit)) as [TextDoc, TextDoc]
  expect(
    kinds(
      start,
      [one, other].flatMap((doc) => A.getChangesSince(doc, A.getHeads(start))),
    ),
  ).toEqual(['touching', 'free'])
})

test('what is written where text was deleted stands after what is left before it', () => {
  const here = changeText(A.clone(start, { author }), now, (text) => text.splice(8, 1))
  const other = changeText(A.clone(start, { author }), now, (text) => text.splice(9, 0, 'x'))
  const changes = A.getChangesSince(other, A.getHeads(start))
  expect(changesAround(here, changes, 5, 8).touching).toEqual(changes)
})
