import { describe, expect, it } from 'vitest'
import type { FeedItem } from '../../core/contract/engine.ts'
import { feedWords } from './feed.ts'

const item: FeedItem = {
  kind: 'role',
  at: 0,
  document: '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as FeedItem['document'],
  folder: null,
  title: 'Rain',
  count: 0,
  role: 'viewer',
  from: { key: 'aa'.repeat(32) as never, name: 'Ada', color: 1, picture: null },
  reason: null,
}

const folder = { id: 'f' as never, name: 'Poems' }

describe('what others did, in words', () => {
  it.each([
    [{ kind: 'invited', title: null, role: 'editor' }, 'Ada invites you to edit a document.'],
    [{ role: 'viewer' }, 'You can read “Rain” now, not change it.'],
    [{ role: 'owner' }, 'Ada made you the owner of “Rain”.'],
    [{ role: 'editor', title: '' }, 'You can edit “Untitled” now.'],
    [{ kind: 'invited', document: null, title: null, folder }, 'Ada invites you to read what is in the folder “Poems”.'],
    [{ kind: 'shared', document: null, title: null, folder, count: 2 }, 'Ada put 2 documents into the folder “Poems”.'],
    [{ kind: 'shared', document: null, title: null, folder, count: 0 }, null],
    [{ document: null, title: null, folder, role: 'editor' }, 'You can edit what is in the folder “Poems” now.'],
    [{ kind: 'removed', document: null, title: null, folder, reason: 'It is over.' }, '“Poems”: It is over.'],
    [{ kind: 'comment', role: null }, 'Ada wrote in the margin of “Rain”.'],
    [{ kind: 'mention', role: null, title: '' }, 'Ada mentions you in “Untitled”.'],
    [{ kind: 'mention', role: null, title: null }, null],
    [{ kind: 'removed', role: null, from: null, reason: 'You left.' }, '“Rain”: You left.'],
    [{ kind: 'removed', role: null, from: null, title: null, reason: 'You left.' }, null],
  ] as const)('%j', (change, words) => {
    expect(feedWords({ ...item, ...change })).toBe(words)
  })
})
