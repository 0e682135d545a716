import { describe, expect, it } from 'vitest'
import { RateLimiter } from './rate-limit.ts'

/** A clock, and how many of many calls from one place are let in, so many milliseconds apart. */
function limited() {
  let now = 0
  const limiter = new RateLimiter({ burst: 10, perSecond: 2 }, () => now)
  const call = (place: string, count: number, everyMs: number) => {
    let entered = 0
    for (let number = 0; number < count; number++) {
      if (limiter.mayCall(place)) entered++
      now += everyMs
    }
    return entered
  }
  return { limiter, call, wait: (ms: number) => void (now += ms) }
}

describe('calls from one place [R29]', () => {
  it('come in a burst, and then so many a second', () => {
    const { call } = limited()
    expect(call('here', 100, 0)).toBe(10)
    expect(call('there', 1, 0)).toBe(1)
    expect(call('here', 100, 100)).toBeGreaterThan(18)
    expect(call('here', 100, 100)).toBeLessThan(22)
  })

  it('are let in as often when many try again all the time', () => {
    const { call } = limited()
    call('here', 100, 0)
    expect(call('here', 10_000, 1)).toBeGreaterThan(18)
  })

  it('go on where they could begin, however many others want to', () => {
    const { limiter, call, wait } = limited()
    call('here', 9, 0)
    expect(limiter.mayBegin('here')).toBe(false)
    wait(600)
    expect(limiter.mayBegin('here')).toBe(true)
    expect(call('here', 10, 0)).toBe(0)
    expect(limiter.mayGoOn('here')).toBe(true)
    expect(limiter.mayGoOn('here')).toBe(false)
  })
})
