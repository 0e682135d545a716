import type { Folder } from '../../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { maxInnerFolders, type RelayParams } from '../../../core/protocol/relay-api.ts'

export type FolderTree = Pick<RelayParams<'folder.declare'>, 'documents'> & { inner: NonNullable<RelayParams<'folder.declare'>['inner']> }

interface Places {
  folder(id: FolderId): Pick<Folder, 'name' | 'parent'>
  entry(id: DocumentId): { folder: FolderId | null }
}

/** What is in a folder, folder by folder, each after the one that it is in; those without documents are left out. Beyond the most that a relay takes, documents are told in what their folder is in. */
export function treeOf(library: Places, shared: FolderId, documents: readonly DocumentId[]): FolderTree {
  const tree: FolderTree = { documents: [], inner: [] }
  const lists = new Map([[shared, tree.documents]])
  for (const document of documents) {
    let list = tree.documents
    for (const id of pathTo(library, shared, library.entry(document).folder)) {
      if (!lists.has(id) && lists.size > maxInnerFolders) break
      list = lists.get(id) ?? begin(id)
    }
    list.push(document)
  }
  return tree

  function begin(id: FolderId): DocumentId[] {
    const { name, parent } = library.folder(id)
    const list: DocumentId[] = []
    tree.inner.push({ id, name, parent: parent ?? shared, documents: list })
    lists.set(id, list)
    return list
  }
}

/** The folders from the shared one, without it, to another one in it. */
function pathTo(library: Places, shared: FolderId, folder: FolderId | null): FolderId[] {
  const path: FolderId[] = []
  for (let at = folder; at !== null && at !== shared && !path.includes(at); at = library.folder(at).parent) path.unshift(at)
  return path
}
