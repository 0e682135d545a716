import * as A from '@automerge/automerge/slim'
import type { DocumentId } from '../../../core/ids.ts'
import { createMarginDocument, createTextDocument } from '../../../core/text/create.ts'
import type { BlockContent } from '../../../core/text/blocks.ts'
import { type Reading, readingOf } from '../document-jobs.ts'
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

/** Stores a copy of a document with its history, and of its margin, so that neither shares anything with the original from then on. */
export async function duplicateDocument(
  parts: Parts,
  id: DocumentId,
  { titlePrefix = 'Copy of ', copy = newDocumentId() }: { titlePrefix?: string; copy?: DocumentId } = {},
): Promise<DocumentId> {
  const { documents, identity, now, readings } = parts
  const margin = newDocumentId()
  const original = readings.summary(id)?.margin ?? null
  if (original !== null && (await documents.has(original))) await documents.create(margin, (await documents.chunks(original)).chunks)
  else await storeMargin(parts, margin)
  const { chunks } = await documents.chunks(id)
  const amendment = { document: { files: [], pending: chunks }, titlePrefix, margin, author: identity.key, time: now() }
  await storeRead(parts, copy, [...chunks, ...(await documents.work.run('amend', amendment))])
  return copy
}

async function storeNew(
  parts: Parts,
  id: DocumentId,
  { title, blocks }: { title: string; blocks: readonly BlockContent[] },
): Promise<void> {
  const margin = newDocumentId()
  const doc = createTextDocument({ author: parts.identity.key, time: parts.now(), title, margin, blocks })
  parts.readings.put(id, readingOf(doc))
  await Promise.all([storeMargin(parts, margin), parts.documents.create(id, [A.save(doc)])])
  A.free(doc)
}

async function storeImported(parts: Parts, id: DocumentId, chunks: readonly Uint8Array[]): Promise<void> {
  const { margin } = await storeRead(parts, id, chunks)
  if (margin !== null && !(await parts.documents.has(margin))) await storeMargin(parts, margin)
}

/** The chunks come from outside, so they are opened before they are stored. */
async function storeRead({ documents, readings }: Parts, id: DocumentId, chunks: readonly Uint8Array[]): Promise<Reading> {
  const reading = await documents.work.run('read', { document: { files: [], pending: [...chunks] } })
  await documents.create(id, chunks)
  readings.put(id, reading)
  return reading
}

async function storeMargin({ documents, identity, now }: Parts, id: DocumentId): Promise<void> {
  const doc = createMarginDocument({ author: identity.key, time: now() })
  await documents.create(id, [A.save(doc)])
  A.free(doc)
}
