import type { DocumentSummary, Folder, Settings } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { plainName } from '../app/format.ts'
import { byName, displayTitle, type LibraryContent, tagsOf } from './library-model.ts'

/**
 * The rows of the library's tree: four groups at the top, and in *Documents* the folders as they nest. A document may stand in several
 * groups, so a row's key names its group too.
 */
export type Row = GroupRow | FolderRow | DocumentRow | TagRow

export interface GroupRow {
  readonly kind: 'group'
  readonly key: GroupKey
  readonly name: string
  readonly children: readonly Row[]
}

export interface FolderRow {
  readonly kind: 'folder'
  readonly key: string
  readonly name: string
  readonly folder: Folder
  readonly children: readonly Row[]
}

export interface DocumentRow {
  readonly kind: 'document'
  readonly key: string
  readonly name: string
  readonly document: DocumentSummary
}

export interface TagRow {
  readonly kind: 'tag'
  readonly key: string
  readonly name: string
}

export type GroupKey = 'pinned' | 'recent' | 'documents' | 'tags'

/** The document of a row's key, or null for a folder, group or tag. */
export const documentOfKey = (key: string) =>
  /^(pinned|recent|documents):/.test(key) ? (key.slice(key.indexOf(':') + 1) as DocumentId) : null
/** The folder of a row's key, or null. */
export const folderOfKey = (key: string) => (key.startsWith('folder:') ? (key.slice('folder:'.length) as FolderId) : null)

/** Rows drawn at first, and each time more are asked for by scrolling to the last. */
export const rowStep = 150

/** How many rows are drawn in a folder, by its key, where it is more than at first. */
export type Reach = ReadonlyMap<string, number>
export const reachIn = (reach: Reach, within: string) => reach.get(within) ?? rowStep

/** Rows from top to bottom, with what is in the open ones. */
export function openRows(rows: readonly Row[], expanded: readonly string[]): Row[] {
  const within = (row: Row) => ('children' in row && expanded.includes(row.key) ? openRows(row.children, expanded) : [])
  return rows.flatMap((row) => [row, ...within(row)])
}

/** Keys of those that are drawn. */
export function drawnKeys(rows: readonly Row[], expanded: readonly string[], reach: Reach, within = ''): string[] {
  const inner = (row: Row) => ('children' in row && expanded.includes(row.key) ? drawnKeys(row.children, expanded, reach, row.key) : [])
  return rows.slice(0, reachIn(reach, within)).flatMap((row) => [row.key, ...inner(row)])
}

/** The next row from the one with `key`, and then from the top, whose name begins with what was typed. One letter goes on from row to row. */
export function rowNamed(rows: readonly Row[], typed: string, key: string): Row | undefined {
  const at = Math.max(
    0,
    rows.findIndex((row) => row.key === key),
  )
  const from = typed.length > 1 ? at : at + 1
  const begins = ({ name }: Row) => isSameLetters(name.slice(0, typed.length), typed)
  return rows.slice(from).find(begins) ?? rows.slice(0, from).find(begins)
}

const letters = new Intl.Collator(undefined, { usage: 'search', sensitivity: 'base' })
const isSameLetters = (a: string, b: string) => letters.compare(a, b) === 0

/** How many rows it takes to come to one, in each row that it lies in, by key and from the outermost; null where there is none. */
export function pathTo(rows: readonly Row[], key: string, within = ''): [within: string, count: number][] | null {
  for (const [index, row] of rows.entries()) {
    const inner = row.key === key ? [] : pathTo('children' in row ? row.children : [], key, row.key)
    if (inner) return [[within, index + 1], ...inner]
  }
  return null
}

/** All documents in these rows, each once. */
export function documentsIn(rows: readonly Row[]): DocumentId[] {
  const within = (row: Row): DocumentId[] =>
    row.kind === 'document' ? [row.document.id] : 'children' in row ? row.children.flatMap(within) : []
  return [...new Set(rows.flatMap(within))]
}

