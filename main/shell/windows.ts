import { fileURLToPath } from 'node:url'
import { BrowserWindow, Menu, type MenuItemConstructorOptions, nativeTheme, type WebContents } from 'electron'
import { type ShellMessage, shellChannels } from '../../core/contract/shell.ts'
import { pageAddress } from './page-scheme.ts'
import { readWindowState, rememberWindowState } from './window-state.ts'

const preload = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url))

/** Shown until the page has painted; the colours of its paper. */
const paper = () => (nativeTheme.shouldUseDarkColors ? '#1f1c19' : '#f7f3ec')

/** Opens a window on the page. It appears when there is something to see. */
export function openWindow(): BrowserWindow {
  const { isMaximized = false, ...bounds } = readWindowState() ?? { width: 1280, height: 860 }
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 360,
    minHeight: 400,
    show: false,
    title: 'Palimpsest',
    backgroundColor: paper(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: true,
    },
  })
  rememberWindowState(window)
  letPageSettle(window)
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize()
    window.show()
  })
  // The page says what its window is called.
  window.on('page-title-updated', (event) => event.preventDefault())
  offerSpelling(window.webContents)
  void window.loadURL(pageAddress)
  return window
}

/** How long a page may take to send what is left; longer than it waits for the engine itself. */
const settleMs = 5_000

/** A window that is closed disappears at once, and goes when its page has nothing left to send. */
function letPageSettle(window: BrowserWindow) {
  let isSettling = false
  window.on('close', (event) => {
    if (window.webContents.isCrashed()) return
    event.preventDefault()
    if (isSettling) return
    isSettling = true
    window.hide()
    tell(window, { type: 'closing' })
    const impatience = setTimeout(() => window.destroy(), settleMs)
    window.once('closed', () => clearTimeout(impatience))
  })
}

export const tell = (window: BrowserWindow, message: ShellMessage) => window.webContents.send(shellChannels.message, message)

export function showWindow(window: BrowserWindow) {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** Right click: what the platform's spell checker suggests, then the usual editing items. */
function offerSpelling(contents: WebContents) {
  contents.on('context-menu', (_, { misspelledWord, dictionarySuggestions, isEditable, selectionText }) => {
    if (!isEditable && !selectionText) return
    const suggestions: MenuItemConstructorOptions[] = dictionarySuggestions.map((word) => ({
      label: word,
      click: () => contents.replaceMisspelling(word),
    }))
    const learn: MenuItemConstructorOptions[] = misspelledWord
      ? [
          { label: 'Add to dictionary', click: () => void contents.session.addWordToSpellCheckerDictionary(misspelledWord) },
          { type: 'separator' },
        ]
      : []
    const edit: MenuItemConstructorOptions[] = isEditable ? [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }] : [{ role: 'copy' }]
    Menu.buildFromTemplate([...suggestions, ...learn, ...edit]).popup()
  })
}
