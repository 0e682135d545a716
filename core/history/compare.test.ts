import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentId, Heads, PersonKey } from '../ids.ts'
import type { BlockContent, MarkSet, TextRun } from '../text/blocks.ts'
import { createTextDocument } from '../text/create.ts'
import { changeText } from '../text/edit.ts'
import { readBlocks, readText } from '../text/read.ts'
import { type ComparedBlock, compareBlocks } from './compare.ts'
import { restoreTo } from './test-restore.ts'

const p = (...runs: (string | [string, MarkSet])[]): BlockContent => ({
  marker: { type: 'paragraph', parents: [], attrs: {}, isEmbed: false },
  runs: runs.map((run) => (typeof run === 'string' ? { text: run, marks: {} } : { text: run[0], marks: run[1] })),
})
const h = (text: string): BlockContent => ({ ...p(text), marker: { ...p().marker!, type: 'heading', attrs: { level: 1 } } })

/** Reads `-old-` and `+new+` and `*reformatted*`, a block a line, with a sign before blocks that came, went or changed. */
const shown = (blocks: readonly ComparedBlock[]) => {
  const signs = { same: '', inserted: '+', deleted: '-', reformatted: '*', changed: '~' }
  return blocks.map(({ change, runs }) => {
    const text = runs.map((run) => `${signs[run.change]}${run.text}${signs[run.change]}`).join('')
    return change === 'inserted' || change === 'deleted'
      ? `${signs[change]} ${runs.map((run) => run.text).join('')}`
      : `${signs[change]}${text}`
  })
}

describe('compareBlocks', () => {
  test('says which words came and went', () => {
    expect(shown(compareBlocks([p('the quick brown fox')], [p('the slow brown old fox')]))).toEqual(['the -quick-+slow+ brown +old +fox'])
  })

  test('tells a new block from a changed one', () => {
    const before = [p('one two three'), p('four five six')]
    const after = [p('one two three'), p('something else entirely'), p('four five seven six')]
    expect(shown(compareBlocks(before, after))).toEqual(['one two three', '+ something else entirely', 'four five +seven +six'])
  })

  test('tells a change of type and of marks from a change of words', () => {
    expect(shown(compareBlocks([p('title'), p('a b c')], [h('title'), p('a ', ['b', { strong: true }], ' c')]))).toEqual([
      '~title',
      'a *b* c',
    ])
  })

  test('of nothing, and of a text with itself', () => {
    expect(compareBlocks([], [])).toEqual([])
    expect(shown(compareBlocks([], [p('a')]))).toEqual(['+ a'])
    expect(shown(compareBlocks([p('a'), p()], [p('a'), p()]))).toEqual(['a', ''])
  })

  test('gives both texts back, whatever they are', () => {
    fc.assert(
      fc.property(arbitraryBlocks, arbitraryBlocks, (before, after) => {
        const compared = compareBlocks(before, after)
        expect(side(compared, 'inserted')).toEqual(before.map(plain))
        expect(side(compared, 'deleted')).toEqual(after.map(plain))
      }),
    )
  })
})

const word = fc.constantFrom('one ', 'two ', 'three ', 'four. ', '😀', 'é')
const run: fc.Arbitrary<[string, MarkSet]> = fc.tuple(
  fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join('')),
  fc.constantFrom<MarkSet>({}, { strong: true }, { link: 'x', em: true }),
)
const arbitraryBlocks = fc.array(
  fc.oneof(
    fc.array(run, { maxLength: 3 }).map((runs) => p(...runs)),
    word.map(h),
  ),
  { maxLength: 8 },
)

const plain = ({ runs }: { runs: readonly TextRun[] }) => runs.map(({ text }) => text).join('')
/** The blocks of one version, without what is only in the other. */
const side = (compared: readonly ComparedBlock[], other: 'inserted' | 'deleted') =>
  compared.filter(({ change }) => change !== other).map(({ runs }) => plain({ runs: runs.filter((each) => each.change !== other) }))

describe('restoreTo', () => {
  const create = (blocks: BlockContent[]) =>
    createTextDocument({ title: 'First', margin: '' as DocumentId, author: 'ab'.repeat(32) as PersonKey, time: 0, blocks })
  const headsOf = (doc: A.Doc<unknown>) => A.getHeads(doc) as unknown as Heads

  test('brings any text back from any other', () => {
    fc.assert(
      fc.property(arbitraryBlocks, arbitraryBlocks, (before, after) => {
        const old = create(before)
        const now = changeText(old, { time: 0 }, (text) => {
          text.splice(0, text.length)
          text.insertContent(0, after)
        })
        const back = restoreTo(now, headsOf(old), 1000)
        expect(readBlocks(back)).toEqual(readBlocks(old))
        const forward = restoreTo(back, headsOf(now), 1000)
        expect(readBlocks(forward)).toEqual(readBlocks(now))
      }),
      { numRuns: 20 },
    )
  })

  test('keeps what others write meanwhile, restores the title, and adds one change', () => {
    const old = create([p('one two three'), p('four five six')])
    const now = changeText(
      A.change(A.clone(old), (draft) => A.updateText(draft, ['title'], 'Second')),
      { time: 0 },
      (text) => text.splice(5, 4),
    )
    const other = changeText(A.clone(now), { time: 0 }, (text) => text.splice(text.length, 0, ' MORE'))
    const back = restoreTo(A.clone(now), headsOf(old), 1000)
    expect(A.getChangesSince(back, A.getHeads(now))).toHaveLength(1)
    const merged = A.merge(back, other)
    expect(readText(merged)).toBe('one two three\nfour five six MORE')
    expect(merged.title).toBe('First')
  })

  test('does nothing where nothing differs', () => {
    const doc = create([p('one')])
    expect(A.getHeads(restoreTo(doc, headsOf(doc), 0))).toEqual(A.getHeads(doc))
  })
})
