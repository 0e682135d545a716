import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'
import type { DocumentId } from '../core/ids.ts'
import type { Carried, Snapshot } from './change-store.ts'
import { migrate } from './migrations.ts'

/** One step for each version of the tables. The first takes files for its own that were written before they had a number. */
export const storeSteps = [
  `
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
`,
  `
  -- What is stored of a document: its changes, and its snapshot.
  alter table documents add column bytes integer not null default 0;
  update documents set bytes =
    (select coalesce(sum(length(c.bytes)), 0) from changes c where c.document = number)
    + (select coalesce(sum(length(s.chunk) + length(s.headers)), 0) from snapshots s where s.document = number);
`,
  `
  -- Changes that somebody else than their author brought, by rows of the change graph.
  create table carried (
    document integer not null references documents (number),
    first_row integer not null,
    last_row integer not null,
    person text not null,
    at integer not null,
    primary key (document, first_row)
  ) strict, without rowid;
`,
]

/** What is to be stored of one document. */
export interface Write {
  document: DocumentId
  firstRow: number
  changes: readonly Uint8Array[]
  carried: readonly Carried[]
  snapshot: Snapshot | null
}

/** Opens the store's file with full synchronisation: a commit is on the disk when it returns. */
export function openFile(file: string): Database.Database {
  const db = new Database(file, { timeout: 5_000 })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  return db
}

/** Brings the tables up to date, and gives the store's id. Throws on a file of a newer version. */
export function prepareFile(db: Database.Database, file: string): string {
  migrate(db, storeSteps, file)
  db.prepare('insert or ignore into facts values (?, ?)').run('storageId', randomUUID())
  const fact = db.prepare<[string], { value: string }>('select value from facts where name = ?').get('storageId')
  return fact?.value ?? ''
}

/**
 * Holds the store against any other process for as long as this one lives: each keeps its own change graphs, so two would number rows differently. Throws
 * `SQLITE_BUSY` when another one has it.
 */
export function lockFile(file: string): Database.Database {
  const lock = new Database(`${file}.lock`, { timeout: 200 })
  lock.pragma('locking_mode = EXCLUSIVE')
  lock.exec('begin exclusive')
  return lock
}

/** Makes a function that stores writes in one transaction. What is there already is written over with the same. */
export function storingIn(db: Database.Database): (writes: readonly Write[]) => void {
  const findDocument = db.prepare<[string], { number: number }>('select number from documents where id = ?')
  const addDocument = db.prepare<[string], { number: number }>('insert into documents (id) values (?) returning number')
  const addChange = db.prepare<[number, number, Uint8Array]>('insert or replace into changes values (?, ?, ?)')
  const putSnapshot = db.prepare<[number, number, Uint8Array, Uint8Array]>('insert or replace into snapshots values (?, ?, ?, ?)')
  const addCarried = db.prepare<[number, number, number, string, number]>('insert or replace into carried values (?, ?, ?, ?, ?)')
  const addBytes = db.prepare<[number, number]>('update documents set bytes = bytes + ? where number = ?')
  const countBytes = db.prepare<{ number: number; snapshot: number }>(`
    update documents set bytes = :snapshot + (select coalesce(sum(length(bytes)), 0) from changes where document = :number)
    where number = :number`)
  const dropChanges = db.prepare<[number, number]>('delete from changes where document = ? and row < ?')

  function numberOf(document: DocumentId): number {
    const row = findDocument.get(document) ?? addDocument.get(document)
    if (!row) throw new Error(`no number for document ${document}`)
    return row.number
  }

  return db.transaction((writes: readonly Write[]) => {
    for (const { document, firstRow, changes, carried, snapshot } of writes) {
      const number = numberOf(document)
      for (const { firstRow: from, lastRow, person, at } of carried) addCarried.run(number, from, lastRow, person, at)
      changes.forEach((bytes, at) => addChange.run(number, firstRow + at, bytes))
      if (!snapshot) {
        addBytes.run(lengthOf(changes), number)
        continue
      }
      putSnapshot.run(number, snapshot.rows, snapshot.chunk, snapshot.headers)
      dropChanges.run(number, snapshot.rows)
      countBytes.run({ number, snapshot: snapshot.chunk.length + snapshot.headers.length })
    }
  })
}

const lengthOf = (changes: readonly Uint8Array[]) => changes.reduce((sum, { length }) => sum + length, 0)
