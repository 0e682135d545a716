import type { Settings } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import { shell } from '../client/shell.ts'
import { trashIn } from '../library/library-model.ts'
import type { AppModel } from './app-model.ts'
import type { Command } from './commands.ts'
import { isNarrow } from './media.ts'
import type { MarginPanel } from './view.ts'

/** A browser keeps `Mod-n` for its own windows. */
export const newDocumentShortcut = shell ? 'Mod-n' : 'Mod-Alt-n'

/** Everything that can be done outside the text. */
export function appCommands(app: AppModel): Command[] {
  return [...documentCommands(app), ...libraryCommands(app), ...viewCommands(app), ...shareCommands(app), ...generalCommands(app)]
}

function documentCommands({ actions, desk, library, view }: AppModel): Command[] {
  const openId = () => {
    const onDesk = desk.onDesk.get()
    return onDesk.state === 'open' ? onDesk.id : null
  }
  const summary = () => library.get().documents.get(openId() ?? ('' as DocumentId))
  const isOpen = () => openId() !== null
  const isHere = () => summary()?.trashedAt === null
  const isTrashed = () => typeof summary()?.trashedAt === 'number'
  const withDocument = (run: (id: DocumentId) => void) => () => {
    const id = openId()
    if (id !== null) run(id)
  }
  return [
    {
      id: 'document.new',
      title: 'New document',
      section: 'File',
      shortcut: newDocumentShortcut,
      isGlobal: true,
      keywords: 'create write begin',
      run: () => actions.newDocument(),
    },
    {
      id: 'document.duplicate',
      title: 'Duplicate document',
      section: 'File',
      keywords: 'copy',
      isEnabled: isOpen,
      run: withDocument((id) => void actions.duplicate(id)),
    },
    {
      id: 'document.move',
      title: 'Move document…',
      section: 'File',
      keywords: 'folder',
      isEnabled: isOpen,
      run: withDocument((id) => view.dialog.set({ name: 'move', ids: [id] })),
    },
    {
      id: 'document.tag',
      title: 'Tags of the document…',
      section: 'File',
      keywords: 'label',
      isEnabled: isOpen,
      run: withDocument((id) => view.dialog.set({ name: 'tags', id })),
    },
    {
      id: 'document.pin',
      title: 'Pin document',
      section: 'File',
      keywords: 'unpin favourite',
      isEnabled: isOpen,
      isChecked: () => summary()?.pinned === true,
      run: withDocument((id) => void actions.setPinned(id, summary()?.pinned !== true)),
    },
    {
      id: 'document.trash',
      title: 'Move document to trash',
      section: 'File',
      keywords: 'delete remove throw away',
      isEnabled: isHere,
      run: withDocument((id) => void actions.trash([id])),
    },
    {
      id: 'document.restore',
      title: 'Take document out of the trash',
      section: 'File',
      keywords: 'restore bring back',
      isEnabled: isTrashed,
      run: withDocument((id) => void actions.restore([id])),
    },
    {
      id: 'document.delete',
      title: 'Delete document for good…',
      section: 'File',
      keywords: 'remove trash',
      isEnabled: isTrashed,
      run: withDocument((id) => view.dialog.set({ name: 'delete', ids: [id] })),
    },
    {
      id: 'document.close',
      title: 'Close document',
      section: 'File',
      isEnabled: isOpen,
      run: () => desk.clear(),
    },
  ]
}

function libraryCommands({ actions, library, session, view }: AppModel): Command[] {
  const trashed = () => trashIn(library.get().documents).map(({ id }) => id)
  /** Brings the left column into sight, whichever way this window shows it. */
  function showSidebar() {
    const { sidebarOpen, focus } = session.settings.get()
    if (isNarrow()) view.drawer.set(true)
    else if (!sidebarOpen || focus !== 'off') void session.updateSettings({ sidebarOpen: true, focus: 'off' })
  }
  return [
    {
      id: 'folder.new',
      title: 'New folder',
      section: 'File',
      keywords: 'create',
      run() {
        showSidebar()
        view.sidebar.set({ show: 'library' })
        return actions.newFolder()
      },
    },
    {
      id: 'library.search',
      title: 'Search the library',
      section: 'Go',
      shortcut: 'Mod-Shift-f',
      isGlobal: true,
      keywords: 'find full text',
      run() {
        showSidebar()
        view.sidebar.set({ show: 'search' })
      },
    },
    {
      id: 'library.show',
      title: 'Go to the library',
      section: 'Go',
      keywords: 'documents folders sidebar',
      run() {
        showSidebar()
        view.sidebar.set({ show: 'library' })
      },
    },
    {
      id: 'library.trash',
      title: 'Go to the trash',
      section: 'Go',
      keywords: 'deleted restore bin',
      run() {
        showSidebar()
        view.sidebar.set({ show: 'trash' })
      },
    },
    {
      id: 'library.empty-trash',
      title: 'Empty the trash…',
      section: 'File',
      keywords: 'delete for good bin',
      isEnabled: () => trashed().length > 0,
      run: () => view.dialog.set({ name: 'delete', ids: trashed() }),
    },
  ]
}

