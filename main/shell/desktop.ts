/** The running desktop app: one engine, its windows, and what passes between them. */
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, MessageChannelMain, type WebFrameMain } from 'electron'
import { shellChannels } from '../../core/contract/shell.ts'
import { superviseEngine } from '../host/supervisor.ts'
import { version } from '../host/version.ts'
import { forkEngine, type UtilityEngine } from './engine-child.ts'
import { guardPages, guardPermissions } from './guards.ts'
import { showMenu } from './menu.ts'
import { servePage } from './page-scheme.ts'
import { answerRequests } from './requests.ts'
import { openWindow, showWindow, tell } from './windows.ts'

export interface Desktop {
  /** Once Electron is ready. Rejects when the engine cannot serve this data folder. */
  start(link: string | null): Promise<void>
  /** Brings the app to the front, with a link to follow or without. */
  open(link: string | null): void
}

const engineProgram = fileURLToPath(new URL('../engine/process.js', import.meta.url))

export function createDesktop(dataDir: string): Desktop {
  const links: string[] = []
  let isStarted = false

  function open(link: string | null) {
    if (link) links.push(link)
    if (!isStarted) return
    const [window] = BrowserWindow.getAllWindows()
    if (window) showWindow(window)
    else openPage()
    deliverLinks()
  }

  /** Links wait for the first page that is there to take them. */
  function deliverLinks() {
    const window = BrowserWindow.getAllWindows().find(({ webContents }) => !webContents.isLoading())
    if (window) for (const url of links.splice(0)) tell(window, { type: 'link', url })
  }

  function openPage() {
    openWindow().webContents.on('did-finish-load', deliverLinks)
  }

  async function start(link: string | null) {
    const supervisor = superviseEngine<UtilityEngine>({
      dataDir,
      version,
      spawn: (launch) => forkEngine(engineProgram, launch),
      onReady: (_, restarted) => {
        if (restarted) for (const window of BrowserWindow.getAllWindows()) tell(window, { type: 'engine.restarted' })
      },
      onDeath: () => console.error('The engine died.'),
    })
    closeEngineBeforeQuit(supervisor.stop)
    guardPages()
    guardPermissions()
    servePage()
    answerRequests({ dataDir, connect: async (frame) => connect(await supervisor.ready(), frame) })
    showMenu((id) => {
      const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
      if (window) tell(window, { type: 'command', id })
    })
    isStarted = true
    open(link)
    await supervisor.started
  }

  return { start, open }
}

/** The two ends of a channel: one to the engine, one to the page. From there on the shell sees nothing of what they say. */
function connect(engine: UtilityEngine, frame: WebFrameMain) {
  const { port1, port2 } = new MessageChannelMain()
  engine.connect(port1)
  frame.postMessage(shellChannels.enginePort, null, [port2])
}

/** Quitting waits until the engine has written everything. */
function closeEngineBeforeQuit(stop: () => Promise<void>) {
  let isStopped = false
  app.on('will-quit', (event) => {
    if (isStopped) return
    event.preventDefault()
    void stop().finally(() => {
      isStopped = true
      app.quit()
    })
  })
}
