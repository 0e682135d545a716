/** The folder in which a relay keeps everything, as the other commands find it: also while a relay is running on it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { versionOf } from '../migrations.ts'
import { newestVersion } from '../people/people-file.ts'
import { openRelayPeople, type RelayPeople } from '../people/relay-people.ts'
import { lockFile } from '../sqlite-file.ts'
import type { Arguments, Setting } from './arguments.ts'
import { CommandError } from './command-error.ts'

export const changesName = 'relay.sqlite'
export const peopleName = 'people.sqlite'
/** Where writers reach the relay, as it was when it last started. */
const addressName = 'address'

export const dataDirSetting: Setting = { value: 'DIR', otherwise: 'relay-data', help: 'where the relay keeps everything' }

export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** A folder with a relay’s data in it. Throws `folder`. */
  static of(given: Arguments): DataFolder {
    const folder = new DataFolder(given.text('data-dir') ?? '')
    if (!existsSync(folder.path)) throw new CommandError('folder', `There is no folder ${folder.path}. Name the relay’s with --data-dir.`)
    if (!existsSync(folder.changesFile))
      throw new CommandError('folder', `There is no relay’s data in ${folder.path}: ${changesName} is missing.`)
    return folder
  }

  get changesFile(): string {
    return join(this.path, changesName)
  }

  get peopleFile(): string {
    return join(this.path, peopleName)
  }

  /** A relay that is open to all has none. */
  get hasPeople(): boolean {
    return existsSync(this.peopleFile)
  }

  get isRunning(): boolean {
    try {
      lockFile(this.changesFile).close()
      return false
    } catch (error) {
      if (isBusy(error)) return true
      throw error
    }
  }

  get address(): string | null {
    const file = join(this.path, addressName)
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
  }

  noteAddress(address: string): void {
    writeFileSync(join(this.path, addressName), `${address}\n`)
  }

  /** Works on people and rights, which a running relay notices. Throws `folder`. */
  withPeople<Result>(use: (people: RelayPeople) => Result): Result {
    if (!this.hasPeople) throw new CommandError('folder', 'This relay is open to all: it knows no people.')
    const db = openToRead(this.peopleFile)
    const version = versionOf(db)
    db.close()
    // Its tables are not changed under a relay that knows the old ones only.
    if (version < newestVersion && this.isRunning)
      throw new CommandError('folder', 'The relay that is running here is an older one. Stop it, and start it again with this version.')
    const people = openRelayPeople({ dataDir: this.path, isStored: () => false, firstAuthor: () => null })
    try {
      return use(people)
    } finally {
      people.close()
    }
  }
}

export function openToRead(file: string): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 })
}

export const isBusy = (error: unknown): boolean => (error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true
