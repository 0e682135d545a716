import type Database from 'better-sqlite3'
import { Decoder, Encoder } from 'cbor-x'
import type { ReadableText, SearchHit } from '../../../core/contract/engine.ts'
import type { ChangeHash, DocumentId, Heads } from '../../../core/ids.ts'
import type { Reading } from '../document-jobs.ts'
import type { DocumentNumbers } from './document-numbers.ts'
import { type Query, readQuery } from './search-text.ts'
import { decodeStored } from './stored-value.ts'

/** What the library's list shows of a text. */
export interface TextSummary {
  title: string
  words: number
  excerpt: string
  editedAt: number
  margin: DocumentId | null
  heads: Heads
}

const excerptLength = 240
/** A query that so many documents match is not ranked by its matches in the text. */
const commonMatches = 1500

const encoder = new Encoder({ useRecords: false, tagUint8Array: false })
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })

/** The texts as they were last read, and the search over them. */
export class Readings {
  readonly #numbers: DocumentNumbers
  readonly #write: (id: DocumentId, reading: Reading) => void
  readonly #remove: (number: number) => void
  readonly #summaries: Database.Statement<[], SummaryRow & { id: string }>
  readonly #blocks: Database.Statement<[number], { title: string; heads: string; blocks: Uint8Array }>
  readonly #any: Database.Statement<[string, number], { number: number }>
  readonly #best: Database.Statement<[string, number], { number: number }>
  readonly #newest: Database.Statement<[string, number], { number: number }>
  readonly #texts: Database.Statement<[number], { title: string; body: string }>
  readonly #markStale: Database.Statement<[number]>
  readonly #stale: Database.Statement<[], { id: string }>
  readonly #cache = new Map<DocumentId, TextSummary>()

  constructor(database: Database.Database, numbers: DocumentNumbers) {
    this.#numbers = numbers
    const put = database.prepare('INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    const forgetText = database.prepare('DELETE FROM search WHERE rowid = ?')
    const putText = database.prepare('INSERT INTO search (rowid, title, body) VALUES (?, ?, ?)')
    const forget = database.prepare('DELETE FROM readings WHERE document = ?')
    const notStale = database.prepare('DELETE FROM stale WHERE document = ?')
    this.#write = database.transaction((id: DocumentId, reading: Reading) => {
      const number = this.#numbers.of(id)
      const { title, words, excerpt, editedAt, margin } = summaryOf(reading)
      put.run(number, reading.heads.join(' '), title, words, excerpt, editedAt, margin, encoder.encode(reading.blocks))
      forgetText.run(number)
      putText.run(number, title, reading.text)
      notStale.run(number)
    })
    this.#remove = database.transaction((number: number) => {
      for (const statement of [forget, forgetText, notStale]) statement.run(number)
    })
    const columns = 'title, words, excerpt, edited_at, margin, heads'
    this.#summaries = database.prepare(`SELECT id, ${columns} FROM readings JOIN documents ON document = number`)
    this.#blocks = database.prepare('SELECT title, heads, blocks FROM readings WHERE document = ?')
    this.#any = database.prepare('SELECT rowid AS number FROM search WHERE search MATCH ? LIMIT ?')
    this.#best = database.prepare('SELECT rowid AS number FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?')
    this.#newest = database.prepare('SELECT rowid AS number FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?')
    this.#texts = database.prepare('SELECT title, body FROM search WHERE rowid = ?')
    this.#markStale = database.prepare('INSERT OR IGNORE INTO stale VALUES (?)')
    this.#stale = database.prepare('SELECT id FROM stale JOIN documents ON document = number')
    for (const row of this.#summaries.iterate()) this.#cache.set(row.id as DocumentId, summaryOfRow(row))
  }

  /** Keeps what was read. */
  put(id: DocumentId, reading: Reading): void {
    this.#write(id, reading)
    this.#cache.set(id, summaryOf(reading))
  }

  /** Notes that a document has changed since it was read, so that it is read again even after a crash. */
  markStale(id: DocumentId): void {
    this.#markStale.run(this.#numbers.of(id))
  }

  /** Documents that changed since they were read. */
  stale(): DocumentId[] {
    return this.#stale.all().map((row) => row.id as DocumentId)
  }

  summary(id: DocumentId): TextSummary | null {
    return this.#cache.get(id) ?? null
  }

  /** Blocks as last read, or null where nothing was read yet or it is damaged. */
  text(id: DocumentId): ReadableText | null {
    const number = this.#numbers.find(id)
    const row = number === null ? undefined : this.#blocks.get(number)
    const blocks = row ? decodeStored(decoder, row.blocks) : null
    return row && Array.isArray(blocks)
      ? { title: row.title, blocks: blocks as ReadableText['blocks'], heads: headsOfText(row.heads) }
      : null
  }

  /** Documents that hold every word of `text`, its last one as a beginning; best first. Only those that are `wanted`. */
  search(text: string, limit: number, wanted: (id: DocumentId) => boolean): SearchHit[] {
    const query = readQuery(text)
    if (query === null) return []
    const ids = this.#matches(query, limit * 2).flatMap((number) => this.#numbers.idOf(number) ?? [])
    return ids
      .filter(wanted)
      .slice(0, limit)
      .flatMap((id) => this.#hit(query, id) ?? [])
  }

  /**
   * Ranking costs a look at every match. Words that are in very many documents say little about any of them, so then only matches in titles are ranked, and
   * the newest documents follow.
   */
  #matches({ expression, titleExpression }: Query, limit: number): number[] {
    const isCommon = this.#any.all(expression, commonMatches).length === commonMatches
    if (!isCommon) return this.#best.all(expression, limit).map((row) => row.number)
    const rows = [...this.#best.all(titleExpression, limit), ...this.#newest.all(expression, limit)]
    return [...new Set(rows.map((row) => row.number))].slice(0, limit)
  }

  #hit(query: Query, id: DocumentId): SearchHit | null {
    const row = this.#texts.get(this.#numbers.of(id))
    return row ? { id, title: row.title, titleParts: query.highlight(row.title), snippetParts: query.passage(row.body) } : null
  }

  remove(id: DocumentId): void {
    this.#cache.delete(id)
    const number = this.#numbers.find(id)
    if (number !== null) this.#remove(number)
  }
}

interface SummaryRow {
  title: string
  words: number
  excerpt: string
  edited_at: number
  margin: string | null
  heads: string
}

const summaryOfRow = ({ title, words, excerpt, edited_at, margin, heads }: SummaryRow): TextSummary => ({
  title,
  words,
  excerpt,
  editedAt: edited_at,
  margin: margin as DocumentId | null,
  heads: headsOfText(heads),
})

const summaryOf = ({ title, text, margin, editedAt, heads }: Reading): TextSummary => ({
  title,
  words: countWords(text),
  excerpt: text
    .slice(0, excerptLength * 4)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, excerptLength),
  editedAt,
  margin,
  heads,
})

const headsOfText = (text: string): Heads => text.split(' ').filter((hash) => hash !== '') as ChangeHash[]

const wordPattern = /[\p{L}\p{N}]+(?:['’.-][\p{L}\p{N}]+)*/gu

/** Words as a reader counts them: *don't* and *well-kept* are one each. */
function countWords(text: string): number {
  let count = 0
  for (const _ of text.matchAll(wordPattern)) count += 1
  return count
}
