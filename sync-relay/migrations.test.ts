/** Files of every earlier relay: opened by this one, and by one that was killed while it opened them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { carriersIn } from '../test/carriers.ts'
import { migrate, versionOf } from './migrations.ts'
import { migrations as peopleSteps, newestVersion } from './people/people-file.ts'
import { openRelayPeople } from './people/relay-people.ts'
import { newSecret } from './people/secrets.ts'
import { storeSteps } from './sqlite-file.ts'
import { SqliteStore } from './sqlite-store.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const image = '3SYimage' as DocumentId
const [ada, ben, cleo] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32)) as [PersonKey, PersonKey, PersonKey]
const program = join(import.meta.dirname, 'testing/killed-migration.ts')

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const using = <Result>(file: string, use: (db: Database.Database) => Result): Result => {
  const db = new Database(file)
  try {
    return use(db)
  } finally {
    db.close()
  }
}

/** A file of people as a relay of that version left it: Ada owns a document in which Ben is an editor, and Cleo by a link. Ben brought an image. */
function peopleOf(version: number): string {
  const file = join(dataDir, 'people.sqlite')
  using(file, (db) => {
    db.pragma('journal_mode = WAL')
    migrate(db, peopleSteps.slice(0, version), file)
    db.exec(`
      insert into people values ('${ada}', 'Ada', 1, null, 'owner', 1, null), ('${ben}', 'Ben', 2, null, 'member', 2, null),
        ('${cleo}', 'Cleo', 3, null, 'guest', 3, null);
      insert into documents values ('${documentId}', '${ada}', 3), ('${image}', '${ben}', 4);
      insert into parts values ('${image}', '${documentId}', 'attachment');
      insert into links (id, document, secret, salt, role, made_by, made_at) values (7, '${documentId}', x'01', '', 'editor', '${ada}', 4);
      insert into grants values ('${documentId}', '${ben}', 'editor', '${ada}', 4, 5, null), ('${documentId}', '${cleo}', 'editor', '${cleo}', 5, 5, 7);
      insert into audit (at, action, subject) values (4, 'document.grant', '{}');
    `)
    // From the seventh version on links have rows of their own, and parts are of their text's owner.
    if (version > 6)
      db.exec(`
        delete from grants where link is not null;
        insert into link_grants values (7, '${cleo}', 5);
        update documents set owner = '${ada}' where id = '${image}';
      `)
    // From the second version on a person has devices.
    if (version > 1) db.exec(`insert into devices values ('${ada}', '${ada}', 'Laptop', 1, 1, null)`)
  })
  return file
}

function readPeople() {
  const relay = openRelayPeople({ dataDir, isStored: () => true, firstAuthor: () => null })
  const found = {
    people: relay.people.list().map(({ key, name, standing }) => [key, name, standing]),
    roles: [ada, ben, cleo].flatMap((person) => [documentId, image].map((document) => relay.rights.roleOf(person, document))),
    owners: [documentId, image].map(relay.rights.ownerOf),
    log: relay.audit.entries(0, 10).map(({ action }) => action),
    ticket: relay.people.recognise(relay.people.issue(ada, ada).ticket)?.person,
  }
  relay.close()
  return found
}
const everything = {
  people: [
    [ada, 'Ada', 'owner'],
    [ben, 'Ben', 'member'],
    [cleo, 'Cleo', 'guest'],
  ],
  roles: ['owner', 'owner', 'editor', 'editor', 'editor', 'editor'],
  owners: [ada, ada],
  log: ['document.grant'],
  ticket: ada,
}

/** A file of changes as a relay of that version left it; at first the tables had no number. */
function changesOf(version: number): string {
  const file = join(dataDir, 'relay.sqlite')
  using(file, (db) => {
    db.pragma('journal_mode = WAL')
    migrate(db, storeSteps.slice(0, Math.max(version, 1)), file)
    if (version === 0) db.pragma('user_version = 0')
    db.exec(`
      insert into facts values ('storageId', 'the same as ever');
      insert into documents (number, id) values (1, '${documentId}');
      insert into changes values (1, 0, x'0101'), (1, 1, x'0202');
    `)
  })
  return file
}

