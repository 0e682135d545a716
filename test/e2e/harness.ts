/**
 * The built app for end-to-end tests: a web host with an engine in processes of their own on a fresh data folder, and a page of a real
 * Chromium on it. What a test leaves open is closed after its file.
 */
import type { ForkOptions } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { chromiumArgs, findChromium } from '../chromium.ts'
import { killProcess, type Program, startProgram } from './processes.ts'

const root = resolve(import.meta.dirname, '../..')
const open = new Set<{ close(): Promise<void> }>()
let browser: Promise<Browser> | null = null

afterAll(async () => {
  // Folders after the programs that write in them.
  for (const thing of [...open].toReversed()) await thing.close()
  await (await browser)?.close()
  browser = null
})

/** The one browser of a test file. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium was found. Set PALIMPSEST_CHROMIUM to one.')
  browser ??= chromium.launch({ executablePath, args: chromiumArgs })
  return browser
}

/** A folder that is removed after the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-test-'))
  open.add({ close: async () => rmSync(folder, { recursive: true, force: true }) })
  return folder
}

export interface AppOptions {
  /** A fresh one by default. */
  dataDir?: string
  env?: NodeJS.ProcessEnv
  /** Of the browser context: viewport, colour scheme, permissions. */
  context?: BrowserContextOptions
}

export interface App {
  /** A page on the app; another one after `restart`. */
  readonly page: Page
  /** With the token; new after `restart`. */
  readonly address: string
  readonly dataDir: string
  /** The web host. */
  readonly host: Program
  readonly enginePid: number
  /** What went wrong in any page: uncaught errors, console errors, refused content. */
  readonly problems: string[]
  /** Another window on the same app, in the same browser session. */
  openWindow(): Promise<Page>
  /** Ends the host and the engine with SIGKILL at once. The page stays. */
  kill9(): Promise<void>
  /** Ends only the engine with SIGKILL and waits for the next one. */
  killEngine(): Promise<void>
  /** Starts again on the same folder, after `kill9` or else after an orderly end, with a fresh page. */
  restart(): Promise<void>
  close(): Promise<void>
}

export async function startApp(options: AppOptions = {}): Promise<App> {
  const dataDir = options.dataDir ?? temporaryFolder()
  const problems: string[] = []
  let { host, enginePid, address } = await startHost(dataDir, options.env)
  let page = await openPage(address, problems, options.context)

  const app: App = {
    get page() {
      return page
    },
    get address() {
      return address
    },
    get host() {
      return host
    },
    get enginePid() {
      return enginePid
    },
    dataDir,
    problems,
    async openWindow() {
      const window = await page.context().newPage()
      watch(window, problems)
      await goTo(window, new URL(address).origin)
      return window
    },
    async kill9() {
      host.child.kill('SIGKILL')
      await killProcess(enginePid)
      await host.exited
    },
    async killEngine() {
      const next = host.says(isEngineStart)
      await killProcess(enginePid)
      enginePid = (await next).enginePid
    },
    async restart() {
      await page.context().close()
      await host.end()
      ;({ host, enginePid, address } = await startHost(dataDir, options.env))
      page = await openPage(address, problems, options.context)
    },
    async close() {
      open.delete(app)
      await page.context().close()
      await host.end()
    },
  }
  open.add(app)
  return app
}

/** The web host alone, without a page, with the given arguments; nothing about it is awaited. */
export function startHostProgram(args: string[], env?: NodeJS.ProcessEnv, options?: ForkOptions): Program {
  const host = startProgram(join(root, 'out/web/host.js'), [...args, '--no-open'], env, options)
  open.add({ close: () => host.end() })
  return host
}

async function startHost(dataDir: string, env?: NodeJS.ProcessEnv) {
  const host = startHostProgram(['--data-dir', dataDir, '--port', '0'], env)
  const [{ enginePid }, [, address]] = await Promise.all([host.says(isEngineStart), host.prints(/^Palimpsest: (\S+)$/m)])
  return { host, enginePid, address: address as string }
}

const isEngineStart = (message: unknown): message is { enginePid: number } =>
  typeof message === 'object' && message !== null && 'enginePid' in message && typeof message.enginePid === 'number'

async function openPage(address: string, problems: string[], options?: BrowserContextOptions): Promise<Page> {
  const context = await (await startBrowser()).newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  watch(page, problems)
  await goTo(page, address)
  return page
}

async function goTo(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await untilDrawn(page)
}

/** A page has loaded before its code is read, and hears keys when that draws the window. */
export const untilDrawn = (page: Page): Promise<void> => page.locator('#root > *').first().waitFor({ state: 'attached' })

/** Losing the engine is something tests do on purpose; the browser's own report of a refused connection is not a problem of the page. */
function watch(page: Page, problems: string[]) {
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|WebSocket connection to/.test(message.text())) problems.push(message.text())
  })
}

export interface Relay {
  /** `ws://127.0.0.1:…`, as for the settings. */
  readonly address: string
  /** Makes the first who uses it the relay's owner. */
  readonly ownersInvite: string
  readonly dataDir: string
  readonly program: Program
  kill9(): Promise<void>
  /** On the same port and folder. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A relay that has no owner yet. */
export async function startRelay(options: { dataDir?: string; port?: number; env?: NodeJS.ProcessEnv } = {}): Promise<Relay> {
  const dataDir = options.dataDir ?? temporaryFolder()
  const start = async (port: number) => {
    const program = startProgram(join(root, 'sync-relay/dist/relay.js'), ['--port', String(port), '--data-dir', dataDir], options.env)
    const [address] = await program.prints(/wss?:\/\/[\w.:[\]-]+/)
    return { program, address }
  }
  let { program, address } = await start(options.port ?? 0)
  const [ownersInvite] = await program.prints(/palimpsest:\/\/join\/\S+/)
  const relay: Relay = {
    ownersInvite,
    get program() {
      return program
    },
    get address() {
      return address
    },
    dataDir,
    kill9: () => program.end('SIGKILL'),
    async restart() {
      await program.end()
      ;({ program, address } = await start(Number(new URL(address.replace('ws', 'http')).port)))
    },
    async close() {
      open.delete(relay)
      await program.end()
    },
  }
  open.add(relay)
  return relay
}

/** A line to a relay that can be cut, and joined again at the same address: for one person it is then not there, for all others it is. */
export async function startLine(relay: Relay) {
  const { hostname, port } = new URL(relay.address.replace('ws', 'http'))
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  open.add({
    close: async () => {
      end()
      server.close()
    },
  })
  return {
    address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      end()
    },
    join() {
      isCut = false
    },
  }
}
