import * as A from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import type { DocumentId, Heads, PersonKey } from '../ids.ts'
import type { BlockContent, MarkSet } from './blocks.ts'
import { createTextDocument } from './create.ts'
import { cursorAt, indexOfCursor } from './cursor.ts'
import type { TextDoc } from './document.ts'
import { changeText, TextEditor } from './edit.ts'
import { TextChanges } from './patches.ts'
import { readBlocks, readRange, readText, textLength } from './read.ts'
import { movedSize, segmentLengths } from './segments.ts'

const author = 'ab'.repeat(32) as PersonKey
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId

const block = (type: string, ...runs: (string | [string, MarkSet])[]): BlockContent => ({
  marker: { type, parents: [], attrs: {}, isEmbed: false },
  runs: runs.map((run) => (typeof run === 'string' ? { text: run, marks: {} } : { text: run[0], marks: run[1] })),
})
const p = (...runs: (string | [string, MarkSet])[]) => block('paragraph', ...runs)
const create = (...blocks: BlockContent[]) => createTextDocument({ title: 'Title', margin, author, time: 1000, blocks })
const now = { time: 2000 }
const fork = (doc: TextDoc) => A.clone(doc, { author })

/** Both replicas after they have exchanged what they lack. */
function exchange(a: TextDoc, b: TextDoc): [TextDoc, TextDoc] {
  const merged = A.merge(A.clone(a), b)
  return [merged, A.merge(A.clone(b), a)]
}

test('reads back the blocks it was made with, now and at its heads', () => {
  const blocks = [p('Hello ', ['world', { strong: true, color: 'red' }]), block('divider'), p('')]
  const doc = create({ ...blocks[0]!, marker: { ...blocks[0]!.marker!, attrs: { level: 2, open: true } } }, ...blocks.slice(1))
  expect(readBlocks(doc)[0]!.marker!.attrs).toEqual({ level: 2, open: true })
  expect(readBlocks(doc).map(({ runs }) => runs)).toEqual([blocks[0]!.runs, [], []])
  expect(readBlocks(doc, A.getHeads(doc) as unknown as Heads)).toEqual(readBlocks(doc))
  expect(readText(doc)).toBe('Hello world\n\n')
})

test('lays long content out in segments at block boundaries, and a longer block inside', () => {
  const doc = create(p('a'.repeat(2500)), p('b'.repeat(2500)), p('c'.repeat(10_000)))
  expect(segmentLengths(doc)).toEqual([2501, 2501, 4000, 4000, 2001])
  expect(readBlocks(doc)).toEqual([p('a'.repeat(2500)), p('b'.repeat(2500)), p('c'.repeat(10_000))])
})

test('never cuts a character in two at a segment boundary', () => {
  const doc = create(p(`x${'😀'.repeat(10_000)}`))
  for (const segment of doc.segments) expect(segment.text.isWellFormed()).toBe(true)
})

test('edits across a segment boundary', () => {
  let doc = create(p('a'.repeat(3999)), p('b'.repeat(3999)))
  expect(segmentLengths(doc)).toEqual([4000, 4000])
  doc = changeText(doc, now, (text) => {
    text.mark(3990, 4010, 'em', true)
    text.splice(3995, 10, 'XY')
  })
  expect(readBlocks(doc)).toEqual([p('a'.repeat(3989), [`${'a'.repeat(5)}XY${'b'.repeat(5)}`, { em: true }], 'b'.repeat(3990))])
})

test('starts a new segment for a block at the end of a full one', () => {
  const doc = changeText(create(p('a'.repeat(3999))), now, (text) => {
    text.splitBlock(4000, p('').marker!)
    text.splice(4001, 0, 'next')
  })
  expect(segmentLengths(doc)).toEqual([4000, 5])
})

