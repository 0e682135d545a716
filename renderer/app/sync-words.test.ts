import { describe, expect, it } from 'vitest'
import { syncWords } from './sync-words.ts'

const now = new Date(2026, 10, 21, 12).getTime()
const minuteMs = 60_000

describe('syncWords', () => {
  it('says where a document on no relay is', () => {
    expect(syncWords({ state: 'local', saved: true }, now)).toMatchObject({ text: 'Saved on this computer', tone: 'settled' })
    expect(syncWords({ state: 'local', saved: false }, now)).toMatchObject({ text: 'Saving', tone: 'pending' })
  })

  it.each(['disk-full', 'disk-failing', 'read-only'] as const)('does not say that it saves when the disk takes nothing: %s', (disk) => {
    expect(syncWords({ state: 'local', saved: false }, now, disk)).toMatchObject({ text: 'Not saved', tone: 'attention' })
    expect(syncWords({ state: 'local', saved: true }, now, disk)).toMatchObject({ text: 'Saved on this computer' })
  })

  it('counts what is not sent yet', () => {
    const status = { state: 'offline', saved: true, syncedAt: null, problem: null } as const
    expect(syncWords({ ...status, unsent: 1 }, now).text).toBe('1 change not sent yet')
    expect(syncWords({ ...status, unsent: 3 }, now).text).toBe('3 changes not sent yet')
    expect(syncWords({ ...status, unsent: 0 }, now).text).toBe('Saved on this computer')
  })

  it('says when it was last synced', () => {
    const status = { state: 'offline', saved: true, unsent: 0, problem: 'unreachable', syncedAt: now - 5 * minuteMs } as const
    expect(syncWords(status, now).text).toBe('Last synced 5 minutes ago')
  })

  it.each([
    ['refused', 'The relay does not let you in', /invite/],
    ['not-a-relay', 'No relay at this address', /Something else answers/],
  ] as const)('wants attention when the relay answers, but is of no use: %s', (problem, text, detail) => {
    const status = { state: 'offline', saved: true, unsent: 3, syncedAt: now - 5 * minuteMs, problem } as const
    const words = syncWords(status, now)
    expect(words).toMatchObject({ text, tone: 'attention', detail: expect.stringMatching(detail) })
    expect(words.detail).toContain('3 changes not sent yet')
    expect(words.detail).not.toContain('cannot be reached')
  })

  it('says how much there is to send when that takes a moment', () => {
    const status = { state: 'syncing', saved: true, syncedAt: null } as const
    expect(syncWords({ ...status, unsent: 3 }, now).text).toBe('Syncing')
    expect(syncWords({ ...status, unsent: 259_779 }, now).text).toBe('Sending 259,779 changes')
  })

  it('is up to date only when the relay has everything', () => {
    expect(syncWords({ state: 'online', saved: true, unsent: 0, syncedAt: now }, now)).toMatchObject({
      text: 'Up to date',
      tone: 'settled',
    })
    expect(syncWords({ state: 'online', saved: true, unsent: 2, syncedAt: now }, now).text).toBe('2 changes not sent yet')
  })

  it('gives the reason of a refusal', () => {
    const words = syncWords({ state: 'refused', saved: true, unsent: 0, reason: 'You may not read this document.' }, now)
    expect(words).toMatchObject({ text: 'Not accepted by the relay', tone: 'attention' })
    expect(words.detail).toContain('You may not read this document.')
  })
})
