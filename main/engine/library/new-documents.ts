import * as A from '@automerge/automerge/slim'
import { PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { createMarginDocument, createTextDocument } from '../../../core/text/create.ts'
import type { BlockContent } from '../../../core/text/blocks.ts'
import { readingOf } from '../document-jobs.ts'
import { newDocumentId } from '../identity.ts'
import type { EngineParts } from '../parts.ts'

/** Chunks of a finished document, or what a new one says. */
export type NewDocument = { chunks: readonly Uint8Array[] } | { title: string; blocks: readonly BlockContent[] }

type Parts = Pick<EngineParts, 'documents' | 'identity' | 'now' | 'readings'>

/** Stores a new document with its margin and reads it for the index. Resolves when both are durable. */
export async function createDocument(parts: Parts, content: NewDocument): Promise<DocumentId> {
  const id = newDocumentId()
  if ('chunks' in content) await storeImported(parts, id, content.chunks)
  else await storeNew(parts, id, content)
  return id
}

async function storeNew(
  parts: Parts,
  id: DocumentId,
  { title, blocks }: { title: string; blocks: readonly BlockContent[] },
): Promise<void> {
  const creation = { author: parts.identity.key, time: parts.now() }
  const margin = newDocumentId()
  const doc = createTextDocument({ ...creation, title, margin, blocks })
  const marginDoc = createMarginDocument(creation)
  parts.readings.put(id, readingOf(doc))
  await Promise.all([parts.documents.create(margin, [A.save(marginDoc)]), parts.documents.create(id, [A.save(doc)])])
  A.free(marginDoc)
  A.free(doc)
}

/** The chunks come from a renderer, so they are opened before they are stored. */
async function storeImported({ documents, readings }: Parts, id: DocumentId, chunks: readonly Uint8Array[]): Promise<void> {
  const reading = await documents.work.run('read', { document: { files: [], pending: [...chunks] } })
  if (reading.heads.length === 0) throw new PalimpsestError('damaged', 'the chunks hold no document')
  readings.put(id, reading)
  await documents.create(id, chunks)
}
