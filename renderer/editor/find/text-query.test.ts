import { replaceAll, search, setSearchState } from 'prosemirror-search'
import { expect, test } from 'vitest'
import { linesOf, stateOf } from '../commands/test-blocks.ts'
import { TextQuery, type TextQueryOptions } from './text-query.ts'

const words: TextQueryOptions = { search: '', replace: '', isCaseSensitive: false, isWholeWord: false, isRegularExpression: false }

/** The lines after everything that `options` look for was replaced. */
function replaced(lines: string[], options: Partial<TextQueryOptions>) {
  const plain = stateOf(...lines)
  const state = plain.reconfigure({ plugins: [...plain.plugins, search()] })
  let now = state.apply(setSearchState(state.tr, new TextQuery({ ...words, ...options })))
  replaceAll(now, (tr) => (now = now.apply(tr)))
  return linesOf(now).map((line) => line.replace('|', '')) // The caret is of no interest.
}

test.each<[string, Partial<TextQueryOptions>, string]>([
  ['p: 3 for 5', { search: '5', replace: '$10' }, 'p: 3 for $10'],
  ['p: a.b axb', { search: 'a.b', replace: '$&' }, 'p: $& axb'],
  ['p: (1) [1] {1} 1+1 a/b \\d ^', { search: '(1) [1] {1} 1+1 a/b \\d ^', replace: 'all' }, 'p: all'],
  ['p: İİ cat', { search: 'CAT', replace: 'dog' }, 'p: İİ dog'],
  ['p: Straße', { search: 'straße', replace: 'Weg' }, 'p: Weg'],
  ['p: one one', { search: 'one ', replace: '' }, 'p: one'],
])('words are found and put in as they are: %s, %j', (line, options, expected) => {
  expect(replaced([line], options)).toEqual([expected])
})

test('a pattern’s replacement names its groups', () => {
  expect(replaced(['p: Ada Lovelace'], { search: '(\\w+) (\\w+)', replace: '$2, $1', isRegularExpression: true })).toEqual([
    'p: Lovelace, Ada',
  ])
})

test.each(['x*', '^', '$', '\\b', '(?=a)'])('%s, which is empty wherever it matches, finds nothing', (pattern) => {
  expect(replaced(['p: a b', 'p:'], { search: pattern, replace: 'z', isRegularExpression: true })).toEqual(['p: a b', 'p:'])
})
