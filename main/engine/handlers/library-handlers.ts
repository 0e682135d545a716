import type { DocumentSummary, EngineHandlers } from '../../../core/contract/engine.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { LibraryDelta } from '../library/library.ts'
import type { EngineParts } from '../parts.ts'

/** A document as the library's list shows it. Throws `not-found`. */
export function summaryOf(
  { library, readings, visits }: Pick<EngineParts, 'library' | 'readings' | 'visits'>,
  id: DocumentId,
): DocumentSummary {
  const entry = library.entry(id)
  const text = readings.summary(id)
  return {
    id,
    ...entry,
    title: text?.title ?? '',
    words: text?.words ?? 0,
    excerpt: text?.excerpt ?? '',
    editedAt: text?.editedAt ?? entry.createdAt,
    openedAt: visits.get(id).openedAt,
  }
}

/** Tells every renderer what became different. */
export function announce(parts: EngineParts, delta: LibraryDelta): void {
  const { library } = parts
  parts.emit('library.changed', {
    folders: delta.folders.filter((id) => library.hasFolder(id)).map((id) => library.folder(id)),
    removedFolders: delta.folders.filter((id) => !library.hasFolder(id)),
    documents: delta.documents.filter((id) => library.has(id)).map((id) => summaryOf(parts, id)),
    removedDocuments: delta.documents.filter((id) => !library.has(id)),
  })
}

type LibraryCall =
  | 'library.read'
  | 'folder.create'
  | 'folder.rename'
  | 'folder.move'
  | 'folder.remove'
  | 'document.move'
  | 'document.tag'
  | 'document.pin'
  | 'document.trash'
  | 'document.restore'
  | 'search.query'

/** Calls that read or change the library, and nothing in a document. */
export function libraryHandlers(parts: EngineParts): Pick<EngineHandlers, LibraryCall> {
  const { library, readings } = parts
  return {
    'library.read': () => ({ folders: library.folders(), documents: library.documents().map((id) => summaryOf(parts, id)) }),
    'folder.create': ({ name, parent }) => library.createFolder(name, parent),
    'folder.rename': async ({ id, name }) => {
      await library.renameFolder(id, name)
      return null
    },
    'folder.move': async ({ id, parent }) => {
      await library.moveFolder(id, parent)
      return null
    },
    'folder.remove': async ({ id }) => {
      await library.removeFolder(id)
      return null
    },
    'document.move': async ({ ids, folder }) => {
      await library.updateDocuments(ids, { folder })
      return null
    },
    'document.tag': async ({ id, tags }) => {
      await library.updateDocuments([id], { tags: [...new Set(tags)] })
      return null
    },
    'document.pin': async ({ id, pinned }) => {
      await library.updateDocuments([id], { pinned })
      return null
    },
    'document.trash': async ({ ids }) => {
      await library.updateDocuments(ids, { trashedAt: parts.now() })
      return null
    },
    'document.restore': async ({ ids }) => {
      await library.updateDocuments(ids, { trashedAt: null })
      return null
    },
    'search.query': ({ text, limit }) => readings.search(text, limit, (id) => library.has(id) && library.entry(id).trashedAt === null),
  }
}
