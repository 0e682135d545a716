import { describe, expect, it } from 'vitest'
import { readQuery } from './search-text.ts'

const highlighted = (query: string, text: string) => readQuery(query)?.highlight(text)
const passage = (query: string, text: string) => readQuery(query)?.passage(text)

describe('a query', () => {
  it.each([
    ['one', '"one"*'],
    ['one two', '"one" "two"*'],
    ['one two ', '"one" "two"'],
    ['AND "OR* NEAR(', '"AND" "OR" "NEAR"'],
    ["don't", '"don" "t"*'],
    ['ünïcode', '"ünïcode"*'],
  ])('of %s', (text, expression) => {
    expect(readQuery(text)?.expression).toBe(expression)
  })

  it.each(['', '   ', '?!*"'])('of no word is none', (text) => {
    expect(readQuery(text)).toBeNull()
  })
})

describe('a match is highlighted', () => {
  it.each([
    ['river', 'The river', ['The ', 'river', '']],
    ['riv', 'The RIVERS run', ['The ', 'RIVERS', ' run']],
    ['riv ', 'The rivers', ['The rivers']],
    ['eclair', 'Un éclair', ['Un ', 'éclair', '']],
    ['éclair', 'UN ECLAIR', ['UN ', 'ECLAIR', '']],
    ['a b', 'b, a and ab', ['', 'b', ', ', 'a', ' and ab']],
    ['日本', '日本語', ['', '日本語', '']],
  ])('%s in %s', (query, text, parts) => {
    expect(highlighted(query, text)).toEqual(parts)
  })
})

describe('a passage', () => {
  const long = (words: string) => `${'nothing here '.repeat(50)}${words}${' and on it goes'.repeat(50)}`

  it('is the whole of a short text', () => {
    expect(passage('ink', 'black\nink')).toEqual(['black ', 'ink', ''])
  })

  it('stands around the match in a long one', () => {
    const parts = passage('ink', long('the ink dried')) ?? []
    expect(parts[0]).toMatch(/^….*nothing here the $/)
    expect(parts[1]).toBe('ink')
    expect(parts[2]).toMatch(/^ dried .*…$/)
    expect(parts.join('').length).toBeLessThan(200)
  })

  it('is where most of the words are together', () => {
    const text = `${long('black')} ${long('black ink')}`
    expect(passage('black ink', text)?.filter((_, index) => index % 2 === 1)).toEqual(['black', 'ink'])
  })

  it('is the beginning when only the title matches', () => {
    expect(passage('missing', 'Once upon a time')).toEqual(['Once upon a time'])
  })
})
