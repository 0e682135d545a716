/** Documents and changes for tests of storage. */
import * as A from '@automerge/automerge/slim'
import type { DocumentId, PersonKey } from '../../../core/ids.ts'
import { newDocumentId } from '../identity.ts'

export const author = 'ab'.repeat(32) as PersonKey

/** A document with one text, and each of its changes. */
export class Growing {
  readonly id: DocumentId = newDocumentId()
  doc = A.change(A.init<{ text: string }>({ author }), (draft) => {
    draft.text = ''
  })

  get heads(): string[] {
    return A.getHeads(this.doc).sort()
  }

  get first(): Uint8Array {
    return A.getAllChanges(this.doc)[0] as Uint8Array
  }

  /** The change that typing `text` makes. */
  type(text: string): Uint8Array {
    this.doc = A.change(this.doc, (draft) => A.splice(draft, ['text'], draft.text.length, 0, text))
    return A.getLastLocalChange(this.doc) as Uint8Array
  }
}

/** The document that chunks make up. */
export const loadChunks = (chunks: readonly Uint8Array[]) => A.loadIncremental(A.init<{ text: string }>(), Buffer.concat(chunks))