const themeNames: Record<Settings['theme'], string> = {
  system: 'Use the system’s theme',
  light: 'Use the light theme',
  dark: 'Use the dark theme',
}
const orderNames: Record<Settings['sort'], string> = {
  edited: 'Library by last edited',
  created: 'Library by newest',
  name: 'Library by name',
}
function viewCommands({ desk, session, view }: AppModel): Command[] {
  const { settings, updateSettings } = session
  const isOpen = () => desk.onDesk.get().state === 'open'
  const panel = (name: Exclude<MarginPanel, 'none'>, title: string, shortcut: string, keywords: string): Command => ({
    id: `view.${name}`,
    title,
    section: 'View',
    shortcut,
    isGlobal: true,
    keywords,
    isEnabled: isOpen,
    isChecked: () => view.margin.get() === name,
    run: () => view.margin.set(view.margin.get() === name ? 'none' : name),
  })
  const themes = (Object.keys(themeNames) as Settings['theme'][]).map(
    (theme): Command => ({
      id: `view.theme-${theme}`,
      title: themeNames[theme],
      section: 'View',
      keywords: 'appearance colour night day mode',
      isChecked: () => settings.get().theme === theme,
      run: () => updateSettings({ theme }),
    }),
  )
  const orders = (Object.keys(orderNames) as Settings['sort'][]).map(
    (sort): Command => ({
      id: `library.order-${sort}`,
      title: orderNames[sort],
      section: 'View',
      keywords: 'sort order library',
      isChecked: () => settings.get().sort === sort,
      run: () => updateSettings({ sort }),
    }),
  )
  return [
    {
      id: 'view.sidebar',
      title: 'Library beside the page',
      section: 'View',
      shortcut: 'Mod-\\',
      isGlobal: true,
      keywords: 'sidebar hide show column',
      isChecked: () => settings.get().sidebarOpen,
      run() {
        if (!isNarrow()) return updateSettings({ sidebarOpen: !settings.get().sidebarOpen })
        view.drawer.set(!view.drawer.get())
      },
    },
    ...orders,
    panel('history', 'History of the document', 'Mod-Shift-y', 'versions timeline restore past'),
    panel('outline', 'Outline of the document', 'Mod-Shift-o', 'headings contents'),
    ...themes,
  ]
}

function shareCommands({ desk, view }: AppModel): Command[] {
  return [
    {
      id: 'share.document',
      title: 'Share document…',
      section: 'Share',
      keywords: 'link relay copy invite',
      isEnabled: () => desk.onDesk.get().state === 'open',
      run() {
        const onDesk = desk.onDesk.get()
        if (onDesk.state === 'open') view.dialog.set({ name: 'share', id: onDesk.id })
      },
    },
    {
      id: 'share.open-link',
      title: 'Open a link…',
      section: 'Share',
      keywords: 'shared join paste',
      run: () => view.dialog.set({ name: 'open-link', link: '' }),
    },
    {
      id: 'share.invitations',
      title: 'Invitations…',
      section: 'Share',
      keywords: 'offer accept decline answer',
      run: () => view.dialog.set({ name: 'invitations' }),
    },
  ]
}

function generalCommands({ view }: AppModel): Command[] {
  return [
    {
      id: 'palette.open',
      title: 'Commands and documents…',
      section: 'Go',
      shortcut: 'Mod-k',
      isGlobal: true,
      run: () => view.dialog.set({ name: 'palette' }),
    },
    {
      id: 'settings.open',
      title: 'Settings…',
      section: 'Edit',
      shortcut: 'Mod-,',
      isGlobal: true,
      keywords: 'preferences options font size theme relay name device phone laptop',
      run: () => view.dialog.set({ name: 'settings' }),
    },
    {
      id: 'help.shortcuts',
      title: 'Keyboard shortcuts',
      section: 'Help',
      shortcut: 'Mod-/',
      isGlobal: true,
      keywords: 'keys help',
      run: () => view.dialog.set({ name: 'shortcuts' }),
    },
  ]
}
