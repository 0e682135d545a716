import type Database from 'better-sqlite3'
import type { DocumentId } from '../../../core/ids.ts'

/** The number of documents that cannot be given one, because nothing can be written. */
const noNumber = 0

/** Short numbers for documents, so that the index's tables need not repeat their ids. */
export class DocumentNumbers {
  readonly #numbers = new Map<DocumentId, number>()
  readonly #insert: Database.Statement<[string], { number: number }>
  readonly #remove: Database.Statement<[string]>

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO documents (id) VALUES (?) RETURNING number')
    this.#remove = database.prepare('DELETE FROM documents WHERE id = ?')
    for (const row of database.prepare<[], { id: string; number: number }>('SELECT id, number FROM documents').iterate()) {
      this.#numbers.set(row.id as DocumentId, row.number)
    }
  }

  /** The document's number, or null for one that the index has never seen. */
  find(id: DocumentId): number | null {
    return this.#numbers.get(id) ?? null
  }

  /** The document's number; a new one is given when it has none. What is written under the number of no document is never found again. */
  of(id: DocumentId): number {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    const number = this.#insert.get(id)?.number
    if (number !== undefined) this.#numbers.set(id, number)
    return number ?? noNumber
  }

  remove(id: DocumentId): void {
    this.#numbers.delete(id)
    this.#remove.run(id)
  }
}
