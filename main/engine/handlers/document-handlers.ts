import * as A from '@automerge/automerge/slim'
import type { EngineHandlers, OpenedDocument, RendererSession, Role } from '../../../core/contract/engine.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import { mayWriteTo } from '../../../core/roles.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Bringer } from '../../../core/sync/change-graph.ts'
import type { AttachmentDocument } from '../../../core/text/document.ts'
import { documentOfUrl } from '../document-jobs.ts'
import { newDocumentId } from '../identity.ts'
import { createDocument, duplicateDocument, type NewDocument } from '../library/new-documents.ts'
import type { EngineParts } from '../parts.ts'
import { announce, summaryOf } from './library-handlers.ts'

type DocumentCall =
  | 'document.create'
  | 'document.open'
  | 'document.read'
  | 'document.change'
  | 'document.close'
  | 'document.remember'
  | 'document.rename'
  | 'document.duplicate'
  | 'document.delete'
  | 'attachment.create'
  | 'attachment.read'

/** Calls that make, open, change and delete documents. */
export function documentHandlers(parts: EngineParts, roleOf: (id: DocumentId) => Role): Pick<EngineHandlers, DocumentCall> {
  const { documents, library, readings, sessions, visits } = parts
  /** A window writes as this person and nobody else. */
  const window: Bringer = {
    refuses: (author) => (author === parts.identity.key ? null : new PalimpsestError('not-allowed', `a window's change by ${author}`)),
  }
  return {
    'document.create': async ({ folder, title, chunks, createdAt }) => {
      if (folder !== null) library.folder(folder)
      const content: NewDocument = chunks ? { chunks } : { title: title ?? '', blocks: [] }
      const id = await createDocument(parts, content)
      await library.addDocument(id, { folder, createdAt: createdAt ?? parts.now() })
      return summaryOf(parts, id)
    },

    'document.open': async ({ id }, from) => ({ ...(await openDocument(parts, id, from)), role: roleOf(id) }),
    'document.read': ({ id }) => readings.text(id),

    'document.change': async ({ id: opened, changes }, from) => {
      const id = sessions.targetOf(from, opened)
      if ((await documents.graph(id)).size === 0) throw new PalimpsestError('not-found', `there is no document ${id}`)
      const { heads, refused, waiting } = await documents.accept(id, changes, from, window)
      if (refused[0])
        throw new PalimpsestError('invalid', `${refused.length} changes refused`, {
          cause: refused[0].error,
          detail: refused[0].error.message,
        })
      if (waiting[0]) throw new PalimpsestError('invalid', `change ${waiting[0]} depends on changes that are not here`)
      return { heads }
    },

    'document.close': ({ id }, from) => {
      sessions.close(from, id)
      return null
    },

    'document.remember': ({ id, place }) => {
      if (library.has(id)) visits.set(id, { place })
      return null
    },

    'document.rename': async ({ id, title }) => {
      library.entry(id)
      if (!mayWriteTo('text', roleOf(id)))
        throw new PalimpsestError('not-allowed', `${id} is not to be changed`, { detail: 'You can read this document, not change it.' })
      const changes = await documents.run(id, 'amend', { title, author: parts.identity.key, time: parts.now() })
      await Promise.race([documents.accept(id, changes, 'engine'), documents.troubled()])
      return null
    },

    'document.duplicate': async ({ id }) => {
      const { folder, tags } = library.entry(id)
      const copy = await duplicateDocument(parts, id)
      await library.addDocument(copy, { folder, tags })
      return summaryOf(parts, copy)
    },

    'document.delete': async ({ ids }) => {
      const kept = ids.find((id) => library.entry(id).trashedAt === null)
      if (kept) throw new PalimpsestError('invalid', `document ${kept} is not in the trash`)
      const margins = ids.flatMap((id) => readings.summary(id)?.margin ?? [])
      await library.removeDocuments(ids)
      for (const id of [...ids, ...margins]) await forgetDocument(parts, id)
      return null
    },

    'attachment.create': async ({ type, name, bytes }) => {
      const doc = A.change(A.init<AttachmentDocument>({ author: parts.identity.key }), (draft) => {
        Object.assign(draft, { schema: 1, type: new A.ImmutableString(type), name: new A.ImmutableString(name), bytes })
      })
      const id = newDocumentId()
      await documents.create(id, [A.save(doc)])
      A.free(doc)
      return { url: `automerge:${id}` }
    },

    'attachment.read': async ({ url }) => {
      const id = documentOfUrl(url)
      if (!id || !(await documents.has(id))) throw new PalimpsestError('not-found', `there is no attachment ${url}`)
      return documents.run(id, 'attachment', {})
    },
  }
}

async function openDocument(parts: EngineParts, id: DocumentId, from: RendererSession): Promise<Omit<OpenedDocument, 'role'>> {
  const { documents, identity, library, sessions, visits } = parts
  const { read, held } = await sessions.open(from, id, () => documents.chunks(id))
  const { place } = visits.get(id)
  if (library.has(id)) visits.set(id, { openedAt: parts.now() })
  setImmediate(() => {
    // The first change needs the graph; reading that of a long history now keeps the first keystroke from waiting for it.
    documents.graph(id).catch(() => {})
    if (library.has(id)) announce(parts, { folders: [], documents: [id] }) // It is the one opened last.
  })
  const recoverable = library.has(id) && library.entry(id).relay !== null
  return {
    id,
    chunks: [...read.chunks, ...held],
    author: identity.key,
    damage: read.damaged > 0 ? { chunks: read.damaged, recoverable } : null,
    place,
  }
}

async function forgetDocument({ documents, history, numbers, readings, visits }: EngineParts, id: DocumentId): Promise<void> {
  await documents.remove(id)
  readings.remove(id)
  history.remove(id)
  visits.forget(id)
  numbers.remove(id)
}
