import { expect, test } from 'vitest'
import { findState, patternProblem } from './find-state.ts'

const problem = (search: string) => patternProblem({ ...findState.get(), search, isRegularExpression: true })

test('what is wrong with a pattern is told without the signs that the engine puts around it', () => {
  expect(problem('(cat')).toBe('Unterminated group')
  expect(problem('a/b: (')).toBe('Unterminated group')
})

test('a pattern that can be read has no problem', () => {
  expect(problem('(cat|dog)s?')).toBeNull()
})
