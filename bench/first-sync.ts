/**
 * The first sync of a long history: the keystrokes of a paper, 260,000 changes that are saved in some hundred kilobytes.
 *
 * The figure is what a new client waits for everything, from opening its socket to the last byte, with the bytes that came; the relay as it is installed. Beside
 * it the same bytes through a bare WebSocket, and a stock client's first sync with automerge-repo's own server. The notes follow a document all the way: one
 * writer's engine, the relay's disk, the other writer's engine.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import * as A from '@automerge/automerge/slim'
import { type AutomergeUrl, Repo } from '@automerge/automerge-repo/slim'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { WebSocket, WebSocketServer } from 'ws'
import { type DocumentId, documentUrl, type Heads } from '../core/ids.ts'
import type { TextDocument } from '../core/text/document.ts'
import { createEngine } from '../main/engine/engine.ts'
import { connect } from '../main/engine/testing/open-text.ts'
import { RawClient } from '../test/raw-client.ts'
import { type Benchmark, statistics } from './benchmark.ts'
import { loadPaper } from './history.ts'
import { type Program, startProgram } from './relay/processes.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const document = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const rounds = 5
/** Changes that came after the relay's snapshot. */
const tailLength = 50
const maxRatio = 1.5
/** Between two pings. */
const pauseMs = 3

interface Fetched {
  ms: number
  bytes: number
}

const elapsed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The paper, and some keystrokes after it. */
function paperWithTail() {
  const { bytes } = loadPaper()
  let doc = A.load<TextDocument>(bytes)
  const before = A.getHeads(doc)
  for (let at = 0; at < tailLength; at++) doc = A.change(doc, (draft) => A.splice(draft, ['segments', 0, 'text'], 1, 0, 'a'))
  return { bytes, before: before as unknown as Heads, tail: A.getChangesSince(doc, before), heads: A.getHeads(doc), compacted: A.save(doc) }
}

type Paper = ReturnType<typeof paperWithTail>

/** Gives the relay the document; resolves when it says that it holds it, with the longest that another client's ping took meanwhile. */
async function upload(address: string, { bytes, before, tail }: Paper): Promise<{ ms: number; longestPing: number }> {
  const [writer, other] = await Promise.all([RawClient.join(address), RawClient.join(address, { name: 'other' })])
  let longestPing = 0
  let pingedAt = 0
  const ping = () => {
    pingedAt = performance.now()
    other.socket.ping()
  }
  other.socket.on('pong', () => {
    longestPing = Math.max(longestPing, performance.now() - pingedAt)
    setTimeout(ping, pauseMs)
  })
  ping()
  const ms = await elapsed(async () => {
    writer.sendSync(document, { heads: before, changes: [bytes] })
    await holds(writer, before)
  })
  writer.sendSync(document, { heads: before, changes: tail })
  await writer.nextSync()
  writer.socket.close()
  other.socket.close()
  return { ms, longestPing }
}

async function holds(client: RawClient, heads: Heads): Promise<void> {
  while ((await client.nextSync()).heads.join() !== heads.join());
}

/** A new client's wait for everything, and what came. */
async function fetchAll(address: string, { heads }: Paper): Promise<Fetched & { chunks: Uint8Array[] }> {
  const start = performance.now()
  const client = await RawClient.join(address, { name: 'fresh' })
  const { _socket: stream } = client.socket as unknown as { _socket: Socket }
  client.sendSync(document)
  const chunks: Uint8Array[] = []
  for (let known = ''; known !== heads.join(); ) {
    const message = await client.nextSync()
    chunks.push(...message.changes)
    if (message.changes.length > 0) known = message.heads.join()
  }
  const fetched = { ms: performance.now() - start, bytes: stream.bytesRead, chunks }
  client.socket.close()
  return fetched
}

/** As many bytes through a WebSocket with nothing behind it. */
async function bareTransfer(bytes: number): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.send(new Uint8Array(bytes)))
  const { port } = server.address() as AddressInfo
  const ms = await elapsed(async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
    await once(socket, 'message')
    socket.terminate()
  })
  server.close()
  return ms
}

/** A stock client's wait for the opened document. */
async function fetchStock(address: string, url: AutomergeUrl): Promise<Fetched> {
  const start = performance.now()
  const adapter = new WebSocketClientAdapter(address)
  const repo = new Repo({ network: [adapter] })
  await new Promise((resolve) => repo.networkSubsystem.once('peer', resolve))
  await repo.find(url)
  const ms = performance.now() - start
  const { _socket: stream } = adapter.socket as unknown as { _socket: Socket }
  const fetched = { ms, bytes: stream.bytesRead }
  await repo.shutdown()
  return fetched
}

