/**
 * Takes the README's pictures from the running demo: `npx node test/pictures.ts`, after a build. Run it when the look has changed.
 */
import { join, resolve } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { chromiumArgs, findChromium } from './chromium.ts'
import { openEngineWindow } from './e2e/engine-window.ts'
import { startProgram } from './e2e/processes.ts'

const root = resolve(import.meta.dirname, '..')
const text = (page: Page) => page.getByRole('textbox', { name: 'Document text' })

/** A library as a writer might have it after some weeks. */
const shelves = {
  'The long winter': ['Chapter one', 'Chapter two', 'Cast of characters'],
  Essays: ['On scraping clean', 'What ink remembers'],
  Letters: ['To the archive in Lisbon'],
}

async function fillLibrary(page: Page) {
  const window = await openEngineWindow(page)
  for (const [name, titles] of Object.entries(shelves)) {
    const { id: folder } = await window.call('folder.create', { name, parent: null })
    for (const title of titles) await window.call('document.create', { folder, title })
  }
  window.close()
}

async function picture(page: Page, name: string) {
  await page.evaluate(() => document.fonts.ready)
  await page.mouse.move(700, 60)
  await page.screenshot({ path: join(root, 'docs/pictures', `${name}.png`), animations: 'disabled' })
}

const executablePath = findChromium()
if (!executablePath) throw new Error('No Chromium was found. Set PALIMPSEST_CHROMIUM to one.')
const browser = await chromium.launch({ executablePath, args: chromiumArgs })
const demo = startProgram(join(root, 'main/setup/demo-writers.mjs'), [])
const [, address = ''] = await demo.prints(/^Ada +(\S+)$/m)
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 })
await page.goto(address)
await fillLibrary(page)
await page.getByText('The monk who saved Archimedes').first().click()
await text(page).waitFor()
await picture(page, 'writing-light')

await page.emulateMedia({ colorScheme: 'dark' })
await page.getByRole('button', { name: 'History' }).click()
await page.getByRole('listbox', { name: 'Versions of this document' }).getByRole('option').first().waitFor()
await picture(page, 'history-dark')

await browser.close()
await demo.end()
