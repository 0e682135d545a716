import { useStore } from '@nanostores/react'
import { Mail, PanelLeftClose, Search, Settings, SquarePen, Trash2 } from 'lucide-react'
import { Button } from 'react-aria-components'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { formatNumber } from '../app/format.ts'
import { narrow, useMedia } from '../app/media.ts'
import { newDocumentShortcut } from '../app/app-commands.ts'
import { LibraryPanel } from './library-panel.tsx'
import { trashIn } from './library-model.ts'
import { SearchPanel } from './search-panel.tsx'
import { TagPanel } from './tag-panel.tsx'
import { TrashPanel } from './trash-panel.tsx'

/** The left column: the library, what was searched for, or the trash. */
export function Sidebar() {
  const { view } = useApp()
  const panel = useStore(view.sidebar)
  return (
    <nav className="sidebar" aria-label="Library">
      <SidebarHeader />
      {panel.show === 'library' && <LibraryPanel />}
      {panel.show === 'search' && <SearchPanel />}
      {panel.show === 'tag' && <TagPanel tag={panel.tag} />}
      {panel.show === 'trash' && <TrashPanel />}
      <InvitationsButton />
      <SidebarFooter />
    </nav>
  )
}

function SidebarHeader() {
  const { actions, session, view } = useApp()
  const panel = useStore(view.sidebar)
  const isNarrow = useMedia(narrow)
  const close = () => (isNarrow ? view.drawer.set(false) : void session.updateSettings({ sidebarOpen: false }))
  return (
    <div className="sidebar-header">
      <div className="sidebar-actions">
        <IconButton icon={PanelLeftClose} label="Hide library" shortcut="Mod-\" onPress={close} />
        <IconButton
          icon={SquarePen}
          label="New document"
          shortcut={newDocumentShortcut}
          className="new-document"
          onPress={() => void actions.newDocument()}
        />
      </div>
      {panel.show !== 'search' && (
        <Button className="search-button" onPress={() => view.sidebar.set({ show: 'search' })}>
          <Search aria-hidden="true" size={16} strokeWidth={1.75} />
          <span>Search</span>
        </Button>
      )}
    </div>
  )
}

/** There only while somebody offers something. */
function InvitationsButton() {
  const { feed, view } = useApp()
  const { length } = useStore(feed.invitations)
  if (length === 0) return null
  return (
    <div className="sidebar-footer">
      <Button className="footer-button" onPress={() => view.dialog.set({ name: 'invitations' })}>
        <Mail aria-hidden="true" size={16} strokeWidth={1.75} />
        <span>Invitations</span>
        <span className="count">{formatNumber(length)}</span>
      </Button>
    </div>
  )
}

function SidebarFooter() {
  const { library, view } = useApp()
  const panel = useStore(view.sidebar)
  const { documents } = useStore(library)
  const trashed = trashIn(documents).length
  const isTrash = panel.show === 'trash'
  return (
    <div className="sidebar-footer">
      <Button className="footer-button" aria-pressed={isTrash} onPress={() => view.sidebar.set({ show: isTrash ? 'library' : 'trash' })}>
        <Trash2 aria-hidden="true" size={16} strokeWidth={1.75} />
        <span>Trash</span>
        {trashed > 0 && <span className="count">{formatNumber(trashed)}</span>}
      </Button>
      <IconButton icon={Settings} label="Settings" shortcut="Mod-," onPress={() => view.dialog.set({ name: 'settings' })} />
    </div>
  )
}
