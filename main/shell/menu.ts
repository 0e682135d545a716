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
    command('Duplicate', 'document.duplicate'),
    separator,
    command('Import Files…', 'file.import'),
    command('Import a Folder…', 'file.import-folder'),
    command('Export…', 'file.export'),
    command('Export the Library…', 'file.export-library'),
    separator,
    command('Share…', 'share.document'),
    command('Open a Link…', 'share.open-link'),
    separator,
    ...(process.platform === 'darwin'
      ? [{ role: 'close' } as const]
      : [command('Settings…', 'settings.open', 'Ctrl+,'), separator, { role: 'quit' } as const]),
  ],
})

const editMenu = (command: CommandItem): Item => ({
  label: 'Edit',
  submenu: [
    // Undo is the document's own, not the browser's.
    command('Undo', 'edit.undo', 'CmdOrCtrl+Z'),
    command('Redo', 'edit.redo', 'CmdOrCtrl+Shift+Z'),
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'pasteAndMatchStyle' },
    { role: 'selectAll' },
    separator,
    command('Find and Replace…', 'edit.find', 'CmdOrCtrl+F'),
    command('Search the Library', 'library.search', 'CmdOrCtrl+Shift+F'),
    separator,
    command('Check Spelling', 'edit.spell-check'),
    command('Smart Quotes and Dashes', 'edit.smart-punctuation'),
  ],
})

const formatMenu = (command: CommandItem): Item => ({
  label: 'Format',
  submenu: [
    command('Bold', 'format.strong', 'CmdOrCtrl+B'),
    command('Italic', 'format.em', 'CmdOrCtrl+I'),
    command('Underline', 'format.underline', 'CmdOrCtrl+U'),
    command('Strikethrough', 'format.strikethrough', 'CmdOrCtrl+Shift+X'),
    command('Link…', 'insert.link', 'CmdOrCtrl+Shift+K'),
    command('Clear Formatting', 'format.clear'),
    separator,
    command('Paragraph', 'format.paragraph', 'CmdOrCtrl+Alt+0'),
    command('Heading 1', 'format.heading-1', 'CmdOrCtrl+Alt+1'),
    command('Heading 2', 'format.heading-2', 'CmdOrCtrl+Alt+2'),
    command('Heading 3', 'format.heading-3', 'CmdOrCtrl+Alt+3'),
    separator,
    command('Bullet List', 'format.bullet-list', 'CmdOrCtrl+Shift+8'),
    command('Numbered List', 'format.ordered-list', 'CmdOrCtrl+Shift+7'),
    command('Task List', 'format.task-list', 'CmdOrCtrl+Shift+9'),
    command('Quote', 'format.quote', 'CmdOrCtrl+Shift+.'),
    command('Code Block', 'format.code-block', 'CmdOrCtrl+Alt+C'),
  ],
})

const viewMenu = (command: CommandItem): Item => ({
  label: 'View',
  submenu: [
    command('Commands and Documents…', 'palette.open', 'CmdOrCtrl+K'),
    separator,
    command('Library', 'view.sidebar', 'CmdOrCtrl+\\'),
    command('Outline', 'view.outline', 'CmdOrCtrl+Shift+O'),
    command('History', 'view.history', 'CmdOrCtrl+Shift+Y'),
    separator,
    command('Focus on the Page', 'view.focus-page', 'CmdOrCtrl+Shift+D'),
    command('Typewriter Scrolling', 'view.typewriter'),
    separator,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
  ],
})
