import { useStore } from '@nanostores/react'
import { History, ListTree, MoreHorizontal, PanelLeft, Search, Share2, SquarePen } from 'lucide-react'
import { Button, MenuTrigger, Popover } from 'react-aria-components'
import type { OpenDocument } from '../documents/open-document.ts'
import { folderPath } from '../library/library-model.ts'
import { newDocumentShortcut } from './app-commands.ts'
import { useApp } from './app-model.ts'
import { plainName } from './format.ts'
import { runCommand } from './commands.ts'
import { CommandMenu } from './command-menu.tsx'
import { IconButton } from './controls.tsx'
import { narrow, useMedia } from './media.ts'
import { SyncStatus } from './sync-status.tsx'

/** What is in *More* for the open document. */
const documentCommands = [
  ['document.duplicate', 'document.move', 'document.tag', 'document.pin'],
  ['edit.find', 'view.focus-page', 'view.typewriter'],
  ['file.export', 'document.trash'],
]

/** The slim bar above the page. It fades while the person types. */
export function TopBar() {
  const { desk, session, view } = useApp()
  const onDesk = useStore(desk.onDesk)
  const { sidebarOpen, focus } = useStore(session.settings)
  const isAlone = focus !== 'off'
  const margin = useStore(view.margin)
  const isNarrow = useMedia(narrow)
  const document = onDesk.state === 'open' ? onDesk.document : null
  return (
    <header className="top-bar">
      {(isNarrow || !sidebarOpen || isAlone) && <LibraryButtons />}
      {document ? <Location document={document} /> : <div className="location" />}
      {document && (
        <>
          <SyncStatus document={document} />
          <Button className="text-button" onPress={() => view.dialog.set({ name: 'share', id: document.id })}>
            <Share2 aria-hidden="true" size={16} strokeWidth={1.75} />
            <span>Share</span>
          </Button>
          <Button
            className="text-button"
            aria-pressed={margin === 'history'}
            onPress={() => view.margin.set(margin === 'history' ? 'none' : 'history')}
          >
            <History aria-hidden="true" size={16} strokeWidth={1.75} />
            <span>History</span>
          </Button>
          <IconButton
            icon={ListTree}
            label="Outline"
            aria-pressed={margin === 'outline'}
            onPress={() => view.margin.set(margin === 'outline' ? 'none' : 'outline')}
          />
          <MenuTrigger>
            <IconButton icon={MoreHorizontal} label="More" />
            <Popover className="popover menu-popover" placement="bottom end">
              <CommandMenu label="More" groups={documentCommands} />
            </Popover>
          </MenuTrigger>
        </>
      )}
    </header>
  )
}

/** What the library's column would offer, while it is not in sight. */
function LibraryButtons() {
  const { actions } = useApp()
  return (
    <>
      <IconButton icon={PanelLeft} label="Show library" shortcut="Mod-\\" onPress={() => runCommand('library.show')} />
      <IconButton icon={Search} label="Search" shortcut="Mod-Shift-f" onPress={() => runCommand('library.search')} />
      <IconButton icon={SquarePen} label="New document" shortcut={newDocumentShortcut} onPress={() => void actions.newDocument()} />
    </>
  )
}

/** Where the document stands: its folders, then its title as it is typed. */
function Location({ document }: { document: OpenDocument }) {
  const { library } = useApp()
  const title = useStore(document.title)
  const { folders, documents } = useStore(library)
  const path = folderPath(folders, documents.get(document.id)?.folder ?? null)
  return (
    <div className="location">
      {path.map((name, index) => (
        <span key={index} className="location-folder">
          {name}
        </span>
      ))}
      <span className="location-title">{plainName(title) || 'Untitled'}</span>
    </div>
  )
}
