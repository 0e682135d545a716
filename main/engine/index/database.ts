/**
 * The library index: one SQLite file with all that can be read out of the documents and would take too long to read each time. It is a cache.
 * It may be deleted at any time; one that is damaged or of another version is deleted here, and everything comes back from the documents.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** To be raised with every change to the tables. */
const version = 2

const tables = `
  CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;

  -- The change graph, as ChangeGraph packs it, and the chunk files whose changes are all in it.
  CREATE TABLE graphs (document INTEGER, first_row INTEGER, pack BLOB NOT NULL, PRIMARY KEY (document, first_row)) STRICT, WITHOUT ROWID;
  CREATE TABLE chunks (document INTEGER, name TEXT, PRIMARY KEY (document, name)) STRICT, WITHOUT ROWID;

  -- What the text says, as last read, and the version that was read.
  CREATE TABLE readings (
    document INTEGER PRIMARY KEY, heads TEXT NOT NULL, title TEXT NOT NULL, words INTEGER NOT NULL, excerpt TEXT NOT NULL,
    edited_at INTEGER NOT NULL, margin TEXT, blocks BLOB NOT NULL
  ) STRICT;
  -- Documents that changed since they were read.
  CREATE TABLE stale (document INTEGER PRIMARY KEY) STRICT;
  CREATE VIRTUAL TABLE search USING fts5(title, body, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
  -- A match in the title counts for eight in the text.
  INSERT INTO search (search, rank) VALUES ('rank', 'bm25(8.0, 1.0)');

  -- History: how much each change inserted and deleted, by row of the graph, the sittings, and where those are not up to date.
  CREATE TABLE edits (document INTEGER, first_row INTEGER, counts BLOB NOT NULL, PRIMARY KEY (document, first_row)) STRICT, WITHOUT ROWID;
  CREATE TABLE timelines (document INTEGER PRIMARY KEY, sittings BLOB NOT NULL) STRICT;
  CREATE TABLE stale_timelines (document INTEGER PRIMARY KEY) STRICT;

  -- What each relay is known to hold of a document. Without it the next sync asks again.
  CREATE TABLE sync_states (document TEXT, relay TEXT, state BLOB NOT NULL, PRIMARY KEY (document, relay)) STRICT, WITHOUT ROWID;
  -- How other people are called. Without it their relays are asked again.
  CREATE TABLE people (key TEXT PRIMARY KEY, name TEXT NOT NULL, color INTEGER, picture TEXT) STRICT, WITHOUT ROWID;
`

export interface OpenedIndex<Tables> {
  database: Database.Database
  tables: Tables
  /** Whether it is empty because there was none that could be used. */
  isNew: boolean
  close(): void
}

export interface IndexOptions<Tables> {
  /** Prepares the statements, and reads what is kept in memory. A file with which that fails is replaced by an empty one. */
  openTables(database: Database.Database): Tables
  /** False where no file can be written: then the index is kept in memory. */
  isWritable?: boolean
  /** Told once when a query meets a damaged page. The file is made anew at the next start. */
  onDamage?: (error: Error) => void
}

/** Opens the index, with an empty file in the place of one that cannot be used. */
export function openIndexDatabase<Tables>(dataDir: string, options: IndexOptions<Tables>): OpenedIndex<Tables> {
  const index = new IndexFile(join(dataDir, 'index.sqlite'), options)
  return options.isWritable === false ? index.openInMemory() : index.open()
}

class IndexFile<Tables> {
  readonly #path: string
  readonly #options: IndexOptions<Tables>

  constructor(path: string, options: IndexOptions<Tables>) {
    this.#path = path
    this.#options = options
  }

