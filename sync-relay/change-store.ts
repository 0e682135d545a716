import type { DocumentId, PersonKey } from '../core/ids.ts'

/** A prefix of a document's history as one saved Automerge document. */
export interface Snapshot {
  /** How many changes it holds: those at the rows 0 to `rows - 1` of the change graph. */
  rows: number
  chunk: Uint8Array
  /** The graph's headers of those rows, packed. */
  headers: Uint8Array
}

/** Rows of changes that somebody else than their author brought. */
export interface Carried {
  firstRow: number
  lastRow: number
  /** Who brought them. */
  person: PersonKey
  /** When, in milliseconds since 1970. */
  at: number
}

export interface StoredDocument {
  snapshot: Omit<Snapshot, 'chunk'> | null
  /** The changes after the snapshot, in the order of their rows. */
  tail: Uint8Array[]
}

/**
 * What a relay keeps. Changes stand at the rows that the change graph gave them, so a graph restored from here is the same graph.
 *
 * What `append` and `putSnapshot` were given is read back at once. Everything that is given within a few milliseconds is made durable together, and
 * survives a `kill -9` and a power cut from then on.
 */
export interface ChangeStore {
  /** Drawn when the store was made. automerge-repo's clients remember by it what the relay has. */
  readonly storageId: string
  /** Whether there is anything of a document. */
  has(document: DocumentId): boolean
  load(document: DocumentId): StoredDocument
  /** Bytes of a document that are durable here. */
  bytesOf(document: DocumentId): number
  /** `changes` are those at the rows from `firstRow` on. Who carried any of them becomes durable with them, or not at all. */
  append(document: DocumentId, firstRow: number, changes: readonly Uint8Array[], carried?: readonly Carried[]): void
  /** Takes the place of the snapshot there is and of the changes that the new one holds. `carried` is of those that come with it. */
  putSnapshot(document: DocumentId, snapshot: Snapshot, carried?: readonly Carried[]): void
  /** Bytes of the changes at these rows, which ascend, or null for one that only the snapshot holds. */
  changes(document: DocumentId, rows: readonly number[]): (Uint8Array | null)[]
  snapshot(document: DocumentId): Omit<Snapshot, 'headers'> | null
  /** Resolves when all that was given so far is durable. The same promise for everything that becomes durable together. */
  readonly durable: Promise<void>
  /** The same, for what cannot go on before: it is written sooner than when many changes are to share a commit. */
  hurry(): Promise<void>
  /** Whether the last attempt to write succeeded. */
  readonly healthy: boolean
  /** Makes everything durable, then lets go of the files. */
  close(): Promise<void>
}
