/** The life of the app: one instance for each user data folder, ready when Chromium is, and Electron's order of quitting. */
import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Chromium, startChromium } from './connection.ts'
import { utilityProcesses } from './utility-process.ts'

let chromium: Chromium | null = null

export function browser(): Chromium {
  if (!chromium) throw new Error('this cannot be used before the app is ready')
  return chromium
}

class App extends EventEmitter {
  readonly name = 'Palimpsest'
  readonly #paths = new Map([['userData', process.env['STANDIN_USER_DATA'] ?? join(tmpdir(), `standin-${process.pid}`)]])
  #ready = Promise.withResolvers<void>()
  #isQuitting = false
  #notified: Promise<void> = Promise.resolve()

  whenReady = () => this.#ready.promise
  enableSandbox() {}
  setAsDefaultProtocolClient = () => true
  setAppUserModelId() {}
  getPath = (name: string) => this.#paths.get(name) ?? ''
  setPath = (name: string, path: string) => {
    this.#paths.set(name, path)
  }

  /** Starts Chromium once the app's own module has run, as Electron does. */
  async launch(): Promise<void> {
    if (this.#isQuitting) return
    chromium = await startChromium(join(this.getPath('userData'), 'chromium'))
    this.#ready.resolve()
  }

  requestSingleInstanceLock(): boolean {
    const folder = this.getPath('userData')
    mkdirSync(folder, { recursive: true })
    const lockFile = join(folder, 'standin.lock')
    const socketFile = join(folder, 'standin.socket')
    if (isHeld(lockFile)) {
      this.#notified = tellFirstInstance(socketFile)
      return false
    }
    writeFileSync(lockFile, String(process.pid))
    rmSync(socketFile, { force: true })
    const server = createServer((socket) => {
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('end', () => this.emit('second-instance', {}, JSON.parse(text), ''))
    })
    server.listen(socketFile).unref()
    return true
  }

  /** Of the utility processes alone. */
  getAppMetrics = () => utilityProcesses().map(({ pid, name }) => ({ pid, name, type: 'Utility' }))

  /** Closes every window; false when one of them stays. Given by the module that knows the windows. */
  closeWindows = () => true

  allWindowsClosed() {
    if (!this.#isQuitting && !this.emit('window-all-closed')) this.quit()
  }

  quit() {
    this.#isQuitting = true
    this.emit('before-quit', { preventDefault() {} })
    if (!this.closeWindows()) {
      // A window that stays calls the quitting off.
      this.#isQuitting = false
      return
    }
    let isKept = false
    this.emit('will-quit', { preventDefault: () => (isKept = true) })
    if (!isKept) this.exit(0)
  }

  exit(code: number) {
    this.#isQuitting = true
    void Promise.all([chromium?.close(), this.#notified]).then(() => process.exit(code))
  }
}

function isHeld(lockFile: string): boolean {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0)
    return true
  } catch {
    // No lock, or one of a process that is gone.
    return false
  }
}

function tellFirstInstance(socketFile: string): Promise<void> {
  return new Promise((told) => {
    const socket = connect(socketFile, () => socket.end(JSON.stringify(process.argv)))
    socket.on('close', () => told())
    // The first instance is going at this very moment.
    socket.on('error', () => told())
  })
}

export const app = new App()
