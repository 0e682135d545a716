import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { chromiumArgs, findChromium } from '../test/chromium.ts'
import { type Benchmark, statistics } from './benchmark.ts'

/** From starting the program to a letter on the page, through the web host; the browser runs already, as a desktop app's own does not need to be found. */

const runs = 7
const host = join(import.meta.dirname, '../out/web/host.js')

/** Starts the built host on a folder and waits for its address. */
async function startHost(dataDir: string): Promise<{ address: string; stop: () => Promise<void> }> {
  const child = fork(host, ['--data-dir', dataDir, '--port', '0', '--no-open'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const address = await new Promise<string>((printed) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      const found = /^Palimpsest: (\S+)$/m.exec(chunk.toString())?.[1]
      if (found) printed(found)
    })
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  return { address, stop }
}

/** Milliseconds from the start of the program until a typed letter is on the page. */
async function startToLetter(browser: Browser, dataDir: string): Promise<number> {
  const start = performance.now()
  const { address, stop } = await startHost(dataDir)
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

/** What no program here can go below: a Node process that does nothing, and a blank page. */
async function floor(browser: Browser): Promise<number> {
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
    const browser = await chromium.launch({ executablePath, args: chromiumArgs })
    const dataDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
    try {
      const first = await startToLetter(browser, dataDir)
      const own: number[] = []
      const floors: number[] = []
      for (let run = 0; run < runs; run++) {
        own.push(await startToLetter(browser, dataDir))
        floors.push(await floor(browser))
      }
      const { median, max } = statistics(own)
      const notes = [`first start of all ${first.toFixed(0)}, slowest of ${runs} others ${max.toFixed(0)}`]
      return { value: median, peers: { 'empty process and blank page': statistics(floors).median }, notes }
    } finally {
      await browser.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  },
}
