import type Database from 'better-sqlite3'
import type { PersonKey } from '../../core/ids.ts'

/** Who does something, and from where: the relay itself has neither key nor address. */
export interface Actor {
  readonly person: PersonKey | null
  readonly address: string | null
}

export const theRelay: Actor = { person: null, address: null }

/** What was done, for the relay's owners. Never what was written, and never a secret. */
export interface AuditEntry {
  id: number
  at: number
  person: PersonKey | null
  address: string | null
  /** `noun.verb`, as the call that did it. */
  action: string
  subject: Record<string, unknown>
}

/** The log is append only: the file's own triggers refuse any change to it. */
export class Audit {
  readonly #add
  readonly #read
  readonly #now: () => number

  constructor(db: Database.Database, now: () => number) {
    this.#now = now
    this.#add = db.prepare('insert into audit (at, person, address, action, subject) values (?, ?, ?, ?, ?)')
    this.#read = db.prepare<[number, number], Omit<AuditEntry, 'subject'> & { subject: string }>(
      'select id, at, person, address, action, subject from audit where id > ? order by id limit ?',
    )
  }

  note({ person, address }: Actor, action: string, subject: Record<string, unknown>): void {
    this.#add.run(this.#now(), person, address, action, JSON.stringify(subject))
  }

  /** Entries after the one with the id `after`, oldest first. */
  entries(after: number, limit: number): AuditEntry[] {
    return this.#read.all(after, limit).map((entry) => ({ ...entry, subject: JSON.parse(entry.subject) as Record<string, unknown> }))
  }
}

/** A name is whatever its person typed: what JSON does not escape of it must not move the cursor of a terminal, or turn what stands beside it around. */
const plainJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const entriesAtOnce = 500

/** The whole log as lines of JSON, oldest first, many in each piece. Times are in UTC; a person is named as they call themselves now. */
export function* exportedAudit(audit: Audit, nameOf: (person: PersonKey) => string): Generator<string> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const entries = audit.entries(after, entriesAtOnce)
    const lines = entries.map(({ id, at, person, ...rest }) =>
      plainJson({ id, at: new Date(at).toISOString(), person, name: person && nameOf(person), ...rest }),
    )
    if (lines.length > 0) yield `${lines.join('\n')}\n`
    after = entries.at(-1)?.id
  }
}
