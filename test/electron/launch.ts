/**
 * Starts the built desktop app for a test: in real Electron where its runtime is present, otherwise through the stand-in, whose windows are
 * pages of a real Chromium. Both look the same from here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { _electron, type Browser, chromium, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { type Program, startProgram } from '../e2e/processes.ts'

const root = resolve(import.meta.dirname, '../..')
const standin = new URL('./standin/register.ts', import.meta.url).href

export interface DesktopOptions {
  dataDir: string
  /** Beside `--data-dir`. */
  args?: string[]
  env?: NodeJS.ProcessEnv
}

export interface DesktopApp {
  firstWindow(): Promise<Page>
  /** Runs a function in the main process, with the `electron` module. */
  evaluate: ElectronApplication['evaluate']
  /** Everything the main process and the engine printed. */
  output(): string
  /** Asks it to quit and resolves with its exit code. */
  close(): Promise<number | null>
}

const open = new Set<DesktopApp>()
afterAll(async () => {
  for (const app of open) await app.close()
})

/** The program of Electron's runtime, or null where only the stand-in can run. */
export function realElectron(): string | null {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const pathFile = join(folder, 'path.txt')
  const program = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : ''
  return existsSync(program) ? program : null
}

export async function launchDesktop(options: DesktopOptions): Promise<DesktopApp> {
  const electron = realElectron()
  const app = electron ? await launchElectron(electron, options) : await launchStandin(options)
  open.add(app)
  return app
}

/** A start that is not expected to open a window of its own. */
export function startDesktopProgram({ dataDir, args = [], env = {} }: DesktopOptions): Program {
  const electron = realElectron()
  const all = [...(electron ? [root] : []), '--data-dir', dataDir, ...args]
  return startProgram(join(root, 'out/main/main.js'), all, env, electron ? { execPath: electron } : { execArgv: ['--import', standin] })
}

async function launchElectron(executablePath: string, { dataDir, args = [] }: DesktopOptions): Promise<DesktopApp> {
  const app = await _electron.launch({ executablePath, args: [root, '--data-dir', dataDir, ...args] })
  const child = app.process()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((gone) => child.once('close', gone))
  const desktop: DesktopApp = {
    firstWindow: () => app.firstWindow(),
    evaluate: app.evaluate.bind(app),
    output: () => output,
    async close() {
      open.delete(desktop)
      await app.close()
      return exited
    },
  }
  return desktop
}

interface Answer {
  id: number
  ok: boolean
  value?: unknown
  message?: string
}

async function launchStandin(options: DesktopOptions): Promise<DesktopApp> {
  const program = startDesktopProgram(options)
  const { endpoint } = await program.says((message): message is { endpoint: string } => has(message, 'endpoint'))
  const browser = await chromium.connectOverCDP(endpoint)
  let lastId = 0
  const desktop: DesktopApp = {
    firstWindow: () => firstPage(browser),
    async evaluate(run: unknown, argument?: unknown) {
      const id = ++lastId
      const answered = program.says((message): message is Answer => has(message, 'id') && message.id === id)
      program.child.send({ id, source: String(run), argument })
      const { ok, value, message } = await answered
      if (!ok) throw new Error(message)
      return value as never
    },
    output: program.output,
    async close() {
      open.delete(desktop)
      if (program.child.connected) program.child.kill()
      return program.exited
    },
  }
  return desktop
}

const has = <Name extends string>(message: unknown, name: Name): message is Record<Name, unknown> =>
  typeof message === 'object' && message !== null && name in message

/** A page counts when it is past the blank one that it begins with. */
async function firstPage(browser: Browser): Promise<Page> {
  const [context] = browser.contexts()
  if (!context) throw new Error('the browser has no context')
  const isOurs = (page: Page) => page.url().includes('.app.localhost')
  const page = context.pages()[0] ?? (await context.waitForEvent('page'))
  if (!isOurs(page)) await page.waitForURL((url) => url.hostname.endsWith('.app.localhost'))
  return page
}
