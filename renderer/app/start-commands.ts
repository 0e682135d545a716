import type { DocumentId } from '../../core/ids.ts'
import type { ShellMessage } from '../../core/contract/shell.ts'
import { shell, tellShell } from '../client/shell.ts'
import { appCommands } from './app-commands.ts'
import type { AppModel } from './app-model.ts'
import { registerCommands, runCommand } from './commands.ts'
import { loadTheRest } from './later.tsx'
import { listenForRegions } from './regions.ts'
import { listenForShortcuts } from './shortcuts.ts'

/** Makes commands available to the palette, the keyboard, the native menu and links, and brings back the document of the last time. */
export function startCommands(app: AppModel): void {
  registerCommands(appCommands(app))
  listenForShortcuts()
  listenForRegions()
  shell?.listen((message) => obey(app, message))
  settleWhenLeft(app)
  restoreDocument(app)
  loadWhenShown(app)
}

/** How long a window that shows everything is left to the writer's first letters. */
const firstLettersMs = 500

/** Loads what the first letter did not need, soon after the library is there too: it is the last that a window shows at its start. */
function loadWhenShown({ library }: AppModel) {
  const stop = library.listen(({ isRead }) => {
    if (!isRead) return
    stop()
    setTimeout(loadTheRest, firstLettersMs)
  })
}

/** A page that is left by a reload or with its tab; the shell's windows ask before they close. */
function settleWhenLeft({ desk }: AppModel) {
  addEventListener('pagehide', () => void desk.settle())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
}

function obey({ desk, messages, notifications, view }: AppModel, message: ShellMessage) {
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
    case 'notification.followed':
      notifications.followed(message.id)
      break
    case 'closing':
      void desk.settle().then(() => tellShell({ type: 'window.settled' }))
  }
}

/**
 * The document that was open in this window, or else the one that was opened last anywhere. At the first start of all there is none yet, and any of the library is
 * opened: the welcome.
 */
function restoreDocument({ desk, library, session }: AppModel) {
  const isEmpty = () => desk.onDesk.get().state === 'empty'
  const openAny = () => {
    const stop = library.subscribe(({ documents }) => {
      const any = [...documents.values()].find(({ trashedAt }) => trashedAt === null)
      if (!any) return
      queueMicrotask(() => stop())
      if (isEmpty()) void desk.open(any.id)
    })
  }
  const restore = async (ids: readonly (DocumentId | null)[]) => {
    for (const id of ids) {
      if (!id || !isEmpty()) continue
      await desk.open(id)
      const onDesk = desk.onDesk.get()
      // Deleted in another window meanwhile, or remembered from another data folder.
      if (onDesk.state === 'failed' && onDesk.error.code === 'not-found') desk.clear()
    }
    if (isEmpty()) openAny()
  }
  const stop = session.onReady(({ lastOpened }) => {
    stop()
    void restore([desk.lastOpen, lastOpened])
  })
}
