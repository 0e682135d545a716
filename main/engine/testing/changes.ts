/** Documents and changes for tests of storage. */
import { createHash } from 'node:crypto'
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

/** The columns of a change that types one letter, as Automerge lays them out: pairs of what a column is and its length in bytes. */
const letterColumns = Buffer.from('0801020202130234024202560257017002', 'hex')
const actionLength = letterColumns.indexOf(Buffer.from('4202', 'hex')) + 1
const bytesBeforeActions = 8
/** A run of a billion insertions. */
const billionActions = Buffer.from('8094ebdc0301', 'hex')

/** A change that types one letter, made to claim a billion operations in four bytes more. Framing and checksum are right. */
export function claimingOperations(change: Uint8Array): Uint8Array {
  const bytes = Buffer.from(change)
  const columns = bytes.indexOf(letterColumns)
  if (columns < 0) throw new Error('the change is laid out otherwise than expected')
  const actions = columns + letterColumns.length + bytesBeforeActions
  bytes[columns + actionLength] = billionActions.length
  const lengthEnd = bytes.findIndex((byte, at) => at >= 9 && byte < 128) + 1
  const content = Buffer.concat([bytes.subarray(lengthEnd, actions), billionActions, bytes.subarray(actions + 2)])
  const framed = Buffer.concat([Buffer.of(1, (content.length & 127) | 128, content.length >> 7), content])
  const checksum = createHash('sha256').update(framed).digest().subarray(0, 4)
  return Buffer.concat([bytes.subarray(0, 4), checksum, framed])
}
