import type Database from 'better-sqlite3'
import type { PersonKey } from '../../../core/ids.ts'

/** How a person is called, as far as it is known: no name yet is empty, no colour chosen is null. */
export interface KnownPerson {
  name: string
  color: number | null
  /** A `data:` address, or null. */
  picture: string | null
}

/** What is known of other people. */
export class People {
  readonly #find: Database.Statement<[string], KnownPerson>
  readonly #remember: Database.Statement<[string, string, number | null, string | null]>

  constructor(database: Database.Database) {
    this.#find = database.prepare('SELECT name, color, picture FROM people WHERE key = ?')
    this.#remember = database.prepare('INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?)')
  }

  find(key: PersonKey): KnownPerson | null {
    return this.#find.get(key) ?? null
  }

  remember(key: PersonKey, { name, color, picture }: KnownPerson): void {
    this.#remember.run(key, name, color, picture)
  }
}
