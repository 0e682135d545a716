/** What a server costs: one change through one core, a connection that does nothing, and a start with many documents. Each beside the peers, one after the other. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as A from '@automerge/automerge/slim'
import { newDocumentId } from '../main/engine/identity.ts'
import { openFile, prepareFile, storingIn } from '../sync-relay/sqlite-file.ts'
import { type Benchmark, type Measurement, statistics } from './benchmark.ts'
import type { FloodTask } from './relay/flood.ts'
import { cpuSeconds, type Program, residentMb, startProgram } from './relay/processes.ts'
import { type Server, startServer } from './relay/servers.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const peers = ['hocuspocus', 'automerge-repo'] as const

async function inFolder<Result>(work: (dataDir: string, programs: Program[]) => Promise<Result>): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  const programs: Program[] = []
  try {
    return await work(dataDir, programs)
  } finally {
    for (const program of programs) program.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function start(name: FloodTask['server'], dataDir: string, programs: Program[]): Promise<Server> {
  const server = await startServer(name, dataDir)
  programs.push(server.program)
  return server
}

/** Microseconds of processor time that a server needs for one change, from its writer to its reader. */
const costOfChange = (name: FloodTask['server'], documents: number, changes: number) =>
  inFolder(async (dataDir, programs) => {
    const { program, address } = await start(name, dataDir, programs)
    const flood = startProgram(here('./relay/flood.ts'), [
      JSON.stringify({ server: name, address, documents, changes } satisfies FloodTask),
    ])
    programs.push(flood)
    await flood.nextLine()
    const before = cpuSeconds(program.child)
    flood.child.stdin?.write('go\n')
    await flood.nextLine()
    return ((cpuSeconds(program.child) - before) * 1e6) / (documents * changes)
  })

const aSecond = (cost: number) => `${Math.round(1e6 / cost).toLocaleString('en')} changes a second through one core`

async function compareCosts(documents: number, changes: number, stockChanges: number): Promise<Measurement> {
  const value = await costOfChange('palimpsest', documents, changes)
  const [hocuspocus, stock] = [
    await costOfChange('hocuspocus', documents, changes),
    await costOfChange('automerge-repo', documents, stockChanges),
  ]
  const notes = [`relay: ${aSecond(value)}, hocuspocus: ${aSecond(hocuspocus)}, automerge-repo: ${aSecond(stock)}`]
  return { value, peers: { hocuspocus, 'automerge-repo': stock }, notes, ok: value <= Math.min(hocuspocus, stock) }
}

const idleConnections = 1_000
/** For what joining leaves behind to be thrown away, as far as it is. */
const settleMs = 3_000

/** Megabytes above the empty server. */
const memoryOfIdlers = (name: FloodTask['server']) =>
  inFolder(async (dataDir, programs) => {
    const { program, address } = await start(name, dataDir, programs)
    await wait(settleMs)
    const empty = residentMb(program.child)
    const idlers = startProgram(here('./relay/idle.ts'), [name, address, `${idleConnections}`])
    programs.push(idlers)
    await idlers.nextLine()
    await wait(settleMs)
    return { empty, added: residentMb(program.child) - empty }
  })

async function compareMemory(budget: number): Promise<Measurement> {
  const ours = await memoryOfIdlers('palimpsest')
  const theirs: Record<string, number> = {}
  const notes = [`relay: ${ours.empty.toFixed(0)} MB when empty`]
  for (const name of peers) {
    const { empty, added } = await memoryOfIdlers(name)
    theirs[name] = added
    notes.push(`${name}: ${empty.toFixed(0)} MB when empty`)
  }
  return { value: ours.added, peers: theirs, notes, ok: ours.added <= budget }
}

const storedDocuments = 10_000
const changesInEach = 20
const starts = 3

/** A relay's file with many documents that were written in a little each. */
function fill(dataDir: string): void {
  let doc = A.from<{ text: string }>({ text: '' })
  for (let at = 1; at < changesInEach; at++) doc = A.change(doc, (draft) => A.splice(draft, ['text'], 0, 0, 'a'))
  const changes = A.getAllChanges(doc)
  const file = join(dataDir, 'relay.sqlite')
  const db = openFile(file)
  prepareFile(db, file)
  storingIn(db)(
    Array.from({ length: storedDocuments }, () => ({ document: newDocumentId(), firstRow: 0, changes, carried: [], snapshot: null })),
  )
  db.close()
}

const timeStarts = () =>
  inFolder(async (dataDir, programs) => {
    fill(dataDir)
    const times: number[] = []
    for (let round = 0; round < starts; round++) {
      const begin = performance.now()
      const server = await start('palimpsest', dataDir, programs)
      times.push(performance.now() - begin)
      server.program.stop()
    }
    const { median, max } = statistics(times)
    return { value: max, peers: {}, notes: [`median ${median.toFixed(0)} ms`] }
  })

export const relayLoad: Benchmark[] = [
  {
    name: 'relay-rate-1',
    unit: 'µs',
    budget: 200,
    what: 'processor time of a server for one change, one document, less than both peers',
    run: () => compareCosts(1, 20_000, 2_000),
  },
  {
    name: 'relay-rate-1000',
    unit: 'µs',
    budget: 200,
    what: 'processor time of a server for one change, 1,000 documents, less than both peers',
    run: () => compareCosts(1_000, 20, 2),
  },
  {
    name: 'relay-idle-1000',
    unit: 'MB',
    budget: 60,
    what: '1,000 idle connections on 1,000 documents, memory above the empty relay',
    run: () => compareMemory(60),
  },
  {
    name: 'relay-start-10k',
    unit: 'ms',
    budget: 1_000,
    what: 'start of a relay that has 10,000 documents, worst of three',
    run: timeStarts,
  },
]
