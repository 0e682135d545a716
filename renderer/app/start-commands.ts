import type { DocumentSummary } from '../../core/contract/engine.ts'
import type { ShellMessage } from '../../core/contract/shell.ts'
import { shell, tellShell } from '../client/shell.ts'
import { appCommands } from './app-commands.ts'
import type { AppModel } from './app-model.ts'
import { registerCommands, runCommand } from './commands.ts'
import { loadTheRest } from './later.tsx'
import { listenForShortcuts } from './shortcuts.ts'

/** Makes commands available to the palette, the keyboard, the native menu and links, and brings back the document of the last time. */
export function startCommands(app: AppModel): void {
  registerCommands(appCommands(app))
  listenForShortcuts()
  shell?.listen((message) => obey(app, message))
  settleWhenLeft(app)
  restoreDocument(app)
  loadWhenWriting(app)
}

/** Where no document comes to the desk soon, the rest of the page need not wait for one. */
const longestWaitMs = 2_000

/** Loads what the first letter did not need, as soon as there is a text to write in. */
function loadWhenWriting({ desk }: AppModel) {
  const impatience = setTimeout(loadTheRest, longestWaitMs)
  const stop = desk.onDesk.listen(({ state }) => {
    if (state !== 'open') return
    clearTimeout(impatience)
    stop()
    loadTheRest()
  })
}

/** A page that is left by a reload or with its tab; the shell's windows ask before they close. */
function settleWhenLeft({ desk }: AppModel) {
  addEventListener('pagehide', () => void desk.settle())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}

function obey({ desk, messages, view }: AppModel, message: ShellMessage) {
  switch (message.type) {
    case 'command':
      runCommand(message.id)
      break
    case 'link':
      view.dialog.set({ name: 'open-link', link: message.url })
      break
    case 'engine.restarted':
      messages.notice({ kind: 'engine-restarted' })
      break
    case 'closing':
      void desk.settle().then(() => tellShell({ type: 'window.settled' }))
  }
}

/**
 * The document that was open in this window, or else the one that was opened last anywhere. At the first start of all that is the welcome, which comes into
 * the empty library a moment after it was read.
 */
function restoreDocument({ desk, library }: AppModel) {
  const stop = library.subscribe(({ isRead, documents }) => {
    if (!isRead || documents.size === 0) return
    queueMicrotask(() => stop())
    const last = desk.lastOpen !== null && documents.has(desk.lastOpen) ? desk.lastOpen : lastOpened([...documents.values()])
    if (last && desk.onDesk.get().state === 'empty') void desk.open(last)
  })
}

const lastOpened = (documents: readonly DocumentSummary[]) =>
  documents.filter(({ trashedAt }) => trashedAt === null).toSorted((a, b) => (b.openedAt ?? 0) - (a.openedAt ?? 0))[0]?.id