/** One writer shares the paper, another one opens the link; both engines run in this process. */
async function shareBetweenEngines(dataDir: string, relay: string): Promise<string> {
  const log = { info: () => {}, error: (message: string) => console.error(message) }
  const start = (name: string) => createEngine({ dataDir: join(dataDir, name), version: '0', welcome: false, log })
  const [ada, ben] = await Promise.all([start('ada'), start('ben')])
  const [first, second] = [connect(ada), connect(ben)]
  const delay = monitorEventLoopDelay({ resolution: 1 })
  try {
    for (const client of [first, second]) await client.call('settings.update', { relay })
    const { id } = await first.call('document.create', { folder: null, chunks: [loadPaper().bytes] })
    await first.call('history.timeline', { id })
    delay.enable()
    const shared = await elapsed(() => first.call('share.create', { id }))
    const { link } = await first.call('share.link', { id, role: 'editor' })
    const opened = await elapsed(() => second.call('share.open', { link }))
    const longest = delay.max / 1e6
    const timeline = await elapsed(() => second.call('history.timeline', { id }))
    const held = `no engine’s thread was held up for longer than ${longest.toFixed(0)} ms`
    return `an engine shares it in ${shared.toFixed(0)} ms, another opens the link in ${opened.toFixed(0)} ms, its first timeline takes ${timeline.toFixed(0)} ms; ${held}`
  } finally {
    delay.disable()
    await Promise.all([ada.close(), ben.close()])
  }
}

async function start(programs: Program[], script: string, args: string[]): Promise<string> {
  const program = startProgram(here(script), args, { LOG_LEVEL: 'silent' })
  programs.push(program)
  return program.nextLine()
}

async function repeat<Result>(work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let round = 0; round < rounds; round++) results.push(await work())
  return results
}

const worst = (fetched: readonly Fetched[]) => Math.max(...fetched.map(({ ms }) => ms))
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000).toLocaleString('en')} kB`

async function measure(dataDir: string, programs: Program[]) {
  const paper = paperWithTail()
  const file = join(dataDir, 'paper.automerge')
  writeFileSync(file, paper.compacted)
  const line = await start(programs, '../sync-relay/dist/relay.js', ['--open', '--port', '0', '--data-dir', join(dataDir, 'relay')])
  const relay = line.slice(line.indexOf('ws://'))
  const uploaded = await upload(relay, paper)
  const fetched = await repeat(() => fetchAll(relay, paper))
  const { chunks, bytes } = fetched[0] as (typeof fetched)[number]
  const doc = A.loadIncremental(A.init(), Buffer.concat(chunks))
  if (A.getHeads(doc).join() !== paper.heads.join()) throw new Error('a first sync did not bring everything')
  const bare = await repeat(async () => ({ ms: await bareTransfer(bytes), bytes }))
  const [theirs = '', url = ''] = (await start(programs, './relay/automerge-repo-server.ts', [file])).split(' ')
  const stock = await repeat(() => fetchStock(theirs, url as AutomergeUrl))
  const stockHere = await repeat(() => fetchStock(relay, documentUrl(document) as unknown as AutomergeUrl))
  const engines = await shareBetweenEngines(dataDir, relay)
  const ratio = bytes / paper.compacted.length
  return {
    value: worst(fetched),
    peers: { 'the same bytes through a WebSocket': worst(bare), 'automerge-repo server': worst(stock) },
    notes: [
      `median ${statistics(fetched.map(({ ms }) => ms)).median.toFixed(1)} ms; ${kilobytes(bytes)}, ${ratio.toFixed(2)}× the compacted document of ${kilobytes(paper.compacted.length)}`,
      `automerge-repo server to its client: ${kilobytes(stock[0]?.bytes ?? 0)}; that client at the relay: ${worst(stockHere).toFixed(0)} ms, ${kilobytes(stockHere[0]?.bytes ?? 0)}, opening included`,
      `the relay takes the document in ${uploaded.ms.toFixed(0)} ms, durable; another client’s ping took ${uploaded.longestPing.toFixed(0)} ms at most meanwhile`,
      engines,
    ],
    ok: worst(fetched) <= firstSync.budget && ratio <= maxRatio,
  }
}

export const firstSync: Benchmark = {
  name: 'first-sync-260k',
  unit: 'ms',
  budget: 500,
  what: 'a new client’s first sync of 260,000 changes with the relay, worst of five, in at most 1.5 times the bytes of the saved document',
  async run() {
    const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
    const programs: Program[] = []
    try {
      return await measure(dataDir, programs)
    } finally {
      for (const program of programs) program.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
}
