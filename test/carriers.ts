import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { DocumentId } from '../core/ids.ts'

/** By whom the changes of a document were carried, row by row, null for one that its author brought: as the file of a relay says, also while it runs. */
export function carriersIn(dataDir: string, document: DocumentId): (string | null)[] {
  const db = new Database(join(dataDir, 'relay.sqlite'), { readonly: true })
  try {
    const rows = db
      .prepare<[string], { row: number; person: string | null }>(`
      select c.row, (select person from carried n where n.document = d.number and c.row between n.first_row and n.last_row) as person
      from documents d join changes c on c.document = d.number where d.id = ? order by c.row`)
      .all(document)
    return rows.map(({ person }) => person)
  } finally {
    db.close()
  }
}
