import { vi } from 'vitest'

/** Resolves when `check` no longer throws. It looks again for as long as a test may take: how soon something comes true depends on how busy the machine is. */
export const eventually = <Result>(check: () => Result | Promise<Result>): Promise<Result> =>
  vi.waitFor(check, { timeout: 18_000, interval: 20 })
