import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import type { DocumentId } from '../core/ids.ts'
import type { ChangeStore, Snapshot, StoredDocument } from './change-store.ts'

const schema = `
  create table if not exists facts (name text primary key, value text not null) strict, without rowid;
  create table if not exists documents (number integer primary key, id text not null unique) strict;
  create table if not exists changes (
    document integer not null references documents (number),
    row integer not null,
    bytes blob not null,
    primary key (document, row)
  ) strict, without rowid;
  create table if not exists snapshots (
    document integer primary key references documents (number),
    rows integer not null,
    chunk blob not null,
    headers blob not null
  ) strict;
`

/** Raised with each change of the tables; a relay refuses a file that a newer one wrote. */
const schemaVersion = 1

interface Write {
  document: DocumentId
  firstRow: number
  changes: readonly Uint8Array[]
  snapshot: Snapshot | null
}

/** What becomes durable together. */
interface Batch {
  writes: Write[]
  done: Promise<void>
  resolve: () => void
}

export interface SqliteStoreOptions {
  file: string
  /** How long changes are collected before they are written together. */
  groupMs?: number
  /** Pause after a failed write, before it is tried again. */
  retryMs?: number
  /** A write failed, or succeeded after it had failed. */
  onHealth?: (error: Error | null) => void
  /** Largest size of the file, in SQLite's pages of four kilobytes. */
  maxPages?: number
}

/**
 * The store in one SQLite file: write-ahead log, flushed to the disk at every commit. A write that fails (a full disk) stays in memory and is tried
 * again; nothing in it is reported as durable meanwhile.
 */
export class SqliteStore implements ChangeStore {
  readonly storageId: string
  readonly #db: Database.Database
  readonly #options: Required<SqliteStoreOptions>
  readonly #statements
  #batch: Batch = newBatch()
  #timer: NodeJS.Timeout | null = null
  #healthy = true

  constructor(options: SqliteStoreOptions) {
    this.#options = { groupMs: 8, retryMs: 1_000, onHealth: () => undefined, maxPages: 2 ** 32 - 2, ...options }
    this.#db = new Database(options.file, { timeout: 200 })
    // No second process may write: each keeps its own graphs.
    this.#db.pragma('locking_mode = EXCLUSIVE')
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('synchronous = FULL')
    const version = this.#db.pragma('user_version', { simple: true }) as number
    if (version > schemaVersion) throw new Error(`${options.file} was written by a newer relay (tables of version ${version})`)
    this.#db.exec(schema)
    this.setMaxPages(this.#options.maxPages)
    this.#db.pragma(`user_version = ${schemaVersion}`)
    this.#statements = prepare(this.#db)
    this.#statements.addFact.run('storageId', randomUUID())
    this.storageId = this.#statements.fact.get('storageId')?.value as string
  }

  get durable(): Promise<void> {
    return this.#batch.writes.length === 0 ? done : this.#batch.done
  }

  get healthy(): boolean {
    return this.#healthy
  }

  /** Writes that would make the file larger fail as on a full disk. */
  setMaxPages(pages: number): void {
    this.#db.pragma(`max_page_count = ${pages}`)
  }

  load(document: DocumentId): StoredDocument {
    this.#commitNow()
    const snapshot = this.#statements.snapshotHeaders.get(document)
    return { snapshot: snapshot ?? null, tail: this.#statements.tail.all(document).map(({ bytes }) => bytes) }
  }

  append(document: DocumentId, firstRow: number, changes: readonly Uint8Array[]): void {
    this.#write({ document, firstRow, changes, snapshot: null })
  }

  putSnapshot(document: DocumentId, snapshot: Snapshot): void {
    this.#write({ document, firstRow: 0, changes: [], snapshot })
  }

  changes(document: DocumentId, rows: readonly number[]): (Uint8Array | null)[] {
    this.#commitNow()
    return rows.map((row) => this.#statements.change.get(document, row)?.bytes ?? null)
  }

  snapshot(document: DocumentId): Omit<Snapshot, 'headers'> | null {
    this.#commitNow()
    return this.#statements.snapshotChunk.get(document) ?? null
  }

  async close(): Promise<void> {
    this.#commitNow()
    await this.durable
    this.#db.close()
  }

  #write(write: Write): void {
    this.#batch.writes.push(write)
    this.#timer ??= setTimeout(() => this.#commitNow(), this.#options.groupMs)
  }

  #commitNow(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const batch = this.#batch
    if (batch.writes.length === 0) return
    try {
      this.#db.transaction((writes: Write[]) => writes.forEach((write) => this.#apply(write)))(batch.writes)
    } catch (error) {
      this.#setHealth(error as Error)
      this.#timer = setTimeout(() => this.#commitNow(), this.#options.retryMs)
      return
    }
    this.#batch = newBatch()
    this.#setHealth(null)
    batch.resolve()
  }

  #apply({ document, firstRow, changes, snapshot }: Write): void {
    const number = this.#numberOf(document)
    changes.forEach((bytes, at) => this.#statements.addChange.run(number, firstRow + at, bytes))
    if (!snapshot) return
    this.#statements.putSnapshot.run(number, snapshot.rows, snapshot.chunk, snapshot.headers)
    this.#statements.dropChanges.run(number, snapshot.rows)
  }

  #numberOf(document: DocumentId): number {
    const row = this.#statements.document.get(document) ?? this.#statements.addDocument.get(document)
    if (!row) throw new Error(`no number for document ${document}`)
    return row.number
  }

  #setHealth(error: Error | null): void {
    const healthy = error === null
    if (healthy !== this.#healthy) this.#options.onHealth(error)
    this.#healthy = healthy
  }
}

const done = Promise.resolve()

function newBatch(): Batch {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { writes: [], done: promise, resolve }
}

function prepare(db: Database.Database) {
  const numberOf = '(select number from documents where id = ?)'
  return {
    fact: db.prepare<[string], { value: string }>('select value from facts where name = ?'),
    addFact: db.prepare<[string, string]>('insert or ignore into facts values (?, ?)'),
    document: db.prepare<[string], { number: number }>('select number from documents where id = ?'),
    addDocument: db.prepare<[string], { number: number }>('insert into documents (id) values (?) returning number'),
    addChange: db.prepare<[number, number, Uint8Array]>('insert into changes values (?, ?, ?)'),
    dropChanges: db.prepare<[number, number]>('delete from changes where document = ? and row < ?'),
    putSnapshot: db.prepare<[number, number, Uint8Array, Uint8Array]>('insert or replace into snapshots values (?, ?, ?, ?)'),
    change: db.prepare<[string, number], { bytes: Buffer }>(`select bytes from changes where document = ${numberOf} and row = ?`),
    tail: db.prepare<[string], { bytes: Buffer }>(`select bytes from changes where document = ${numberOf} order by row`),
    snapshotHeaders: db.prepare<[string], { rows: number; headers: Buffer }>(
      `select rows, headers from snapshots where document = ${numberOf}`,
    ),
    snapshotChunk: db.prepare<[string], { rows: number; chunk: Buffer }>(`select rows, chunk from snapshots where document = ${numberOf}`),
  }
}
