import { useStore } from '@nanostores/react'
import { ArrowDownUp, FolderPlus } from 'lucide-react'
import { useDeferredValue, useMemo } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import type { Settings } from '../../core/contract/engine.ts'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { libraryRows } from './library-rows.ts'
import { LibraryTree } from './library-tree.tsx'

const orders: readonly (readonly [Settings['sort'], string])[] = [
  ['edited', 'Last edited'],
  ['created', 'Newest'],
  ['name', 'Name'],
]

/** The whole library as a tree. */
export function LibraryPanel() {
  const { actions, library, session } = useApp()
  const content = useStore(library)
  const { sort } = useStore(session.settings)
  // Each save of the open document moves it in the order; a large library is sorted again when there is time.
  const deferred = useDeferredValue(content)
  const rows = useMemo(() => libraryRows(deferred, sort), [deferred, sort])
  const isEmpty = content.isRead && content.documents.size === 0 && content.folders.size === 0

  if (isEmpty)
    return <p className="panel-empty panel-body">Your documents stand here, in folders if you like, and stay on this computer.</p>
  return (
    <>
      <div className="panel-header">
        <h2>Library</h2>
        <IconButton icon={FolderPlus} label="New folder" onPress={() => void actions.newFolder()} />
        <MenuTrigger>
          <IconButton icon={ArrowDownUp} label="Order" />
          <Popover className="popover menu-popover">
            <Menu
              className="menu"
              aria-label="Order"
              selectionMode="single"
              selectedKeys={[sort]}
              onAction={(key) => void session.updateSettings({ sort: key as Settings['sort'] })}
            >
              {orders.map(([order, name]) => (
                <MenuItem key={order} id={order} className="menu-item" textValue={name}>
                  <span className="item-label">{name}</span>
                </MenuItem>
              ))}
            </Menu>
          </Popover>
        </MenuTrigger>
      </div>
      {/* The tree costs more than all else in the window, and the text does not wait for it. */}
      {deferred.isRead ? <LibraryTree label="Documents" rows={rows} /> : <div className="library-frame" />}
    </>
  )
}
