/**
 * The native menu. Its items run commands of the page by id. The page decides whether a command applies, and listens for the shortcuts
 * itself; here they are only shown.
 */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'

type Item = MenuItemConstructorOptions

const separator: Item = { type: 'separator' }

export function showMenu(run: (id: string) => void) {
  const command = (label: string, id: string, accelerator?: string): Item => ({
    id,
    label,
    accelerator,
    registerAccelerator: false,
    click: () => run(id),
  })
  const menus = process.platform === 'darwin' ? [appMenu(command)] : []
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...menus,
      fileMenu(command),
      editMenu(command),
      formatMenu(command),
      viewMenu(command),
      { role: 'windowMenu' },
    ]),
  )
}

type CommandItem = (label: string, id: string, accelerator?: string) => Item

const appMenu = (command: CommandItem): Item => ({
  label: app.name,
  submenu: [
    { role: 'about' },
    separator,
    command('Settings…', 'settings.open', 'Cmd+,'),
    separator,
    { role: 'services' },
    separator,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    separator,
    { role: 'quit' },
  ],
})

const fileMenu = (command: CommandItem): Item => ({
  label: 'File',
  submenu: [
    command('New Document', 'document.new', 'CmdOrCtrl+N'),
    command('New Folder', 'folder.new'),
    separator,
    command('Import…', 'library.import'),
    command('Export…', 'document.export'),
    separator,
    command('Share…', 'share.document'),
    command('History', 'view.history'),
    separator,
    process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
  ],
})

const editMenu = (command: CommandItem): Item => ({
  label: 'Edit',
  submenu: [
    // Undo is the document's own, not the browser's.
    command('Undo', 'edit.undo', 'CmdOrCtrl+Z'),
    command('Redo', 'edit.redo', process.platform === 'win32' ? 'Ctrl+Y' : 'CmdOrCtrl+Shift+Z'),
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'pasteAndMatchStyle' },
    { role: 'selectAll' },
    separator,
    command('Find and Replace…', 'edit.find', 'CmdOrCtrl+F'),
    command('Search All Documents', 'library.search', 'CmdOrCtrl+Shift+F'),
  ],
})

const formatMenu = (command: CommandItem): Item => ({
  label: 'Format',
  submenu: [
    command('Bold', 'format.strong', 'CmdOrCtrl+B'),
    command('Italic', 'format.em', 'CmdOrCtrl+I'),
    command('Underline', 'format.underline', 'CmdOrCtrl+U'),
    separator,
    command('Paragraph', 'format.paragraph'),
    command('Clear Formatting', 'format.clear'),
  ],
})

const viewMenu = (command: CommandItem): Item => ({
  label: 'View',
  submenu: [
    command('Commands…', 'palette.open', 'CmdOrCtrl+K'),
    separator,
    command('Library', 'view.sidebar'),
    command('Outline', 'view.outline'),
    command('Focus Mode', 'view.focus-page'),
    command('Typewriter Scrolling', 'view.typewriter'),
    separator,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ],
})