test('moves the tail of a segment that has grown too long, with what others wrote there meanwhile', () => {
  const start = create(p('a'.repeat(100)), p('tail of it'))
  const busy = changeText(fork(start), now, (text) => {
    for (let count = 0; count < 9; count++) text.splice(50, 0, 'z'.repeat(8000))
  })
  const other = changeText(fork(start), now, (text) => text.splice(105, 0, 'NEW '))
  expect(segmentLengths(busy).length).toBeGreaterThan(1)
  const [a, b] = exchange(busy, other)
  expect(readBlocks(a)).toEqual(readBlocks(b))
  expect(readText(a)).toContain('NEW ')
  expect(readText(a)).toContain('tail of it')
})

test('moves only what follows the place that is written at, and nothing at the end', () => {
  const doc = changeText(create(p('a'.repeat(100)), p('tail of it')), now, (text) => {
    for (let count = 0; count < 9; count++) text.splice(101 + 7500 * count, 0, 'z'.repeat(7500))
  })
  expect(segmentLengths(doc)).toEqual([60_101, 7500, 11])
  const longer = changeText(doc, now, (text) => {
    for (let count = 0; count < 10; count++) text.splice(67_601 + 7500 * count, 0, 'y'.repeat(7500))
  })
  expect(segmentLengths(longer)).toEqual([60_101, 60_000, 22_500, 11])
  expect(readText(longer)).toBe(`${'a'.repeat(100)}${'z'.repeat(67_500)}${'y'.repeat(75_000)}\ntail of it`)
})

test.each([
  ['in the first half of a full segment', () => 20_000],
  ['at places all over it', (count: number) => 1 + ((count * 7919) % 40_000)],
])('typing %s moves a little of its end at a time, and no more than is typed', (_, placeOf) => {
  let doc = create(p('a'.repeat(100)), ...Array.from({ length: 40 }, (_, index) => p(`${index} tail of it`)))
  doc = changeText(doc, now, (text) => {
    for (let count = 0; count < 9; count++) text.splice(50, 0, 'z'.repeat(7000))
  })
  expect(segmentLengths(doc)).toHaveLength(1)
  const moved: number[] = []
  const typed = 4000
  for (let count = 0; count < typed; count++) {
    const before = doc
    let patches: A.Patch[] = []
    doc = A.change(before, { patchCallback: (made) => (patches = made) }, (draft) => {
      new TextEditor(draft, before).splice(placeOf(count), 0, 'x')
    })
    const deleted = patches.flatMap((patch) => (patch.action === 'del' ? [patch.length ?? 1] : []))
    if (deleted.length > 0) moved.push(deleted.reduce((sum, length) => sum + length))
  }
  expect(moved.length).toBeGreaterThan(1)
  expect(Math.max(...moved)).toBeLessThanOrEqual(movedSize)
  expect(moved.reduce((sum, length) => sum + length)).toBeLessThan(typed + movedSize)
  expect(readBlocks(doc)).toHaveLength(41)
})

test('changes a block in place, so that two who change it at once still have one block', () => {
  const start = create(p('one'), p('two'))
  const heading = { ...p('').marker!, type: 'heading', attrs: { level: 2 } }
  const quoted = { ...p('').marker!, parents: ['blockquote'] }
  const [a, b] = exchange(
    changeText(fork(start), now, (text) => text.updateBlock(4, heading)),
    changeText(fork(start), now, (text) => text.updateBlock(4, quoted)),
  )
  expect(readBlocks(a)).toEqual([p('one'), { ...p('two'), marker: { ...heading, parents: ['blockquote'] } }])
  expect(readBlocks(b)).toEqual(readBlocks(a))
})

test('joins a block to the one before it, and refuses where there is no marker', () => {
  const doc = changeText(create(p('one'), p('two')), now, (text) => text.joinBlock(4))
  expect(readBlocks(doc)).toEqual([p('onetwo')])
  expect(() => changeText(doc, now, (text) => text.joinBlock(2))).toThrow(RangeError)
  expect(() => changeText(doc, now, (text) => text.splice(9, 0, 'x'))).toThrow(RangeError)
})

test('tells a typed object replacement character from a marker', () => {
  const doc = changeText(create(p('ab')), now, (text) => text.splice(2, 0, '\uFFFC'))
  expect(readBlocks(doc)).toEqual([p('a\uFFFCb')])
})

