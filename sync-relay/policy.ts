import type { Role } from '../core/contract/engine.ts'
import type { DeviceKey, DocumentId, PersonKey } from '../core/ids.ts'
import type { Parts } from './people/rights.ts'

/** Whoever is at the other end of a connection. */
export interface Visitor {
  /** As the ticket says; null on a relay that is open to all. */
  readonly person: PersonKey | null
  /** The person's device that signed in; null on a relay that is open to all. */
  readonly device: DeviceKey | null
  /** Tells the tickets of a person apart; not the ticket itself. */
  readonly ticket: string | null
  /** Where they come from, for the audit log. */
  readonly address: string | null
}

/** Who may do what. It is asked for every message, so that a decision that changes holds at once. */
export interface Policy {
  /** What the visitor is told of their role; null for one who may not even know that the document is here. */
  roleOf(visitor: Visitor, document: DocumentId): Role | null
  /** May add changes to it. */
  mayWrite(visitor: Visitor, document: DocumentId): boolean
  /** Counts bytes that are added to a document. Throws `no-room` when its owner has too many then. */
  addBytes(document: DocumentId, count: number): void
  /** May bring a change of this author, null for one that names none. */
  mayBring(visitor: Visitor, document: DocumentId, author: PersonKey | null): boolean
  /** Nobody has put it here, and this visitor may. */
  mayPut(visitor: Visitor, document: DocumentId): boolean
  /** Makes the visitor its owner. Throws `no-room` when that is one document too many. */
  put(visitor: Visitor, document: DocumentId): void
  /** The visitor says which documents go with a text. Throws `no-room`, too. */
  declare(visitor: Visitor, text: DocumentId, parts: Parts): void
  /** The visitor brought changes of these authors, null for those that name none, to a document that was here before. */
  noteWritten(visitor: Visitor, document: DocumentId, authors: Iterable<PersonKey | null>): void
}

/** Everybody who can reach the relay, and knows a document's id, may read and write it. */
export const openToAll: Policy = {
  roleOf: () => 'editor',
  mayWrite: () => true,
  addBytes: () => undefined,
  mayBring: () => true,
  mayPut: () => false,
  put: () => undefined,
  declare: () => undefined,
  noteWritten: () => undefined,
}
