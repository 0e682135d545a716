import { describe, expect, it } from 'vitest'
import type { Sitting } from '../../core/contract/engine.ts'
import { amountWords, daysOf, stretchesOf } from './sittings.ts'

const now = new Date(2026, 10, 21, 12).getTime()
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime()

const sitting = (index: number, startedAt: number, more: Partial<Sitting> = {}): Sitting => ({
  index,
  author: null,
  startedAt,
  endedAt: startedAt,
  changes: 1,
  inserted: 0,
  deleted: 0,
  heads: [],
  ...more,
})

const drawn = (timeline: Sitting[]) => daysOf(timeline, now).map(({ name, sittings }) => [name, ...sittings.map(({ index }) => index)])

describe('daysOf', () => {
  it('groups by day, newest first', () => {
    expect(drawn([sitting(0, at(20, 9)), sitting(1, at(20, 23)), sitting(2, at(21, 1))])).toEqual([
      ['Today', 2],
      ['Yesterday', 1, 0],
    ])
  })

  it('keeps the order of the graph when a clock was wrong', () => {
    expect(drawn([sitting(0, at(21, 9)), sitting(1, at(20, 9)), sitting(2, at(21, 10))])).toEqual([
      ['Today', 2],
      ['Yesterday', 1],
      ['Today', 0],
    ])
  })
})

describe('stretchesOf', () => {
  const minuteMs = 60_000
  const timed = (index: number, startMinute: number, endMinute: number) =>
    sitting(index, now + startMinute * minuteMs, { endedAt: now + endMinute * minuteMs })
  const stretches = (...newestFirst: Sitting[]) =>
    stretchesOf(newestFirst).map(({ sittings, startedAt, endedAt }) => [
      sittings.map(({ index }) => index),
      (startedAt - now) / minuteMs,
      (endedAt - now) / minuteMs,
    ])

  it('joins the turns of people who write at once', () => {
    expect(stretches(timed(3, 40, 41), timed(2, 6, 9), timed(1, 2, 7), timed(0, 0, 5))).toEqual([
      [[3], 40, 41],
      [[2, 1, 0], 0, 9],
    ])
  })

  it('begins another one where a clock was wrong', () => {
    expect(stretches(timed(1, 0, 1), timed(0, 30, 31))).toEqual([
      [[1], 0, 1],
      [[0], 30, 31],
    ])
  })
})

describe('amountWords', () => {
  it('says what was added and removed', () => {
    expect(amountWords(sitting(0, now, { inserted: 1 }))).toBe('1 character added')
    expect(amountWords(sitting(0, now, { deleted: 1200 }))).toMatch(/^1.200 characters removed$/)
    expect(amountWords(sitting(0, now, { inserted: 5, deleted: 2 }))).toBe('5 added, 2 removed')
    expect(amountWords(sitting(0, now))).toBe('No change to the text')
  })
})
