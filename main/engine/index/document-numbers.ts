import type Database from 'better-sqlite3'
import type { DocumentId } from '../../../core/ids.ts'

/** The number of documents that cannot be given one, because nothing can be written. */
const noNumber = 0

/** Short numbers for documents, so that the index's tables need not repeat their ids. */
export class DocumentNumbers {
  readonly #numbers = new Map<DocumentId, number>()
  readonly #ids = new Map<number, DocumentId>()
  readonly #insert: Database.Statement<[string], { number: number }>
  readonly #remove: Database.Statement<[string]>

  constructor(database: Database.Database) {
    this.#insert = database.prepare('INSERT INTO documents (id) VALUES (?) RETURNING number')
    this.#remove = database.prepare('DELETE FROM documents WHERE id = ?')
    for (const row of database.prepare<[], { id: string; number: number }>('SELECT id, number FROM documents').iterate()) {
      this.#keep(row.id as DocumentId, row.number)
    }
  }

  idOf(number: number): DocumentId | null {
    return this.#ids.get(number) ?? null
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
    if (number !== undefined) this.#keep(id, number)
    return number ?? noNumber
  }

  remove(id: DocumentId): void {
    const number = this.#numbers.get(id)
    if (number !== undefined) this.#ids.delete(number)
    this.#numbers.delete(id)
    this.#remove.run(id)
  }

  #keep(id: DocumentId, number: number): void {
    this.#numbers.set(id, number)
    this.#ids.set(number, id)
  }
}
