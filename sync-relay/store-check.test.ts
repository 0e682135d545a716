import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId } from '../core/ids.ts'
import { ChangeGraph } from '../core/sync/change-graph.ts'
import { SqliteStore } from './sqlite-store.ts'
import { checkStore } from './store-check.ts'

const [rain, snow] = ['2akvofn6L1o4RMUEMQi7qzwRjKWZ', '3bkvofn6L1o4RMUEMQi7qzwRjKWZ'] as DocumentId[] as [DocumentId, DocumentId]

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'))
  file = join(folder, 'relay.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A document of two writers, with as many changes of each. */
function twoWriters(each: number): A.Doc<Record<string, number>> {
  let ada = A.init<Record<string, number>>()
  let ben = A.clone(ada)
  for (let i = 0; i < each; i++) {
    ada = A.change(ada, (draft) => void (draft[`ada ${i}`] = i))
    ben = A.change(ben, (draft) => void (draft[`ben ${i}`] = i))
    if (i % 3 === 0) ada = A.merge(ada, ben)
  }
  return A.merge(ada, ben)
}

/** A store in which one document has a snapshot of its first changes and a tail, and the other a tail only. */
async function stored({ covered = 8 } = {}) {
  const changes = A.getAllChanges(twoWriters(10))
  const store = new SqliteStore({ file })
  store.append(rain, 0, changes)
  store.append(snow, 0, A.getAllChanges(twoWriters(3)))
  const graph = new ChangeGraph()
  graph.add(changes.slice(0, covered))
  const [document] = A.applyChanges(A.init<unknown>(), changes.slice(0, covered))
  store.putSnapshot(rain, { rows: covered, chunk: A.save(document), headers: graph.pack() })
  await store.close()
}

/** What is found after something was done to the file. */
function findings(damage: (db: Database.Database) => void = () => {}) {
  const db = new Database(file)
  damage(db)
  const found: string[] = []
  const checked = checkStore(db, (what) => found.push(what))
  db.close()
  return { found, checked }
}

const flipped = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
const bytesAt = (db: Database.Database, row: number) =>
  (db.prepare('select bytes from changes where document = 1 and row = ?').get(row) as { bytes: Buffer }).bytes
const put = (db: Database.Database, row: number, bytes: Uint8Array) =>
  db.prepare('update changes set bytes = ? where document = 1 and row = ?').run(bytes, row)

describe('checking a store', () => {
  it('finds nothing where nothing is wrong, and says how much it read', async () => {
    await stored()
    expect(findings()).toEqual({ found: [], checked: { documents: 2, changes: 26 } })
  })

  it('names the row of a change in which any one bit is wrong', async () => {
    await stored()
    const db = new Database(file)
    const whole = bytesAt(db, 12)
    db.close()
    for (let at = 0; at < whole.length; at++) {
      const { found } = findings((again) => put(again, 12, flipped(whole, at)))
      expect(found[0]).toMatch(new RegExp(`^document ${rain}, row 12: `))
      expect(found.length).toBeLessThanOrEqual(2)
    }
    expect(findings((again) => put(again, 12, whole)).found).toEqual([])
  })

  it.each<[string, (db: Database.Database) => void, RegExp]>([
    ['a row that is missing', (db) => db.exec('delete from changes where document = 1 and row = 12'), /row 12: is missing/],
    ['a change at two rows', (db) => put(db, 12, bytesAt(db, 11)), /row 12: is a change that an earlier row holds/],
    [
      'a change of another document',
      (db) => put(db, 12, A.getAllChanges(twoWriters(1))[0] as Uint8Array),
      /row 13: depends on a change that is damaged or not there/,
    ],
    ['a snapshot that does not open', (db) => db.exec("update snapshots set chunk = x'856f4a83'"), /snapshot: .*taken apart/],
    ['a snapshot of fewer changes', (db) => db.exec('update snapshots set rows = 7'), /snapshot: lists 8 and holds 8 changes instead of 7/],
    ['a list of changes that is cut off', (db) => db.exec('update snapshots set headers = substr(headers, 1, 40)'), /snapshot: /],
    ['a name that is none', (db) => db.exec("update documents set id = 'x' where number = 2"), /^document x, which is no id/],
    ['a change that breaks the numbers of its actor', poison, /row 20: change \w+ of actor/],
  ])('finds %s', async (_, damage, words) => {
    await stored()
    expect(findings(damage).found).toContainEqual(expect.stringMatching(words))
  })

  const [ada, ben] = ['aa'.repeat(32), 'bb'.repeat(32)] as const
  const note = (first: number, last: number, person = ada) => `insert into carried values (3, ${first}, ${last}, '${person}', 1)`
  it.each<[string, string[], RegExp]>([
    ['that is right, beside another', [note(0, 0), note(2, 3)], /^$/],
    ['of rows that are not there', [note(2, 4)], /of who carried rows 2 to 4 goes beyond the 4 that there are/],
    ['of no rows', [note(2, 1)], /of who carried rows 2 to 1 names no rows/],
    ['of rows that another one names', [note(0, 2), note(2, 3)], /of who carried rows 2 to 3 names some that another note names/],
    ['that names nobody', [note(0, 0, 'Ada')], /of who carried rows 0 to 0 names nobody/],
    ['that names the author', [note(0, 3, ben)], /of who carried rows 0 to 3 names the author of one/],
  ])('looks at notes of who carried changes: one %s', async (_, notes, words) => {
    await stored()
    const doc = Array.from({ length: 4 }, (__, at) => at).reduce(
      (made, at) => A.change(made, (draft) => void (draft['at'] = at)),
      A.init<Record<string, number>>({ author: ben }),
    )
    const store = new SqliteStore({ file })
    store.append('4ckvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId, 0, A.getAllChanges(doc))
    await store.close()
    const { found } = findings((db) => notes.forEach((each) => db.exec(each)))
    expect(found.join('\n')).toMatch(words)
  })

  it('finds a bit that is wrong in a snapshot', async () => {
    await stored()
    const db = new Database(file)
    const { chunk } = db.prepare('select chunk from snapshots').get() as { chunk: Buffer }
    db.close()
    for (let at = 12; at < chunk.length; at += 7) {
      const { found } = findings((again) => again.prepare('update snapshots set chunk = ?').run(flipped(chunk, at)))
      expect(found).toContainEqual(expect.stringMatching(`^document ${rain}, snapshot: `))
    }
  })

  it('goes on with other documents when SQLite itself cannot read one', async () => {
    await stored()
    const { found, checked } = findings((db) => db.exec('drop table snapshots'))
    expect(found).toEqual([
      expect.stringMatching(`^document ${rain}, cannot be read`),
      expect.stringMatching(`^document ${snow}, cannot be read`),
    ])
    expect(checked.documents).toBe(2)
  })
})

/** Adds a change that Automerge would apply and could not load again: with the actor and the number of one that is there, and other words. */
function poison(db: Database.Database): void {
  const header = A.decodeChange(bytesAt(db, 19))
  const bytes = A.encodeChange({ ...header, message: 'another' })
  db.prepare('insert into changes values (1, 20, ?)').run(bytes)
}
