import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineConnection } from '../core/contract/rpc.ts'
import type { DocumentId } from '../core/ids.ts'
import { createEngine, type Engine } from '../main/engine/engine.ts'
import { newDocumentId } from '../main/engine/identity.ts'
import { NoticeBoard } from '../main/engine/notices.ts'
import { openParts } from '../main/engine/open-parts.ts'
import { connect, OpenText } from '../main/engine/testing/open-text.ts'
import { type Benchmark, sample, statistics } from './benchmark.ts'
import { loadPaper } from './history.ts'

/** What the engine answers from its index: search over a large library, and the timeline of a long history, asked over a port as a renderer does. */

const log = { info: () => {}, error: (message: string) => console.error(message) }
const start = (dataDir: string) => createEngine({ dataDir, version: '0.0.0', welcome: false, log })

async function inFolder<Result>(use: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  try {
    return await use(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function withEngine<Result>(dataDir: string, use: (client: EngineConnection, engine: Engine) => Promise<Result>): Promise<Result> {
  const engine = await start(dataDir)
  try {
    return await use(connect(engine), engine)
  } finally {
    await engine.close()
  }
}

// ---------------------------------------------------------------- search

const documents = 10_000
const wordsInDocument = 300
const vocabulary = 30_000

/** A word by its rank: made of syllables, so that prefixes are shared as in a language. */
function word(rank: number): string {
  const syllables = ['ka', 're', 'lon', 'mi', 'tas', 've', 'dor', 'nu', 'pel', 'i', 'sha', 'gro', 'un', 'be', 'lit', 'ar']
  let text = ''
  for (let rest = rank + 16; rest > 0; rest = Math.floor(rest / syllables.length)) text += syllables[rest % syllables.length]
  return text
}

/** Ranks as words occur in prose: the second half as often as the first, the third a third as often. */
function zipf(random: () => number): number {
  return Math.floor(vocabulary ** random()) - 1
}

function seeded(): () => number {
  let state = 7
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** Fills the index as the engine does when it reads documents, and tells the library of them. */
async function fillLibrary(dataDir: string): Promise<string[]> {
  const random = seeded()
  const { parts, opened } = await openParts({ dataDir, version: '0.0.0', log, notices: new NoticeBoard(dataDir), isWritable: true })
  const made = Array.from({ length: documents }, (_, number) => {
    const words = Array.from({ length: wordsInDocument }, () => word(zipf(random)))
    return { id: newDocumentId(), createdAt: number, title: words.slice(0, 4).join(' '), text: words.join(' ') }
  })
  for (const { id, title, text } of made) parts.readings.put(id, { heads: [], editedAt: 0, title, margin: null, blocks: [], text })
  await parts.library.addDocuments(made.map(({ id, createdAt }) => [id, { createdAt }]))
  await parts.documents.flush()
  await parts.documents.work.close()
  opened.close()
  return made.map(({ text }) => text)
}

/** What a person types into the search field, letter by letter: one word, and two. */
function typedQueries(): string[] {
  const random = seeded()
  return Array.from({ length: 40 }, () => {
    const one = word(zipf(random))
    const two = `${one} ${word(zipf(random))}`
    return [...prefixes(one), ...prefixes(two).slice(one.length)]
  }).flat()
}

const prefixes = (text: string) => Array.from({ length: text.length }, (_, index) => text.slice(0, index + 1))

const search: Benchmark = {
  name: 'search-10k',
  unit: 'ms',
  budget: 20,
  what: 'search as you type over 10,000 documents of 300 words, every letter a query, p95 of the engine’s answer',
  run: () =>
    inFolder(async (dataDir) => {
      const texts = await fillLibrary(dataDir)
      const queries = typedQueries()
      return withEngine(dataDir, async (client) => {
        const ask = (index: number) => client.call('search.query', { text: queries[index % queries.length] as string, limit: 30 })
        const searched = statistics(await sample(queries.length, ask))
        const scanned = statistics(await sample(20, (index) => texts.filter((text) => text.includes(queries[index] as string)).length))
        const listed = statistics(await sample(5, () => client.call('library.read', {})))
        return {
          value: searched.p95,
          peers: { 'scan of all texts in memory': scanned.p95 },
          notes: [
            `median ${searched.median.toFixed(1)} ms, worst ${searched.max.toFixed(1)} ms, of ${queries.length} queries`,
            `the whole library is listed in ${listed.median.toFixed(0)} ms`,
          ],
        }
      })
    }),
}

// ---------------------------------------------------------------- timeline

const timeline: Benchmark = {
  name: 'timeline-260k',
  unit: 'ms',
  budget: 100,
  what: 'the timeline of a document with 260,000 changes, from an engine that was just started, p95',
  run: () =>
    inFolder(async (dataDir) => {
      const { bytes } = loadPaper()
      const { id, first } = await withEngine(dataDir, async (client) => {
        const created = await client.call('document.create', { folder: null, chunks: [bytes] })
        const begun = performance.now()
        await client.call('history.timeline', { id: created.id })
        return { id: created.id, first: performance.now() - begun }
      })
      const asked: number[] = []
      for (let round = 0; round < 5; round++) {
        await withEngine(dataDir, async (client) => asked.push(...(await sample(1, () => client.call('history.timeline', { id })))))
      }
      const written = await withEngine(dataDir, (client) => afterWriting(client, id))
      const { p95, median } = statistics(asked)
      return {
        value: p95,
        peers: {},
        notes: [`median ${median.toFixed(1)} ms; made for the first time in ${first.toFixed(0)} ms, in a worker thread`, written],
      }
    }),
}

/** What a timeline costs while somebody writes. */
async function afterWriting(client: EngineConnection, id: DocumentId): Promise<string> {
  const text = await OpenText.open(client, id)
  const asked: number[] = []
  for (let letter = 0; letter < 10; letter++) {
    await text.type('a')
    const begun = performance.now()
    await client.call('history.timeline', { id })
    asked.push(performance.now() - begun)
  }
  return `asked for just after a keystroke: median ${statistics(asked).median.toFixed(1)} ms, worst ${statistics(asked).max.toFixed(0)} ms`
}

export const engineBenchmarks = [search, timeline]
