import { expect, test } from 'vitest'
import { stateOf } from './commands/test-blocks.ts'
import { sentenceAround } from './focus-mode.ts'
import { countDocument, countSelection, countText } from './word-count.ts'

test.each([
  ['', 0, 0],
  ['one two', 2, 7],
  ['It’s 3.5 kg, isn’t it?', 5, 22],
  ['naïve — café', 2, 12],
  ['e\u0301a 👩‍👩‍👧', 1, 4],
])('%j has %i words and %i characters', (text, words, characters) => {
  expect(countText(text)).toEqual({ words, characters })
})

test('a document has those of its blocks', () => {
  expect(countDocument(stateOf('h1: One', 'ul: two three', 'hr:', 'code: four').doc)).toEqual({ words: 4, characters: 16 })
})

test('a selection has what is inside of it', () => {
  expect(countSelection(stateOf('p: one |two', 'p: three', 'p: four| five'))).toEqual({ words: 3, characters: 12 })
  expect(countSelection(stateOf('p: one| two'))).toBeNull()
})

test.each([
  ['One is. Two is.', 3, 'One is. '],
  ['One is. Two is.', 9, 'Two is.'],
  ['One is. Two is.', 15, 'Two is.'],
  ['', 0, ''],
])('the sentence in %j at %i is %j', (text, offset, sentence) => {
  expect(text.slice(...sentenceAround(text, offset))).toBe(sentence)
})
