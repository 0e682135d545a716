/**
 * Two ways from one writer to another, in a crowd that writes in the same document.
 *
 * `relay-hop`: from one writer's socket to another's through the server, with a crowd in one document: the relay as it is installed (SQLite, full synchronisation)
 * open to all and with people, beside Hocuspocus in memory, one after the other. A few writers are measured in one process, the others write and receive in a second.
 *
 * `propagate`: from a keystroke to the other writer's document, through a window's document, the engine with its disk, the relay, and the same again.
 * Two writers are whole and in processes of their own; the rest of the crowd is sockets. Beside it the bare hop of Hocuspocus, with no documents at its ends.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Benchmark, type Measurement, statistics } from './benchmark.ts'
import type { CrowdResult, CrowdTask } from './relay/crowd.ts'
import type { WriterResult, WriterTask } from './relay/writer.ts'
import { cpuSeconds, type Program, residentMb, startProgram } from './relay/processes.ts'
import { startServer } from './relay/servers.ts'

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

async function startCrowd(task: CrowdTask): Promise<Program> {
  const crowd = startProgram(here('./relay/crowd.ts'), [JSON.stringify(task)])
  await crowd.nextLine()
  return crowd
}

async function measure(server: CrowdTask['server'] | 'closed relay', writers: number): Promise<Found> {
  const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  const { program, ...reached } = await startServer(server, dataDir)
  const task = { server: server === 'closed relay' ? 'palimpsest' : server, ...reached, document, everyMs, warmUpMs, measureMs } as const
  const measured = Math.min(writers, measuredWriters)
  const sizes = [measured, writers - measured].filter((count) => count > 0)
  const crowds: Program[] = []
  try {
    for (const [at, count] of sizes.entries()) crowds.push(await startCrowd({ ...task, count, observers: at === 0 ? count : 1 }))
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

/** Milliseconds from each keystroke of one whole writer to the other's document. */
async function propagate(writers: number): Promise<number[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  const { program, address } = await startServer('palimpsest', join(dataDir, 'relay'))
  const programs = [program]
  const startWriter = async (task: Partial<WriterTask>) => {
    const whole = { relay: address, everyMs, durationMs: warmUpMs + measureMs, ...task }
    const writer = startProgram(here('./relay/writer.ts'), [JSON.stringify(whole)])
    programs.push(writer)
    return { writer, line: await writer.nextLine() }
  }
  try {
    const { writer: ada, line: link } = await startWriter({ dataDir: join(dataDir, 'ada') })
    const { writer: ben } = await startWriter({ dataDir: join(dataDir, 'ben'), link })
    const [, id = ''] = /open\/(\w+)/.exec(link) ?? []
    const crowd = { server: 'palimpsest' as const, address, document: id, everyMs, warmUpMs, measureMs, count: writers - 2, observers: 1 }
    if (writers > 2) programs.push(await startCrowd(crowd))
    for (const { child } of programs.slice(1)) child.stdin?.write('go\n')
    const [adas, bens] = (await Promise.all([ada, ben].map(async (each) => JSON.parse(await each.nextLine())))) as [
      WriterResult,
      WriterResult,
    ]
    return [...delays(adas, bens), ...delays(bens, adas)]
  } finally {
    for (const { stop } of programs) stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Of what was sent after warming up and has arrived. */
function delays({ sent }: WriterResult, { received }: WriterResult): number[] {
  const arrived = new Map(received)
  const from = (sent[0]?.[1] ?? 0) + warmUpMs
  return sent.flatMap(([mark, at]) => (at >= from && arrived.has(mark) ? [(arrived.get(mark) ?? 0) - at] : []))
}

async function comparePropagation(writers: number, budget: number): Promise<Measurement> {
  const { median, p95, max, count } = statistics(await propagate(writers))
  const theirs = await measure('hocuspocus', writers)
  const notes = [`median ${median.toFixed(2)} ms, at most ${max.toFixed(1)} ms, of ${count} keystrokes`]
  return { value: p95, peers: { 'hocuspocus hop': theirs.p95 }, notes, ok: p95 <= budget }
}

async function compare(writers: number, budget: number): Promise<Measurement> {
  const ours = await measure('palimpsest', writers)
  const closed = await measure('closed relay', writers)
  const theirs = await measure('hocuspocus', writers)
  const line = (name: string, { median, cpu, memoryMb, bytes, changes }: Found) =>
    `${name}: median ${median.toFixed(2)} ms, ${cpu.toFixed(1)} % of a core, ${memoryMb.toFixed(0)} MB, ${bytes.toFixed(0)} bytes a change and receiver, ${changes} received`
  return {
    value: ours.p95,
    peers: { hocuspocus: theirs.p95 },
    notes: [line('relay', ours), line('relay with people', closed), line('hocuspocus', theirs)],
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

const whole = (writers: number, budget: number): Benchmark => ({
  name: `propagate-${writers}`,
  unit: 'ms',
  budget,
  what: `a keystroke to the other writer's document, through both engines and the relay, ${writers} writers, p95`,
  run: () => comparePropagation(writers, budget),
})

export const propagation: Benchmark[] = [whole(2, 10), whole(10, 20), whole(50, 60)]

export const relayHop: Benchmark[] = [hop(10, 3), hop(50, 3), hop(100, 5)]
