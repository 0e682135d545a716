import type Database from 'better-sqlite3'
import type { DocumentId } from '../../core/ids.ts'
import type { Carried, ChangeStore } from '../change-store.ts'

/**
 * Who carried changes was once noted with the people, at another moment than the changes themselves. Brings such notes to the store, and forgets them here when they are durable there;
 * what a full disk or an end in between keeps from that is done at the next start.
 */
export function moveFormerNotes(db: Database.Database, store: ChangeStore): void {
  const notes = db
    .prepare<[], Carried & { document: DocumentId }>('select document, first_row as firstRow, last_row as lastRow, person, at from carried')
    .all()
  const kept = notes.filter(({ document }) => store.has(document))
  for (const { document, ...carried } of kept) store.append(document, carried.firstRow, [], [carried])
  const forget = () => {
    if (db.open && notes.length > 0) db.exec('delete from carried')
  }
  store.durable.then(forget).catch(() => undefined)
}
