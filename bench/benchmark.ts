import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** What one benchmark found. `value` is the p95 where the budget is one. */
export interface Measurement {
  value: number
  /** The same quantity for each peer or floor, measured in the same run. */
  peers: Record<string, number>
  /** Further lines for the table: medians, curves, bytes. */
  notes?: string[]
  /** Replaces `value <= budget` where the budget is relative to a peer. */
  ok?: boolean
}

/** One row of the table. A benchmark with several names (`relay-hop-10`, `relay-hop-50`) is several of these over one function. */
export interface Benchmark {
  name: string
  unit: 'ms' | 'µs' | 'ratio' | 'bytes' | 'MB'
  /** Largest value that is in budget, in `unit`. */
  budget: number
  /** What is measured, in a few words. */
  what: string
  run(): Promise<Measurement>
}

/** Order statistics of a list of samples. */
export function statistics(samples: readonly number[]) {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (fraction: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
  return { median: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? Number.NaN, count: sorted.length }
}

/** Calls `work` `count` times, after a tenth as many calls to warm up, and gives each call's milliseconds. */
export async function sample(count: number, work: (index: number) => unknown): Promise<number[]> {
  const warmUp = Math.ceil(count / 10)
  const samples: number[] = []
  for (let index = 0; index < warmUp + count; index++) {
    const start = performance.now()
    const result = work(index)
    if (result instanceof Promise) await result
    if (index >= warmUp) samples.push(performance.now() - start)
  }
  return samples
}

/** A sequential keystroke log: patches are applied in order, positions count code points. */
export interface SequentialTrace {
  startContent: string
  endContent: string
  txns: { time: string; patches: [position: number, deleted: number, inserted: string][] }[]
}

/** Reads a log of the folder of real keystroke logs beside the checkout. */
export function readTrace(name: 'automerge-paper' | 'sveltecomponent'): SequentialTrace {
  const url = new URL(`../../shared/traces/${name}.json.gz`, import.meta.url)
  return JSON.parse(gunzipSync(readFileSync(url)).toString('utf8')) as SequentialTrace
}

/** Prose of `length` UTF-16 units in paragraphs of about `paragraph` units, the same at every call. */
export function prose(length: number, paragraph = 400): string[] {
  const words = 'the of a river light and morning she wrote to him about paper nothing stays under another hand until ink is old'.split(' ')
  let state = 1
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state
  }
  const paragraphs: string[] = []
  for (let total = 0; total < length; ) {
    let text = ''
    const wanted = Math.min(paragraph / 2 + (next() % paragraph), length - total)
    while (text.length < wanted) text += `${text === '' ? '' : ' '}${words[next() % words.length]}`
    paragraphs.push(text.slice(0, Math.max(1, wanted)))
    total += paragraphs.at(-1)?.length ?? 0
  }
  return paragraphs
}
