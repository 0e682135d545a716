import type { PatternTrial } from './pattern-worker.ts'

/** Nobody waits longer for a match. */
const patienceMs = 1_000

export interface Trial {
  /** Whether the pattern was through with the texts in time. Never resolves after `cancel`. */
  readonly isQuick: Promise<boolean>
  cancel(): void
}

/**
 * Tries a pattern in a thread of its own, which can be ended. There are patterns, `(a+)+$` for one, that take longer than anybody lives with a line of forty letters, and
 * nothing else can happen in a window that waits for one.
 */
export function tryPattern(trial: PatternTrial): Trial {
  const worker = new Worker(new URL('./pattern-worker.ts', import.meta.url), { type: 'module' })
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    clearTimeout(timer)
    worker.terminate()
  }
  const isQuick = new Promise<boolean>((resolve) => {
    const settle = (answer: boolean) => {
      end()
      resolve(answer)
    }
    timer = setTimeout(() => settle(false), patienceMs)
    worker.addEventListener('message', () => settle(true))
    // A pattern that cannot be read is told of elsewhere; a thread that cannot be had must not keep anybody from searching.
    worker.addEventListener('error', () => settle(true))
  })
  worker.postMessage(trial)
  return { isQuick, cancel: end }
}
