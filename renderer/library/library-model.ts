import { atom, type ReadableAtom } from 'nanostores'
import type { DocumentSummary, Folder, Library, LibraryChange } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { plainName } from '../app/format.ts'
import type { Session } from '../app/session.ts'

/** The library as this window shows it. Summaries that did not change keep their identity, so that lists draw only what did. */
export interface LibraryContent {
  /** False until the engine has answered. */
  readonly isRead: boolean
  readonly folders: ReadonlyMap<FolderId, Folder>
  readonly documents: ReadonlyMap<DocumentId, DocumentSummary>
}

export interface LibraryModel extends ReadableAtom<LibraryContent> {
  /** Shows a title at once that the engine will tell of when it has read the document. */
  retitle(id: DocumentId, title: string): void
}

/** Reads the library when the engine is there and `calm` resolves: the text comes first, and a large library takes the window's time. */
export function createLibraryModel(session: Session, calm: () => Promise<void>): LibraryModel {
  const library = atom<LibraryContent>({ isRead: false, folders: new Map(), documents: new Map() })
  const titles = createNewTitles()

  async function read() {
    try {
      await calm()
      library.set(contentOf(await session.engine.call('library.read', {})))
    } catch (error) {
      // Only when the connection ended meanwhile: the next one reads again.
      console.warn('The library was not read', error)
    }
  }

  session.onReady(() => void read())
  session.engine.on('library.changed', (change) => {
    library.set(applyChange(library.get(), { ...change, documents: change.documents?.map(titles.correct) }))
  })
  return Object.assign(library, {
    retitle(id: DocumentId, title: string) {
      const summary = library.get().documents.get(id)
      if (!summary || summary.title === title) return
      titles.note(summary, title)
      library.set(applyChange(library.get(), { documents: [{ ...summary, title }] }))
    },
  })
}

/**
 * Titles that were given here and that the engine, which reads documents when it has time, may not know yet. A title that stood here
 * before is taken for the engine being late; any other is news.
 */
export function createNewTitles() {
  const given = new Map<DocumentId, { title: string; earlier: Set<string> }>()
  return {
    note({ id, title }: DocumentSummary, next: string) {
      const earlier = given.get(id)?.earlier ?? new Set()
      earlier.add(title).delete(next)
      given.set(id, { title: next, earlier })
    },
    correct(summary: DocumentSummary): DocumentSummary {
      const known = given.get(summary.id)
      if (known?.earlier.has(summary.title)) return { ...summary, title: known.title }
      given.delete(summary.id)
      return summary
    },
  }
}

const contentOf = ({ folders, documents }: Library): LibraryContent => ({
  isRead: true,
  folders: new Map(folders.map((folder) => [folder.id, folder])),
  documents: new Map(documents.map((document) => [document.id, document])),
})

/** What the library is after a change that the engine told of. */
export function applyChange(before: LibraryContent, change: LibraryChange): LibraryContent {
  const { folders = [], documents = [], removedFolders = [], removedDocuments = [] } = change
  return {
    isRead: before.isRead,
    folders: folders.length + removedFolders.length > 0 ? merge(before.folders, folders, removedFolders) : before.folders,
    documents: documents.length + removedDocuments.length > 0 ? merge(before.documents, documents, removedDocuments) : before.documents,
  }
}

function merge<Id, Item extends { id: Id }>(before: ReadonlyMap<Id, Item>, set: readonly Item[], removed: readonly Id[]): Map<Id, Item> {
  const after = new Map(before)
  for (const id of removed) after.delete(id)
  for (const item of set) after.set(item.id, item)
  return after
}

/** What a document is called in lists: a document without a title is named by its first words. */
export function displayTitle({ title, excerpt }: Pick<DocumentSummary, 'title' | 'excerpt'>): string {
  return plainName(title).trim() || plainName(excerpt).trim().slice(0, 60) || 'Untitled'
}

/** The folders that lead to `folder`, outermost first, with itself as the last. A cycle, which a merge could make, ends the path. */
export function foldersTo(folders: ReadonlyMap<FolderId, Folder>, folder: FolderId | null): Folder[] {
  const path = new Set<Folder>()
  let next = folder === null ? undefined : folders.get(folder)
  while (next && !path.has(next)) {
    path.add(next)
    next = next.parent === null ? undefined : folders.get(next.parent)
  }
  return [...path].reverse()
}

/** Their names. */
export const folderPath = (folders: ReadonlyMap<FolderId, Folder>, folder: FolderId | null): string[] =>
  foldersTo(folders, folder).map(({ name }) => plainName(name))

/** Whether `folder` is `ancestor` or stands somewhere inside it. */
export function isInside(folders: ReadonlyMap<FolderId, Folder>, folder: FolderId | null, ancestor: FolderId): boolean {
  const seen = new Set<FolderId>()
  let next = folder
  while (next !== null && !seen.has(next)) {
    if (next === ancestor) return true
    seen.add(next)
    next = folders.get(next)?.parent ?? null
  }
  return false
}

/** What was thrown away and is not deleted for good. */
export const trashIn = (documents: ReadonlyMap<DocumentId, DocumentSummary>): DocumentSummary[] =>
  [...documents.values()].filter(({ trashedAt }) => trashedAt !== null)

/** Every tag in use outside the trash, in alphabetical order. */
export function tagsOf(documents: Iterable<DocumentSummary>): string[] {
  const tags = new Set<string>()
  for (const document of documents) if (document.trashedAt === null) for (const tag of document.tags) tags.add(tag)
  return [...tags].sort(byName)
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
/** Alphabetical as the platform has it, *Chapter 9* before *Chapter 10*. */
export const byName = (a: string, b: string) => collator.compare(a, b)
