import type { DocumentId } from '../core/ids.ts'

/** Whoever is at the other end of a connection. There are no accounts yet: a peer is who it says it is. */
export interface Visitor {
  readonly peerId: string
}

/** Who may do what. It is asked for every message, so that a decision that changes holds at once. */
export interface Policy {
  /** May know of the document, receive its changes, and see who is there. */
  mayRead(visitor: Visitor, document: DocumentId): boolean
  /** May add changes to it. */
  mayWrite(visitor: Visitor, document: DocumentId): boolean
}

/** Everybody who can reach the relay, and knows a document's id, may read and write it. */
export const openToAll: Policy = { mayRead: () => true, mayWrite: () => true }
