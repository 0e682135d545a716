import { useRef } from 'react'
import { Menu, MenuItem, MenuSection, Popover } from 'react-aria-components'
import type { DocumentId } from '../../core/ids.ts'
import type { AppModel } from '../app/app-model.ts'
import { useApp } from '../app/app-model.ts'
import type { Point } from './library-row.tsx'
import type { Row } from './library-rows.ts'

export interface RowMenuPlace {
  row: Row
  at: Point
  /** The documents that it acts on. */
  documents: readonly DocumentId[]
}

interface Item {
  id: string
  title: string
  isDanger?: boolean
  run(): void
}

interface RowMenuProps {
  place: RowMenuPlace
  onClose(): void
}

/** What can be done with a row, where it was asked for. */
export function RowMenu({ place, onClose }: RowMenuProps) {
  const app = useApp()
  const anchor = useRef<HTMLSpanElement>(null)
  const groups = itemsFor(place, app)
  const run = (id: string) =>
    groups
      .flat()
      .find((item) => item.id === id)
      ?.run()
  return (
    <>
      <span
        ref={(element) => {
          anchor.current = element
          if (element) Object.assign(element.style, { left: `${place.at.x}px`, top: `${place.at.y}px` })
        }}
        className="menu-anchor"
      />
      <Popover className="popover menu-popover" triggerRef={anchor} isOpen onOpenChange={onClose} placement="bottom start" offset={0}>
        <Menu className="menu" aria-label={place.row.name} autoFocus="first" onAction={(key) => run(String(key))} onClose={onClose}>
          {groups.map((items) => (
            <MenuSection key={items[0]?.id} className="menu-section" aria-label={items[0]?.title}>
              {items.map((item) => (
                <MenuItem key={item.id} id={item.id} className="menu-item" textValue={item.title} data-danger={item.isDanger}>
                  <span className="item-label">{item.title}</span>
                </MenuItem>
              ))}
            </MenuSection>
          ))}
        </Menu>
      </Popover>
    </>
  )
}

function itemsFor({ row, documents }: RowMenuPlace, app: AppModel): Item[][] {
  if (row.kind === 'folder') return folderItems(row, app)
  if (row.kind !== 'document') return []
  return row.document.trashedAt === null ? documentItems(row, documents, app) : trashedItems(documents, app)
}

function documentItems(row: Row & { kind: 'document' }, ids: readonly DocumentId[], app: AppModel): Item[][] {
  const { actions, view } = app
  const { id, pinned } = row.document
  const trash: Item = { id: 'trash', title: 'Move to trash', isDanger: true, run: () => void actions.trash(ids) }
  const move: Item = { id: 'move', title: 'Move to…', run: () => view.dialog.set({ name: 'move', ids }) }
  if (ids.length > 1) return [[move], [trash]]
  return [
    [
      { id: 'open', title: 'Open', run: () => actions.openDocument(id) },
      { id: 'rename', title: 'Rename', run: () => view.renaming.set(row.key) },
      { id: 'duplicate', title: 'Duplicate', run: () => void actions.duplicate(id) },
      move,
    ],
    [
      { id: 'pin', title: pinned ? 'Unpin' : 'Pin', run: () => void actions.setPinned(id, !pinned) },
      { id: 'tags', title: 'Tags…', run: () => view.dialog.set({ name: 'tags', id }) },
      { id: 'share', title: 'Share…', run: () => view.dialog.set({ name: 'share', id }) },
    ],
    [trash],
  ]
}

function trashedItems(ids: readonly DocumentId[], { actions, view }: AppModel): Item[][] {
  return [
    [{ id: 'restore', title: 'Take out of the trash', run: () => void actions.restore(ids) }],
    [{ id: 'delete', title: 'Delete for good…', isDanger: true, run: () => view.dialog.set({ name: 'delete', ids }) }],
  ]
}

function folderItems(row: Row & { kind: 'folder' }, { actions, view }: AppModel): Item[][] {
  const { id } = row.folder
  const unfold = () => view.expanded.set([...new Set([...view.expanded.get(), row.key])])
  async function addDocument() {
    unfold()
    await actions.newDocument(id)
  }
  return [
    [
      { id: 'new-document', title: 'New document here', run: () => void addDocument() },
      { id: 'new-folder', title: 'New folder here', run: () => void actions.newFolder(id) },
    ],
    [
      { id: 'rename', title: 'Rename', run: () => view.renaming.set(row.key) },
      { id: 'move', title: 'Move to…', run: () => view.dialog.set({ name: 'move-folder', id }) },
      { id: 'share', title: 'Share…', run: () => view.dialog.set({ name: 'share-folder', id }) },
    ],
    [{ id: 'remove', title: 'Remove the folder, keep what is in it', isDanger: true, run: () => void actions.removeFolder(id) }],
  ]
}