/** The row with a key, wherever it is nested. */
export function findRow(rows: readonly Row[], key: string | null | undefined): Row | undefined {
  for (const row of rows) {
    const found = row.key === key ? row : findRow('children' in row ? row.children : [], key)
    if (found) return found
  }
  return undefined
}

const recentCount = 5

/** Rows of the whole library in the chosen order. Empty groups are left out, but for *Documents*. */
export function libraryRows(library: LibraryContent, sort: Settings['sort']): GroupRow[] {
  const order = documentOrder(sort)
  const present = [...library.documents.values()].filter((document) => document.trashedAt === null)
  const pinned = present.filter((document) => document.pinned).sort(order)
  const groups: GroupRow[] = [
    { kind: 'group', key: 'pinned', name: 'Pinned', children: pinned.map(rowsIn('pinned')) },
    { kind: 'group', key: 'recent', name: 'Recently opened', children: recentlyOpened(present).map(rowsIn('recent')) },
    { kind: 'group', key: 'documents', name: 'Documents', children: folderContents(library, present.sort(order)) },
    { kind: 'group', key: 'tags', name: 'Tags', children: tagsOf(present).map(tagRow) },
  ]
  return groups.filter(({ key, children }) => key === 'documents' || children.length > 0)
}

const recentlyOpened = (present: readonly DocumentSummary[]) =>
  present
    .filter((document) => document.openedAt !== null)
    .sort((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0))
    .slice(0, recentCount)

const tagRow = (tag: string): TagRow => ({ kind: 'tag', key: `tag:${tag}`, name: tag })

/** Documents in order, without their folders: for a tag, or for the trash. */
export function flatRows(documents: Iterable<DocumentSummary>, sort: Settings['sort']): DocumentRow[] {
  return [...documents].sort(documentOrder(sort)).map(rowsIn('documents'))
}

function documentOrder(sort: Settings['sort']): (a: DocumentSummary, b: DocumentSummary) => number {
  if (sort === 'name') return (a, b) => byName(displayTitle(a), displayTitle(b))
  return sort === 'edited' ? (a, b) => b.editedAt - a.editedAt : (a, b) => b.createdAt - a.createdAt
}

/** What stands in no folder, with the folders before the documents. What lost its folder to a merge comes to the top, so that it can be found. */
function folderContents(library: LibraryContent, ordered: readonly DocumentSummary[]): Row[] {
  const { folders } = library
  const documentsIn = groupBy(ordered, (document) => known(folders, document.folder))
  const foldersIn = groupBy([...folders.values()], (folder) => known(folders, folder.parent))
  const placed = new Set<FolderId>()

  function contentsOf(parent: FolderId | null): Row[] {
    const inner = (foldersIn.get(parent) ?? []).sort((a, b) => byName(a.name, b.name))
    return [...inner.filter(({ id }) => !placed.has(id)).map(folderRow), ...(documentsIn.get(parent) ?? []).map(rowsIn('documents'))]
  }

  function folderRow(folder: Folder): FolderRow {
    placed.add(folder.id)
    return { kind: 'folder', key: `folder:${folder.id}`, name: plainName(folder.name), folder, children: contentsOf(folder.id) }
  }

  const top = contentsOf(null)
  // Each of these may place others of the same circle.
  const lost = [...folders.values()].flatMap((folder) => (placed.has(folder.id) ? [] : [folderRow(folder)]))
  return [...lost, ...top]
}

const known = (folders: LibraryContent['folders'], id: FolderId | null) => (id !== null && folders.has(id) ? id : null)

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** One row object for each summary and group, as long as the summary lives: lists compare rows by identity. */
const rowCache = new WeakMap<DocumentSummary, Partial<Record<GroupKey, DocumentRow>>>()

const rowsIn =
  (group: GroupKey) =>
  (document: DocumentSummary): DocumentRow => {
    const cached = rowCache.get(document) ?? {}
    rowCache.set(document, cached)
    cached[group] ??= { kind: 'document', key: `${group}:${document.id}`, name: displayTitle(document), document }
    return cached[group]
  }
