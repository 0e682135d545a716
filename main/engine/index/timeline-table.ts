import type Database from 'better-sqlite3'
import { Decoder, Encoder } from 'cbor-x'
import type { Sitting } from '../../../core/contract/engine.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { DocumentNumbers } from './document-numbers.ts'
import { decodeStored } from './stored-value.ts'

const encoder = new Encoder({ useRecords: true })
const decoder = new Decoder({ useRecords: true, mapsAsObjects: true })
/** Pieces of counts beyond which they are joined. */
const maxPieces = 32

/** Timelines, and what was counted for them. */
export class TimelineTable {
  readonly #numbers: DocumentNumbers
  readonly #sittings: Database.Statement<[number], { sittings: Uint8Array }>
  readonly #pieces: Database.Statement<[number], { first_row: number; counts: Uint8Array }>
  readonly #isStale: Database.Statement<[number], unknown>
  readonly #markStale: Database.Statement<[number]>
  readonly #write: (number: number, sittings: readonly Sitting[], firstRow: number, counts: Uint32Array) => void
  readonly #remove: (number: number) => void

  constructor(database: Database.Database, numbers: DocumentNumbers) {
    this.#numbers = numbers
    this.#sittings = database.prepare('SELECT sittings FROM timelines WHERE document = ?')
    this.#pieces = database.prepare('SELECT first_row, counts FROM edits WHERE document = ? ORDER BY first_row')
    this.#isStale = database.prepare('SELECT 1 FROM stale_timelines WHERE document = ?')
    this.#markStale = database.prepare('INSERT OR IGNORE INTO stale_timelines VALUES (?)')
    const put = database.prepare('INSERT OR REPLACE INTO timelines VALUES (?, ?)')
    const putCounts = database.prepare('INSERT OR REPLACE INTO edits VALUES (?, ?, ?)')
    const removeCounts = database.prepare('DELETE FROM edits WHERE document = ? AND first_row >= ?')
    const fresh = database.prepare('DELETE FROM stale_timelines WHERE document = ?')
    this.#write = database.transaction((number: number, sittings: readonly Sitting[], firstRow: number, counts: Uint32Array) => {
      put.run(number, encoder.encode(sittings))
      removeCounts.run(number, firstRow)
      if (counts.length > 0) putCounts.run(number, firstRow, bytesOf(counts))
      fresh.run(number)
    })
    const remove = database.prepare('DELETE FROM timelines WHERE document = ?')
    this.#remove = database.transaction((number: number) => {
      remove.run(number)
      removeCounts.run(number, 0)
      fresh.run(number)
    })
  }

  /** The sittings as last written, or null. */
  sittings(id: DocumentId): Sitting[] | null {
    const number = this.#numbers.find(id)
    const row = number === null ? undefined : this.#sittings.get(number)
    const sittings = row ? decodeStored(decoder, row.sittings) : null
    return Array.isArray(sittings) ? (sittings as Sitting[]) : null
  }

  /** Whether the document changed since its sittings were written. */
  isStale(id: DocumentId): boolean {
    const number = this.#numbers.find(id)
    return number !== null && this.#isStale.get(number) !== undefined
  }

  markStale(id: DocumentId): void {
    this.#markStale.run(this.#numbers.of(id))
  }

  /**
   * What was counted, from row 0 on as far as there is no gap, and whether it is in too many pieces. There is a gap after the graph was written anew,
   * which voids what was counted before.
   */
  counts(id: DocumentId): { counts: Uint32Array; isScattered: boolean } {
    const number = this.#numbers.find(id)
    const pieces = number === null ? [] : this.#pieces.all(number)
    return { counts: joined(pieces), isScattered: pieces.length > maxPieces }
  }

  /** Writes sittings, and counts in the place of those from `firstRow` on. */
  write(id: DocumentId, sittings: readonly Sitting[], firstRow: number, counts: Uint32Array): void {
    this.#write(this.#numbers.of(id), sittings, firstRow, counts)
  }

  remove(id: DocumentId): void {
    const number = this.#numbers.find(id)
    if (number !== null) this.#remove(number)
  }
}

const bytesOf = (counts: Uint32Array) => new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength)
/** Copied, because what SQLite gives may begin at any byte. */
const countsOf = (bytes: Uint8Array) => new Uint32Array(Uint8Array.from(bytes).buffer)

function joined(pieces: readonly { first_row: number; counts: Uint8Array }[]): Uint32Array {
  const whole: Uint32Array[] = []
  let length = 0
  for (const piece of pieces) {
    if (piece.first_row * 2 !== length) break
    const counts = countsOf(piece.counts)
    whole.push(counts)
    length += counts.length
  }
  const all = new Uint32Array(length)
  let at = 0
  for (const counts of whole) {
    all.set(counts, at)
    at += counts.length
  }
  return all
}
