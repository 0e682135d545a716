/**
 * From one writer's socket to another's through the server, with a crowd in one document: the relay as it is installed (SQLite, full synchronisation)
 * beside Hocuspocus in memory, one after the other. A few writers are measured in this process's child, the others write and receive in a second.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Benchmark, type Measurement, statistics } from './benchmark.ts'
import type { CrowdResult, CrowdTask } from './relay/crowd.ts'
import { cpuSeconds, type Program, residentMb, startProgram } from './relay/processes.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const document = '2akvofn6L1o4RMUEMQi7qzwRjKWZ'

/** Five letters a second each. */
const everyMs = 200
const warmUpMs = 2_000
const measureMs = 8_000
const measuredWriters = 5
const maxBytes = 200

interface Found {
  p95: number
  median: number
  /** Of one core, in percent. */
  cpu: number
  memoryMb: number
  bytes: number
  changes: number
}

async function startServer(server: CrowdTask['server'], dataDir: string): Promise<{ program: Program; address: string }> {
  const program =
    server === 'palimpsest'
      ? startProgram(here('../sync-relay/dist/relay.js'), ['--port', '0', '--data-dir', dataDir], { LOG_LEVEL: 'silent' })
      : startProgram(here('./relay/hocuspocus-server.ts'), [])
  const line = await program.nextLine()
  return { program, address: line.slice(line.indexOf('ws://')) }
}

async function measure(server: CrowdTask['server'], writers: number): Promise<Found> {
  const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  const { program, address } = await startServer(server, dataDir)
  const task: CrowdTask = { server, address, document, count: 0, observers: 0, everyMs, warmUpMs, measureMs }
  const measured = Math.min(writers, measuredWriters)
  const crowds = [
    { ...task, count: measured, observers: measured },
    { ...task, count: writers - measured, observers: 1 },
  ]
    .filter(({ count }) => count > 0)
    .map((each) => startProgram(here('./relay/crowd.ts'), [JSON.stringify(each)]))
  try {
    for (const crowd of crowds) await crowd.nextLine()
    for (const crowd of crowds) crowd.child.stdin?.write('go\n')
    await new Promise((resolve) => setTimeout(resolve, warmUpMs))
    const before = cpuSeconds(program.child)
    await new Promise((resolve) => setTimeout(resolve, measureMs - 500))
    const cpu = ((cpuSeconds(program.child) - before) / ((measureMs - 500) / 1000)) * 100
    const memoryMb = residentMb(program.child)
    const [{ latencies, bytes, changes }] = (await Promise.all(crowds.map(async (crowd) => JSON.parse(await crowd.nextLine())))) as [
      CrowdResult,
    ]
    const { median, p95 } = statistics(latencies)
    return { median, p95, cpu, memoryMb, bytes, changes }
  } finally {
    for (const { stop } of [program, ...crowds]) stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function compare(writers: number, budget: number): Promise<Measurement> {
  const ours = await measure('palimpsest', writers)
  const theirs = await measure('hocuspocus', writers)
  const line = (name: string, { median, cpu, memoryMb, bytes, changes }: Found) =>
    `${name}: median ${median.toFixed(2)} ms, ${cpu.toFixed(1)} % of a core, ${memoryMb.toFixed(0)} MB, ${bytes.toFixed(0)} bytes a change and receiver, ${changes} received`
  return {
    value: ours.p95,
    peers: { hocuspocus: theirs.p95 },
    notes: [line('relay', ours), line('hocuspocus', theirs)],
    ok: ours.p95 <= budget && ours.p95 <= theirs.p95 && ours.bytes <= maxBytes && !(ours.cpu > theirs.cpu),
  }
}

const hop = (writers: number, budget: number): Benchmark => ({
  name: `relay-hop-${writers}`,
  unit: 'ms',
  budget,
  what: `one change from socket to socket, ${writers} writers in one document, p95`,
  run: () => compare(writers, budget),
})

export const relayHop: Benchmark[] = [hop(10, 3), hop(50, 3), hop(100, 5)]
