/**
 * Some of the writers at a server, in a process of their own. Takes its task as JSON from the command line, prints `ready` when all have joined, starts
 * at a line on its input, and prints what it found as JSON. With observers it measures from a writer's socket to an observer's.
 */
import { once } from 'node:events'
import { hocuspocusWriters } from './hocuspocus-writers.ts'
import { palimpsestWriters } from './palimpsest-writers.ts'

export interface CrowdTask {
  server: 'palimpsest' | 'hocuspocus'
  address: string
  document: string
  /** See `WritersOptions`. */
  author?: string
  count: number
  observers: number
  /** Between two letters of one writer. */
  everyMs: number
  warmUpMs: number
  measureMs: number
}

export interface CrowdResult {
  /** Milliseconds, one for each letter and observer. */
  latencies: number[]
  /** Per change and receiver. */
  bytes: number
  changes: number
}

const task = JSON.parse(process.argv[2] ?? '') as CrowdTask

const sentAt = new Map<string, number>()
const open = task.server === 'palimpsest' ? palimpsestWriters : hocuspocusWriters
const writers = await open(task)

console.log('ready')
await once(process.stdin, 'data')
// Spread evenly, so that no two writers press a key in the same moment because of us.
Array.from({ length: task.count }, (_, index) =>
  setTimeout(() => setInterval(type, task.everyMs, index), (index * task.everyMs) / task.count + Math.random() * 10),
)
setTimeout(() => writers.takeReceived(), task.warmUpMs)
setTimeout(() => {
  const { bytes, changes } = writers.takeReceived()
  const latencies = changes.flatMap(({ mark, at }) => (sentAt.has(mark) ? [at - (sentAt.get(mark) ?? 0)] : []))
  const result: CrowdResult = { latencies, bytes: bytes / changes.length, changes: changes.length }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}, task.warmUpMs + task.measureMs)

function type(index: number): void {
  const { mark, at } = writers.write(index)
  sentAt.set(mark, at)
}
