import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { build, preview } from 'vite'
import { chromiumArgs, findChromium } from '../test/chromium.ts'
import type { BenchPage, SubjectName } from './page/main.ts'

/** A page that shares its process with no other site has a clock of 5 microseconds instead of 100. */
const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }

/** The benchmark page in a real Chromium, built as the product is. */
export interface BenchBrowser {
  /** Calls one function of the page. */
  call<Name extends keyof BenchPage>(name: Name, ...parameters: Parameters<BenchPage[Name]>): Promise<Awaited<ReturnType<BenchPage[Name]>>>
  /** A fresh page, so that no stack pays for another's garbage. */
  fresh(): Promise<void>
  /** Bytes in memory of the page's whole process after collection; NaN where the system does not tell. */
  processBytes(): Promise<number>
  close(): Promise<void>
}

export async function openBenchBrowser(): Promise<BenchBrowser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium was found. Set PALIMPSEST_CHROMIUM to one.')
  const outDir = mkdtempSync(join(tmpdir(), 'palimpsest-bench-'))
  const root = join(import.meta.dirname, 'page')
  const common = { configFile: false as const, root, logLevel: 'warn' as const }
  await build({ ...common, build: { outDir, emptyOutDir: true, target: 'chrome140' } })
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: '127.0.0.1', headers: isolated } })
  const address = server.resolvedUrls?.local[0] ?? ''
  const browser = await chromium.launch({ executablePath, args: [...chromiumArgs, '--js-flags=--expose-gc'] })
  let page = await openPage()

  async function openPage(): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    opened.on('pageerror', (error) => console.error(error))
    await opened.goto(address)
    await opened.waitForSelector('body[data-ready]')
    return opened
  }

  return {
    call: (name, ...parameters) =>
      page.evaluate(
        ([called, given]) => ((window as unknown as { bench: BenchPage }).bench[called] as (...all: unknown[]) => never)(...given),
        [name, parameters] as const,
      ),
    async fresh() {
      await page.close()
      page = await openPage()
    },
    async processBytes() {
      const session = await page.context().newCDPSession(page)
      // What finalizers let go of is collected by the next one.
      for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage')
      const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo')
      // The page's is the largest: the browser keeps others ready.
      return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id)))
    },
    async close() {
      await browser.close()
      await server.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

/** What a process has in memory, with its share of what it has in common with others. */
function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1])
  } catch {
    return Number.NaN
  }
}

export type { SubjectName }
