import type Database from 'better-sqlite3'
import type { PersonKey } from '../../../core/ids.ts'

/** What is known of other people. */
export class People {
  readonly #find: Database.Statement<[string], { name: string; color: number | null }>

  constructor(database: Database.Database) {
    this.#find = database.prepare('SELECT name, color FROM people WHERE key = ?')
  }

  find(key: PersonKey): { name: string; color: number | null } | null {
    return this.#find.get(key) ?? null
  }
}
