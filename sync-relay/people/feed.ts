/**
 * What concerns each person, in order and numbered for each person by itself, so that nobody learns from the numbers what happens to others. The last events are
 * kept, for whoever was away.
 */
import type Database from 'better-sqlite3'
import type { Role } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId, PersonKey } from '../../core/ids.ts'

/** What happened, as it is kept. */
export type Concern =
  | (Subject & { kind: 'invited' | 'role'; role: Role; from: PersonKey })
  | (Subject & { kind: 'removed'; reason: string })
  /** Somebody wrote in a text's margin, or mentioned the person there. */
  | { kind: 'comment' | 'mention'; document: DocumentId; from: PersonKey }
  /** What is in a folder, or its name, is different: `count` documents came into it. */
  | { kind: 'shared'; folder: { id: FolderId; name: string }; count: number; from: PersonKey }

type Subject = { document: DocumentId; folder?: undefined } | { document?: undefined; folder: { id: FolderId; name: string } }

export type KeptConcern = Concern & { id: number; at: number }

/** Events that are kept for each person. */
export const keptEvents = 200

export class Feed {
  readonly #now: () => number
  readonly #sql
  /** Called soon after something was added for a person, when it is committed. */
  onAdded: (person: PersonKey) => void = () => {}

  constructor(db: Database.Database, now: () => number) {
    this.#now = now
    this.#sql = {
      // Relays have people with few events: the newest is never removed, so the numbers go on.
      add: db.prepare<{ person: string; at: number; concern: string }, { id: number }>(`
        insert into feed select :person, coalesce(max(id), 0) + 1, :at, :concern from feed where person = :person returning id`),
      trim: db.prepare<[string, number]>('delete from feed where person = ? and id <= ?'),
      after: db.prepare<[string, number, number], { id: number; at: number; concern: string }>(
        'select id, at, concern from feed where person = ? and id > ? order by id limit ?',
      ),
      latest: db.prepare<[string], { id: number }>('select coalesce(max(id), 0) as id from feed where person = ?'),
    }
  }

  /** To be called in the transaction that makes it true. */
  add(person: PersonKey, concern: Concern): void {
    const added = this.#sql.add.get({ person, at: this.#now(), concern: JSON.stringify(concern) })
    this.#sql.trim.run(person, (added?.id ?? 0) - keptEvents)
    // By then the transaction has ended; what was rolled back is not found.
    queueMicrotask(() => this.onAdded(person))
  }

  /** Oldest first. */
  after(person: PersonKey, id: number, limit: number): KeptConcern[] {
    return this.#sql.after.all(person, id, limit).map(({ concern, ...kept }) => ({ ...(JSON.parse(concern) as Concern), ...kept }))
  }

  /** The number of the newest; 0 where there is none. */
  latest = (person: PersonKey): number => this.#sql.latest.get(person)?.id ?? 0
}
