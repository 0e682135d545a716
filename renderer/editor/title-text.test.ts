import fc from 'fast-check'
import { expect, test } from 'vitest'
import { carryPlace, rebaseTitle } from './title-text.ts'

test.each([
  ['before what others wrote', 'one two', 'oneX two', 'one two THREE', 4, 'oneX two THREE', 4],
  ['after it', 'one two', 'one twoX', 'ZERO one two', 8, 'ZERO one twoX', 13],
  ['at the very place', 'one', 'oneX', 'one two', 4, 'oneX two', 4],
  ['over what others took out', 'one alas three', 'one X three', 'one three', 5, 'one Xthree', 5],
  ['over words into which others wrote', 'one two three', 'X', 'one two and three', 1, 'Xand ', 1],
  ['beside a character of two halves', 'a😀', 'a😁', '>a😀', 3, '>a😁', 4],
])('what is typed %s stays in its place, and the caret beside it', (_, before, typed, present, place, title, expected) => {
  expect(rebaseTitle(before, typed, present, place)).toEqual({ title, place: expected })
})

test('a caret stays between its characters', () => {
  expect(carryPlace(3, 'one two', 'ZERO one two')).toBe(8)
  expect(carryPlace(3, 'one two', 'one, two')).toBe(3)
  expect(carryPlace(5, 'one two', 'one')).toBe(3)
})

test('where nobody else writes, what was typed is the title and the caret stays', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀', '😁', ' '), maxLength: 8 })
  fc.assert(
    fc.property(text, text, fc.nat(16), (before, typed, at) => {
      const place = Math.min(at, typed.length)
      expect(rebaseTitle(before, typed, before, place)).toEqual({ title: typed, place })
      expect(rebaseTitle(before, before, typed, 0).title).toBe(typed)
    }),
  )
})

test('nothing that either wrote is lost, and nothing comes twice', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 6 })
  fc.assert(
    fc.property(letters, fc.nat(6), fc.nat(3), fc.nat(6), fc.nat(3), (before, a, without, b, gone) => {
      const replaced = (at: number, length: number, text: string) => before.slice(0, at) + text + before.slice(at + length)
      const { title, place } = rebaseTitle(before, replaced(a, without, 'XY'), replaced(b, gone, 'UV'), Math.min(a, before.length) + 2)
      expect(title).toContain('XY')
      expect(title).toContain('UV')
      expect(title.length).toBeLessThanOrEqual(before.length + 4)
      expect(title.slice(0, place)).toMatch(/XY$/)
    }),
  )
})
