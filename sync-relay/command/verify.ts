/** `verify`: reads everything that is stored, as carefully as if it came from a stranger. */
import type Database from 'better-sqlite3'
import { loadAutomerge } from '../automerge-wasm.ts'
import { checkStore } from '../store-check.ts'
import type { Command } from './arguments.ts'
import { changesName, DataFolder, dataDirSetting, openToRead, peopleName } from './data-folder.ts'

export const verify: Command = {
  usage: 'verify',
  summary: 'Reads every stored change and says what is damaged, also while the relay is running.',
  about:
    'Each change is decoded and hashed, and its dependencies, numbers and author are checked by the rules that it had to pass when it came; each saved document\nis opened and compared with the list of its changes, and so are the notes of who carried changes. A backup is verified in the same way: --data-dir BACKUP.',
  settings: { 'data-dir': dataDirSetting },
  async run(given) {
    const folder = DataFolder.of(given)
    await loadAutomerge()
    let damages = 0
    const report = (damage: string) => {
      damages += 1
      console.log(damage)
    }
    using(folder.changesFile, (db) => {
      checkFile(db, changesName, report)
      const { documents, changes } = checkStore(db, (damage) => report(`${changesName}: ${damage}`))
      console.log(`${documents} documents with ${changes} changes were read.`)
    })
    if (folder.hasPeople) using(folder.peopleFile, (db) => checkFile(db, peopleName, report))
    console.log(
      damages === 0
        ? 'Everything is whole.'
        : `Damage was found in ${damages} places. Keep this folder, and restore a backup into another.`,
    )
    return damages === 0 ? 0 : 1
  },
}

/** In one transaction, so that a relay that goes on writing is seen at one moment. */
function using(file: string, read: (db: Database.Database) => void): void {
  const db = openToRead(file)
  try {
    db.transaction(() => read(db))()
  } finally {
    db.close()
  }
}

/** What SQLite itself finds. */
function checkFile(db: Database.Database, name: string, report: (damage: string) => void): void {
  try {
    const found = db.pragma('integrity_check') as { integrity_check: string }[]
    for (const { integrity_check: line } of found) if (line !== 'ok') report(`${name}: ${line}`)
    const strays = db.pragma('foreign_key_check') as { table: string; rowid: number | null; parent: string }[]
    for (const { table, rowid, parent } of strays)
      report(`${name}: row ${rowid ?? '?'} of ${table} names something that is not in ${parent}`)
  } catch (error) {
    report(`${name}: ${String(error)}`)
  }
}