  open(): OpenedIndex<Tables> {
    if (existsSync(damageMark(this.#path))) return this.#openFresh()
    try {
      return this.#openFile()
    } catch (error) {
      // A disk that takes no writes says nothing about the file; anything else does.
      return isDiskError(error) ? this.openInMemory() : this.#openFresh()
    }
  }

  openInMemory(): OpenedIndex<Tables> {
    const database = new Database(':memory:')
    createTables(database)
    return this.#opened(database, true)
  }

  #openFresh(): OpenedIndex<Tables> {
    try {
      removeFile(this.#path)
      return this.#openFile()
    } catch {
      return this.openInMemory()
    }
  }

  #openFile(): OpenedIndex<Tables> {
    const database = new Database(this.#path)
    try {
      database.pragma('journal_mode = WAL')
      database.pragma('synchronous = NORMAL')
      const isNew = database.pragma('user_version', { simple: true }) === 0
      if (isNew) createTables(database)
      const found = database.pragma('user_version', { simple: true })
      if (found !== version) throw new Error(`the index has version ${found}, not ${version}`)
      return this.#opened(database, isNew)
    } catch (error) {
      database.close()
      throw error
    }
  }

  #opened(database: Database.Database, isNew: boolean): OpenedIndex<Tables> {
    let isDamaged = false
    forgive(database, (error) => {
      if (isDamaged || !damage.test(error.code)) return
      isDamaged = true
      if (!database.memory) markDamaged(this.#path)
      this.#options.onDamage?.(error)
    })
    return { database, tables: this.#options.openTables(database), isNew, close: () => void database.close() }
  }
}

/** Stands beside a damaged index until that is replaced: an engine that is killed must not leave it to the next one as whole. */
const damageMark = (path: string) => `${path}-damaged`

function markDamaged(path: string): void {
  try {
    writeFileSync(damageMark(path), '')
  } catch {
    // On a disk that takes no writes, the next start meets the damage again.
  }
}

/** The mark goes last, so that what was begun here is done again after a crash. */
function removeFile(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`, damageMark(path)]) rmSync(file, { force: true })
}

function createTables(database: Database.Database): void {
  database.transaction(() => {
    database.exec(tables)
    database.pragma(`user_version = ${version}`)
  })()
}

const isDiskError = (error: unknown) => error instanceof Database.SqliteError && /^SQLITE_(FULL|READONLY|IOERR|CANTOPEN)/.test(error.code)

/** A damaged file. No statement breaks a constraint of tables that are whole: rows that contradict each other are damage too. */
const damage = /^SQLITE_(CORRUPT|NOTADB|CONSTRAINT)/

/** Whether an error says something about the disk or the file, and nothing about the statement. */
const isForgiven = (error: unknown): error is InstanceType<typeof Database.SqliteError> =>
  error instanceof Database.SqliteError && (isDiskError(error) || damage.test(error.code))

/**
 * Makes the index fail like a cache: when the disk is full or the file is damaged, a write is left out and a read finds nothing. No change of a
 * document may fail because of it. Only `iterate`, which is for opening, throws.
 */
function forgive(database: Database.Database, onForgiven: (error: InstanceType<typeof Database.SqliteError>) => void): void {
  const attempt = <Result>(action: () => Result, otherwise: Result): Result => {
    try {
      return action()
    } catch (error) {
      if (!isForgiven(error)) throw error
      onForgiven(error)
      return otherwise
    }
  }
  const prepare = database.prepare.bind(database)
  database.prepare = ((source: string) => {
    const statement = prepare(source)
    const { run, get, all } = statement
    // Inside a transaction the failure must reach it, so that it is rolled back.
    const guard = <Result>(action: () => Result, otherwise: Result) => (database.inTransaction ? action() : attempt(action, otherwise))
    statement.run = (...values: unknown[]) => guard(() => run.apply(statement, values), { changes: 0, lastInsertRowid: 0 })
    statement.get = (...values: unknown[]) => guard(() => get.apply(statement, values), undefined)
    statement.all = (...values: unknown[]) => guard(() => all.apply(statement, values), [])
    return statement
  }) as typeof database.prepare
  const transaction = database.transaction.bind(database)
  database.transaction = ((action: (...values: unknown[]) => unknown) => {
    const run = transaction(action)
    return (...values: unknown[]) => attempt(() => run(...values), undefined)
  }) as typeof database.transaction
}
