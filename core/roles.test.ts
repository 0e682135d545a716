import { describe, expect, it } from 'vitest'
import { isAtLeast, mayWriteTo, roles, strongest } from './roles.ts'

describe('a role', () => {
  it.each([
    ['text', ['editor', 'owner']],
    ['attachment', ['editor', 'owner']],
    ['margin', ['commenter', 'editor', 'owner']],
  ] as const)('that may write to a %s', (kind, writers) => {
    expect(roles.filter((role) => mayWriteTo(kind, role))).toEqual(writers)
    expect(mayWriteTo(kind, null)).toBe(false)
  })

  it('counts most when it may do most', () => {
    expect(strongest(['viewer', null, 'editor', 'commenter'])).toBe('editor')
    expect(strongest([null])).toBeNull()
    expect(isAtLeast('commenter', 'editor')).toBe(false)
    expect(isAtLeast('owner', 'owner')).toBe(true)
  })
})
