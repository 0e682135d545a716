import { useStore } from '@nanostores/react'
import { Folder, Library as LibraryIcon } from 'lucide-react'
import { useMemo } from 'react'
import { Autocomplete, ListBox, ListBoxItem, SearchField, useFilter } from 'react-aria-components'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { byName, folderPath, isInside } from '../../library/library-model.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { ListSearchInput } from '../list-search-input.tsx'

/** Where documents may go: any folder, or none. */
export function MoveDialog({ ids, onClose }: { ids: readonly DocumentId[]; onClose(): void }) {
  const { actions } = useApp()
  return <FolderChoice title="Move to" canTake={() => true} onClose={onClose} onChoose={(folder) => void actions.move(ids, folder)} />
}

/** Where a folder may go: anywhere but into itself. */
export function MoveFolderDialog({ id, onClose }: { id: FolderId; onClose(): void }) {
  const { actions, library } = useApp()
  const { folders } = useStore(library)
  return (
    <FolderChoice
      title="Move folder to"
      canTake={(folder) => !isInside(folders, folder, id)}
      onClose={onClose}
      onChoose={(parent) => void actions.moveFolder(id, parent)}
    />
  )
}

interface FolderChoiceProps {
  title: string
  canTake(folder: FolderId): boolean
  onChoose(folder: FolderId | null): void
  onClose(): void
}

const top = 'top'
const topName = 'Documents, outside any folder'

function FolderChoice({ title, canTake, onChoose, onClose }: FolderChoiceProps) {
  const { library } = useApp()
  const { folders } = useStore(library)
  const { contains } = useFilter({ sensitivity: 'base' })
  const choices = useMemo(
    () => [...folders.keys()].map((id) => ({ id, path: folderPath(folders, id).join(' / ') })).sort((a, b) => byName(a.path, b.path)),
    [folders],
  )
  const possible = choices.filter(({ id }) => canTake(id))
  function choose(key: string) {
    onClose()
    onChoose(key === top ? null : (key as FolderId))
  }
  function chooseFirst(typed: string) {
    const first = [{ id: top, path: topName }, ...possible].find(({ path }) => contains(path, typed))
    if (first) choose(first.id)
  }
  return (
    <DialogFrame title={title} kind="small" onClose={onClose}>
      <Autocomplete filter={contains}>
        <SearchField className="field" aria-label="Find a folder" autoFocus>
          <ListSearchInput placeholder="Find a folder" onChooseFirst={chooseFirst} />
        </SearchField>
        <ListBox
          className="choice-list"
          aria-label="Folders"
          onAction={(key) => choose(String(key))}
          renderEmptyState={() => 'No folder has this name.'}
        >
          <ListBoxItem className="choice" id={top} textValue={topName}>
            <LibraryIcon aria-hidden="true" size={16} strokeWidth={1.75} />
            <span className="item-label">{topName}</span>
          </ListBoxItem>
          {possible.map(({ id, path }) => (
            <ListBoxItem key={id} className="choice" id={id} textValue={path}>
              <Folder aria-hidden="true" size={16} strokeWidth={1.75} />
              <span className="item-label">{path}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Autocomplete>
    </DialogFrame>
  )
}
