/**
 * The stand-in of the `electron` module, for the unmodified bundle of the main process: exactly what the shell uses, checked
 * against Electron's own types, so that drift fails the build. `docs/electron.md` says what it cannot prove.
 */
import type Electron from 'electron'
import { app, browser } from './app.ts'
import { BrowserWindow, nativeTheme } from './browser-window.ts'
import { ipcMain } from './ipc.ts'
import { Menu } from './menu.ts'
import { Notification } from './notification.ts'
import { MessageChannelMain } from './ports.ts'
import { safeStorage } from './safe-storage.ts'
import { protocol } from './schemes.ts'
import { defaultSession } from './session.ts'
import { utilityProcess } from './utility-process.ts'

/** The platform is not asked; a test that wants to know what would have been opened puts its own function here. */
const shell = {
  openExternal: async () => {},
  openPath: async () => '',
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath'>

const dialog = {
  showErrorBox: (title: string, content: string) => console.error(`${title}: ${content}`),
} satisfies Pick<Electron.Dialog, 'showErrorBox'>

const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display],
} satisfies Pick<Electron.Screen, 'getAllDisplays'>

const session = { defaultSession }

const standin = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
}

export {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
}

app.closeWindows = () => {
  for (const window of BrowserWindow.getAllWindows()) window.close()
  return BrowserWindow.getAllWindows().length === 0
}

/** A test asks for a function to be run here, as Playwright does with real Electron. */
interface Evaluation {
  id: number
  source: string
  argument: unknown
}

async function evaluate({ id, source, argument }: Evaluation): Promise<void> {
  try {
    // oxlint-disable-next-line no-eval -- the function comes from the test, as text
    const run = (0, eval)(`(${source})`) as (electron: typeof standin, argument: unknown) => unknown
    process.send?.({ id, ok: true, value: await run(standin, argument) })
  } catch (error) {
    process.send?.({ id, ok: false, message: String(error) })
  }
}

process.on('message', (asked: Evaluation) => void evaluate(asked))
process.on('SIGTERM', () => app.quit())
// Whoever started the app is gone.
process.on('disconnect', () => app.quit())

async function launch(): Promise<void> {
  await app.launch()
  process.send?.({ endpoint: browser().endpoint })
}

// As in Electron, the app is ready after its own module has run.
setImmediate(() => void launch())