async function readChanges() {
  const store = new SqliteStore({ file: join(dataDir, 'relay.sqlite') })
  const found = { id: store.storageId, tail: store.load(documentId).tail.map((bytes) => [...bytes]) }
  await store.close()
  return found
}
const bothChanges = {
  id: 'the same as ever',
  tail: [
    [1, 1],
    [2, 2],
  ],
}

/** Runs a migration in a process of its own, and kills it when it is about to end. */
async function killInTheMiddle(file: string, kind: 'people' | 'changes') {
  const child = spawn(process.execPath, [program, file, kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [said] = (await Promise.race([once(child.stdout, 'data'), exited])) as [unknown]
  expect(String(said)).toBe('in the middle\n')
  child.kill('SIGKILL')
  await exited
}

const numberOf = (file: string) => using(file, versionOf)
const earlier = Array.from({ length: newestVersion - 1 }, (_, at) => at + 1)

describe('people.sqlite', () => {
  it.each(earlier)('of version %i is brought up to date with everything in it', (version) => {
    const file = peopleOf(version)
    expect(readPeople()).toEqual(everything)
    expect(numberOf(file)).toBe(newestVersion)
  })

  it.each(earlier)(
    'of version %i is as it was when the relay is killed in the middle, and is brought up to date by the next one',
    async (version) => {
      const file = peopleOf(version)
      await killInTheMiddle(file, 'people')
      expect(numberOf(file)).toBe(version)
      expect(readPeople()).toEqual(everything)
      expect(numberOf(file)).toBe(newestVersion)
    },
  )

  it('gives up what it noted of who carried changes, as soon as the store has that', async () => {
    changesOf(1)
    const notes = (file: string) => using(file, (db) => db.prepare('select person, first_row from carried').raw().all())
    using(peopleOf(1), (db) => db.exec(`insert into carried values ('${documentId}', 1, 1, '${ada}', 6), ('gone', 0, 0, '${ben}', 7)`))
    const start = async (work: (store: SqliteStore) => unknown) => {
      const store = new SqliteStore({ file: join(dataDir, 'relay.sqlite') })
      const relay = openRelayPeople({ dataDir, isStored: () => true, firstAuthor: () => null })
      relay.moveNotes(store)
      await work(store)
      await store.close()
      relay.close()
    }
    // Ended before it had written anything, and then not.
    await start(() => expect(carriersIn(dataDir, documentId)).toEqual([null, null]))
    await start((store) => store.durable)
    expect(carriersIn(dataDir, documentId)).toEqual([null, ada])
    expect(notes(join(dataDir, 'people.sqlite'))).toEqual([])
  })

  it('of a newer relay is left alone', () => {
    const file = peopleOf(newestVersion)
    using(file, (db) => db.pragma(`user_version = ${newestVersion + 1}`))
    expect(readPeople).toThrow(/written by a newer relay/)
    expect(numberOf(file)).toBe(newestVersion + 1)
  })
})

describe('relay.sqlite', () => {
  it.each(storeSteps.map((_, version) => version))(
    'of version %i is brought up to date with everything in it, also after a kill in the middle',
    async (version) => {
      const file = changesOf(version)
      await killInTheMiddle(file, 'changes')
      expect(numberOf(file)).toBe(version)
      expect(await readChanges()).toEqual(bothChanges)
      expect(numberOf(file)).toBe(storeSteps.length)
    },
  )
})

describe('a migration', () => {
  it('that fails leaves the file as it was', () => {
    const file = join(dataDir, newSecret())
    const steps = ['create table a (x) strict', 'insert into a values (1)'].map((step) => step.replace('(x)', '(x integer)'))
    using(file, (db) => {
      migrate(db, steps, file)
      expect(() => migrate(db, [...steps, "insert into a values (2); insert into b values ('there is none')"], file)).toThrow(
        /no such table/,
      )
      expect(versionOf(db)).toBe(2)
      expect(db.prepare('select x from a').pluck().all()).toEqual([1])
    })
  })
})
