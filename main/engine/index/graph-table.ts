import type Database from 'better-sqlite3'
import type { DocumentId } from '../../../core/ids.ts'
import type { ChunkName } from '../storage/chunk-folder.ts'
import type { DocumentNumbers } from './document-numbers.ts'

/** A change graph as it was last written to the index. */
export interface StoredGraph {
  packs: Uint8Array[]
  /** Chunk files of which every change is in the packs. */
  chunks: Set<ChunkName>
}

/** Change graphs, so that a document need not be opened to know its changes. */
export class GraphTable {
  readonly #numbers: DocumentNumbers
  readonly #readPacks: Database.Statement<[number], { pack: Uint8Array }>
  readonly #readChunks: Database.Statement<[number], { name: ChunkName }>
  readonly #addPack: Database.Statement<[number, number, Uint8Array]>
  readonly #addChunk: Database.Statement<[number, string]>
  readonly #removePacks: Database.Statement<[number]>
  readonly #removeChunks: Database.Statement<[number]>
  readonly #removeCounts: Database.Statement<[number]>
  readonly #addCounts: Database.Statement<[number, Uint8Array]>
  readonly #removeChunk: Database.Statement<[number, string]>
  readonly #inTransaction: (write: () => void) => void

  constructor(database: Database.Database, numbers: DocumentNumbers) {
    this.#numbers = numbers
    this.#readPacks = database.prepare('SELECT pack FROM graphs WHERE document = ? ORDER BY first_row')
    this.#readChunks = database.prepare('SELECT name FROM chunks WHERE document = ?')
    this.#addPack = database.prepare('INSERT OR REPLACE INTO graphs VALUES (?, ?, ?)')
    this.#addChunk = database.prepare('INSERT OR IGNORE INTO chunks VALUES (?, ?)')
    this.#removePacks = database.prepare('DELETE FROM graphs WHERE document = ?')
    this.#removeChunks = database.prepare('DELETE FROM chunks WHERE document = ?')
    this.#removeCounts = database.prepare('DELETE FROM edits WHERE document = ?')
    this.#addCounts = database.prepare('INSERT OR REPLACE INTO edits VALUES (?, 0, ?)')
    this.#removeChunk = database.prepare('DELETE FROM chunks WHERE document = ? AND name = ?')
    this.#inTransaction = database.transaction((write: () => void) => write())
  }

  read(id: DocumentId): StoredGraph {
    const number = this.#numbers.find(id)
    if (number === null) return { packs: [], chunks: new Set() }
    return {
      packs: this.#readPacks.all(number).map((row) => row.pack),
      chunks: new Set(this.#readChunks.all(number).map((row) => row.name)),
    }
  }

  /** Adds the rows from `firstRow` on, and chunks that are covered with them. */
  append(id: DocumentId, firstRow: number, pack: Uint8Array | null, chunks: readonly ChunkName[]): void {
    const number = this.#numbers.of(id)
    this.#inTransaction(() => {
      if (pack) this.#addPack.run(number, firstRow, pack)
      for (const name of chunks) this.#addChunk.run(number, name)
    })
  }

  /** Joins the packs of a graph into one. */
  join(id: DocumentId, pack: Uint8Array, chunks: readonly ChunkName[]): void {
    const number = this.#numbers.of(id)
    this.#inTransaction(() => {
      this.#removePacks.run(number)
      this.#addPack.run(number, 0, pack)
      for (const name of chunks) this.#addChunk.run(number, name)
    })
  }

  /**
   * Writes a graph that was read from the files. Its rows may be in another order than before, so what was counted by row is void; `counts` are those of
   * the rows as they are now, where they are known.
   */
  begin(id: DocumentId, pack: Uint8Array, chunks: readonly ChunkName[], counts: Uint32Array = new Uint32Array()): void {
    this.remove(id)
    this.append(id, 0, pack, chunks)
    if (counts.length > 0) this.#addCounts.run(this.#numbers.of(id), new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength))
  }

  /** Names `added` in the place of `removed`, if all of those were covered: only then is all of it in the packs. */
  exchangeChunks(id: DocumentId, removed: readonly ChunkName[], added: ChunkName): void {
    const number = this.#numbers.of(id)
    this.#inTransaction(() => {
      const covered = removed.filter((name) => this.#removeChunk.run(number, name).changes > 0)
      if (covered.length === removed.length) this.#addChunk.run(number, added)
    })
  }

  remove(id: DocumentId): void {
    const number = this.#numbers.find(id)
    if (number === null) return
    this.#inTransaction(() => {
      this.#removePacks.run(number)
      this.#removeChunks.run(number)
      this.#removeCounts.run(number)
    })
  }
}
