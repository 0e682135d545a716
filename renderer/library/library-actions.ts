import type { DocumentSummary, Folder } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import type { Desk, OpenFocus } from '../app/desk.ts'
import { formatCount } from '../app/format.ts'
import type { Messages } from '../app/messages.ts'
import type { Session } from '../app/session.ts'
import type { View } from '../app/view.ts'
import { displayTitle, foldersTo, type LibraryModel } from './library-model.ts'

/** What the person does with documents and folders. What can be undone is done at once and offers *Undo*. */
export interface LibraryActions {
  newDocument(folder?: FolderId | null): Promise<void>
  openDocument(id: DocumentId, focus?: OpenFocus): void
  renameDocument(id: DocumentId, title: string): Promise<void>
  duplicate(id: DocumentId): Promise<void>
  move(ids: readonly DocumentId[], folder: FolderId | null): Promise<void>
  setTags(id: DocumentId, tags: readonly string[]): Promise<void>
  setPinned(id: DocumentId, pinned: boolean): Promise<void>
  trash(ids: readonly DocumentId[]): Promise<void>
  restore(ids: readonly DocumentId[]): Promise<void>
  /** Cannot be undone: the person was asked before. */
  deleteForGood(ids: readonly DocumentId[]): Promise<void>
  /** A folder whose name is then typed in its place. */
  newFolder(parent?: FolderId | null): Promise<void>
  renameFolder(id: FolderId, name: string): Promise<void>
  moveFolder(id: FolderId, parent: FolderId | null): Promise<void>
  removeFolder(id: FolderId): Promise<void>
}

interface Surroundings {
  session: Session
  library: LibraryModel
  desk: Desk
  messages: Messages
  view: View
}

export function createLibraryActions({ session: { engine }, library, desk, messages, view }: Surroundings): LibraryActions {
  const { attempt, tell } = messages

  const summaryOf = (id: DocumentId) => library.get().documents.get(id)

  /** *“Moby Dick”*, or *3 documents*. */
  function called(ids: readonly DocumentId[]): string {
    const [only] = ids
    const summary = only === undefined || ids.length > 1 ? undefined : summaryOf(only)
    return summary ? `“${displayTitle(summary)}”` : formatCount(ids.length, 'document')
  }

  function open(id: DocumentId, focus?: OpenFocus) {
    view.drawer.set(false)
    void desk.open(id, focus)
  }

  function clearDeskOf(ids: readonly DocumentId[]) {
    const present = desk.onDesk.get()
    if (present.state !== 'empty' && present.id !== null && ids.includes(present.id)) desk.clear()
  }

  async function restore(ids: readonly DocumentId[]) {
    await attempt(`${called(ids)} was not taken out of the trash.`, engine.call('document.restore', { ids: [...ids] }))
  }

  /** Opens a folder and all that it stands in. */
  function unfold(folder: FolderId | null) {
    const { folders } = library.get()
    const keys = foldersTo(folders, folder).map(({ id }) => `folder:${id}`)
    view.expanded.set([...new Set([...view.expanded.get(), 'documents', ...keys])])
  }

  /** Puts each document back where it was. */
  async function moveBack(before: readonly DocumentSummary[]) {
    for (const { id, folder } of before)
      await attempt('A document was not moved back.', engine.call('document.move', { ids: [id], folder }))
  }

  /** A folder like the one that was removed, with what was in it. */
  async function makeAgain({ name, parent }: Folder, within: { folders: readonly Folder[]; documents: readonly DocumentSummary[] }) {
    const failed = `The folder “${name}” was not made again.`
    const made = await attempt(failed, engine.call('folder.create', { name, parent }))
    if (!made) return
    for (const { id } of within.folders) await attempt(failed, engine.call('folder.move', { id, parent: made.id }))
    const ids = within.documents.map(({ id }) => id)
    if (ids.length > 0) await attempt(failed, engine.call('document.move', { ids, folder: made.id }))
  }

  return {
    openDocument: open,
    async newDocument(folder = null) {
      view.drawer.set(false)
      const made = attempt('The document was not made.', engine.call('document.create', { folder }))
      await desk.openMade(idOf(made), 'title')
    },
    async renameDocument(id, title) {
      library.retitle(id, title)
      await attempt(`${called([id])} was not renamed.`, engine.call('document.rename', { id, title }))
    },
    async duplicate(id) {
      const copy = attempt(`${called([id])} was not duplicated.`, engine.call('document.duplicate', { id }))
      await desk.openMade(idOf(copy), 'text')
    },
    async move(ids, folder) {
      const before = ids.flatMap((id) => summaryOf(id) ?? []).filter((summary) => summary.folder !== folder)
      if (before.length === 0) return
      const moved = await attempt(`${called(ids)} was not moved.`, engine.call('document.move', { ids: [...ids], folder }))
      if (moved === undefined) return
      const name = folder === null ? 'Documents' : (library.get().folders.get(folder)?.name ?? '')
      tell(`Moved ${called(ids)} to “${name}”.`, { label: 'Undo', run: () => void moveBack(before) })
    },
    async setTags(id, tags) {
      await attempt(`The tags of ${called([id])} were not kept.`, engine.call('document.tag', { id, tags: [...tags] }))
    },
    async setPinned(id, pinned) {
      await attempt(`${called([id])} was not ${pinned ? 'pinned' : 'unpinned'}.`, engine.call('document.pin', { id, pinned }))
    },
    async trash(ids) {
      const name = called(ids)
      clearDeskOf(ids)
      const done = await attempt(`${name} was not moved to the trash.`, engine.call('document.trash', { ids: [...ids] }))
      if (done !== undefined) tell(`Moved ${name} to the trash.`, { label: 'Undo', run: () => void restore(ids) })
    },
    restore,
    async deleteForGood(ids) {
      const name = called(ids)
      clearDeskOf(ids)
      const done = await attempt(`${name} was not deleted.`, engine.call('document.delete', { ids: [...ids] }))
      if (done !== undefined) tell(`Deleted ${name}.`)
    },
    async newFolder(parent = null) {
      const made = await attempt('The folder was not made.', engine.call('folder.create', { name: 'New folder', parent }))
      if (!made) return
      unfold(parent)
      view.renaming.set(`folder:${made.id}`)
    },
    async renameFolder(id, name) {
      await attempt('The folder was not renamed.', engine.call('folder.rename', { id, name }))
    },
    async moveFolder(id, parent) {
      const before = library.get().folders.get(id)
      if (!before || before.parent === parent) return
      const done = await attempt('The folder was not moved.', engine.call('folder.move', { id, parent }))
      if (done === undefined) return
      const moveBack = () => attempt('The folder was not moved back.', engine.call('folder.move', { id, parent: before.parent }))
      tell(`Moved the folder “${before.name}”.`, { label: 'Undo', run: () => void moveBack() })
    },
    async removeFolder(id) {
      const { folders, documents } = library.get()
      const folder = folders.get(id)
      if (!folder) return
      const within = {
        folders: [...folders.values()].filter(({ parent }) => parent === id),
        documents: [...documents.values()].filter((document) => document.folder === id),
      }
      const done = await attempt(`The folder “${folder.name}” was not removed.`, engine.call('folder.remove', { id }))
      if (done === undefined) return
      tell(`Removed the folder “${folder.name}”. What was in it is one level up.`, {
        label: 'Undo',
        run: () => void makeAgain(folder, within),
      })
    },
  }
}

const idOf = async (made: Promise<DocumentSummary | undefined>): Promise<DocumentId | undefined> => (await made)?.id
