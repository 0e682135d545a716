import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { chromiumArgs, findChromium } from '../test/chromium.ts'
import { type Benchmark, statistics } from './benchmark.ts'

/**
 * From starting the program to a letter on the page, through the web host. The browser runs already, as a desktop app's own does not need to be found, and
 * keeps its profile and the page its address, as in the app: Chromium then has the page's compiled code from the starts before. The first start of
 * all, with neither, is told beside it.
 */

const runs = 7
/** Chromium keeps compiled code from the second time it sees a script. */
const startsBefore = 3
const host = join(import.meta.dirname, '../out/web/host.js')

interface Home {
  dataDir: string
  port: number
}

/** Starts the built host on a folder and waits for its address, which it tells when it would open the browser: the engine may still be reading. */
async function startHost(dataDir: string, port: number): Promise<{ address: string; stop: () => Promise<void> }> {
  const child = fork(host, ['--data-dir', dataDir, '--port', String(port), '--no-open'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const address = await new Promise<string>((told) => {
    child.on('message', (message: { address?: string }) => message.address && told(message.address))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { address, stop }
}

/** Milliseconds from the start of the program until a typed letter is on the page. */
async function startToLetter(browser: BrowserContext, { dataDir, port }: Home): Promise<number> {
  const start = performance.now()
  const { address, stop } = await startHost(dataDir, port)
  const page = await browser.newPage()
  await page.goto(address)
  const text = page.getByRole('textbox', { name: 'Document text' })
  await text.focus()
  await page.keyboard.type('q')
  await page.waitForFunction(() => document.querySelector('[aria-label="Document text"]')?.textContent?.includes('q'))
  const time = performance.now() - start
  await page.close()
  await stop()
  return time
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What no program here can go below: a Node process that does nothing, and a blank page. */
async function floor(browser: BrowserContext): Promise<number> {
  const start = performance.now()
  await once(fork('data:text/javascript,', { stdio: 'ignore' }), 'exit')
  const page = await browser.newPage()
  await page.goto('about:blank')
  const time = performance.now() - start
  await page.close()
  return time
}

export const starting: Benchmark = {
  name: 'start',
  unit: 'ms',
  budget: 1_000,
  what: 'from starting the program to a typed letter on the page, median',
  async run() {
    const executablePath = findChromium()
    if (!executablePath) throw new Error('No Chromium was found. Set PALIMPSEST_CHROMIUM to one.')
    const folder = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
    const browser = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, args: chromiumArgs })
    const home = { dataDir: join(folder, 'data'), port: await freePort() }
    try {
      const first = await startToLetter(browser, home)
      for (let run = 1; run < startsBefore; run++) await startToLetter(browser, home)
      const own: number[] = []
      const floors: number[] = []
      for (let run = 0; run < runs; run++) {
        own.push(await startToLetter(browser, home))
        floors.push(await floor(browser))
      }
      const { median, max } = statistics(own)
      const notes = [`first start of all ${first.toFixed(0)}, slowest of ${runs} others ${max.toFixed(0)}`]
      return { value: median, peers: { 'empty process and blank page': statistics(floors).median }, notes }
    } finally {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