test('gives long pasted content segments of its own', () => {
  const pasted = Array.from({ length: 30 }, (_, index) => p(`${index} `.repeat(300)))
  const doc = changeText(create(p('before after')), now, (text) => text.insertContent(8, pasted))
  expect(readBlocks(doc)[0]).toEqual(p('before '))
  expect(readBlocks(doc).slice(1, 30)).toEqual(pasted.slice(0, 29))
  expect(Math.max(...segmentLengths(doc))).toBeLessThanOrEqual(4000)
})

test('moves nothing for content that the segment has room for, that is shorter than what follows it, or that much follows', () => {
  const pasted = Array.from({ length: 30 }, (_, index) => p(`${index} `.repeat(120)))
  const inShort = changeText(create(p('before after')), now, (text) => text.insertContent(8, pasted))
  expect(segmentLengths(inShort).length).toBe(1)
  const inLong = changeText(create(p('')), now, (text) => {
    for (let count = 0; count < 4; count++) text.splice(1, 0, 'z'.repeat(7500))
    text.insertContent(2, pasted)
  })
  expect(segmentLengths(inLong).length).toBe(1)
  expect(readBlocks(inLong).slice(1, 30)).toEqual(pasted.slice(0, 29))
  const withSoMuchAfter = (after: number) =>
    changeText(create(p('')), now, (text) => {
      for (let count = 0; count < 3; count++) text.splice(1, 0, 'z'.repeat(7500))
      text.insertContent(text.length - after, pasted)
    })
  expect(segmentLengths(withSoMuchAfter(4100)).length).toBe(1)
  expect(segmentLengths(withSoMuchAfter(3900)).length).toBeGreaterThan(1)
})

test('reads a stretch as the whole is read', () => {
  const doc = create(p('one ', ['bold', { strong: true }]), p('two'))
  expect(readRange(doc, 0, 9)).toEqual([p('one ', ['bold', { strong: true }])])
  expect(readRange(doc, 6, 12)).toEqual([{ marker: null, runs: [{ text: 'old', marks: { strong: true } }] }, p('tw')])
})

test('reads an older version that was longer', () => {
  const older = create(p('one'), p('two'), p('three'))
  const doc = changeText(A.clone(older), now, (text) => text.splice(3, 10))
  expect(readBlocks(doc, A.getHeads(older) as readonly string[] as Heads)).toEqual([p('one'), p('two'), p('three')])
})

test('a cursor stays at its character, and at the end of the text', () => {
  let doc = create(p('one two'), p('three'))
  const two = cursorAt(doc, 5)
  const end = cursorAt(doc, textLength(doc))
  doc = changeText(doc, now, (text) => text.splice(1, 0, 'zero '))
  doc = changeText(A.load(A.save(doc)), now, (text) => text.splice(textLength(doc), 0, '!'))
  expect(indexOfCursor(doc, two)).toBe(10)
  expect(indexOfCursor(doc, end)).toBe(textLength(doc))
  expect(indexOfCursor(create(), two)).toBe(null)
})

test('composes patches into what changed between the two states', () => {
  const doc = create(p('hello'), p('world'))
  const changes = new TextChanges(segmentLengths(doc))
  A.change(doc, { patchCallback: (patches) => patches.forEach((patch) => changes.add(patch)) }, (draft) => {
    A.splice(draft, ['segments', 0, 'text'], 1, 2, 'J')
    A.splice(draft, ['segments', 0, 'text'], 2, 0, 'k')
    A.splice(draft, ['segments', 0, 'text'], 10, 1)
    A.mark(draft, ['segments', 0, 'text'], { start: 6, end: 8 }, 'em', true)
  })
  expect(changes.hunks).toEqual([
    { oldFrom: 1, oldTo: 3, newFrom: 1, newTo: 3 },
    { oldFrom: 10, oldTo: 11, newFrom: 10, newTo: 10 },
  ])
  expect(changes.touched).toEqual([{ from: 6, to: 8 }])
})
