import type * as A from '@automerge/automerge/slim'
import type { DocumentId } from '../ids.ts'

/** One stretch of the text, about 4,000 characters, as an Automerge rich text object. Its boundaries mean nothing to a reader. */
export interface Segment {
  text: string
  /** Only in a segment whose text was moved out of another. */
  moved?: Moved
}

/** Where a piece of a moved tail stood. */
export interface Moved {
  /** Object id of the text it stood in. */
  from: string
  /** Heads of the document before the move. */
  heads: string[]
  /** Distance of the piece's end from the end of that text at those heads. */
  end: number
  length: number
}

/** The Automerge document a writer writes in. Code outside `core/text` never looks into `segments`. */
export interface TextDocument {
  /** Version of this schema. A document from a newer version is opened read-only. */
  schema: 1
  title: string
  /** `automerge:` URL of the document that holds comments, named versions and the index of suggestions. */
  margin: `automerge:${DocumentId}`
  segments: Segment[]
}

/** Companion of a text document: a commenter may write here and not in the text. */
export interface MarginDocument {
  schema: 1
  /** Comment threads by id. */
  threads: Record<string, never>
  /** Named versions by id. */
  versions: Record<string, never>
}

/** An image or another file, as a document of its own, so that it is stored and synced like any other. Never changed after its first change. */
export interface AttachmentDocument {
  schema: 1
  /** MIME type. */
  type: string
  /** Original file name, may be empty. */
  name: string
  bytes: Uint8Array
}

/** A text document as Automerge holds it in memory. */
export type TextDoc = A.Doc<TextDocument>
