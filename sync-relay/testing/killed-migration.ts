/**
 * A program that is killed in the middle of a migration: takes the next step of the tables of a file, says so when all of the step is done but not yet its end, and
 * waits there for its own. Started with the file and `people` or `changes`.
 */
import { writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import { migrate, versionOf } from '../migrations.ts'
import { migrations as peopleSteps } from '../people/people-file.ts'
import { storeSteps } from '../sqlite-file.ts'

const [, , file = '', kind] = process.argv
const steps = kind === 'people' ? peopleSteps : storeSteps
const db = new Database(file)
db.pragma('journal_mode = WAL')
db.function('wait_to_be_killed', () => {
  writeSync(1, 'in the middle\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  return null
})
const version = versionOf(db)
const next = `${steps[version]}; select wait_to_be_killed();`
migrate(db, [...steps.slice(0, version), next], file)
