/** What comes after the first letter: it is there when the host is gone, and its absence is told. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newDocument, paste, textOf } from './editor-page.ts'
import { findDocument, openEngineWindow } from './engine-window.ts'
import { type App, startApp } from './harness.ts'

let app: App

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

/** Names of the parts that a page has loaded. */
const loadedParts = (page: Page) =>
  page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => /\/assets\/([a-z-]+)-[^/]*\.js$/.exec(name)?.[1]))

test('a long document can be read, where it was left, before it can be edited', async () => {
  const page = await app.page.context().newPage()
  await page.goto(new URL(app.address).origin)
  const text = await newDocument(page, 'Long')
  // Words that do not compress to nothing.
  const word = (seed: number) => ((seed * 2_654_435_761) % 4_294_967_296).toString(36)
  const line = (index: number) => Array.from({ length: 24 }, (_, position) => word(index * 24 + position)).join(' ')
  await paste(page, '', Array.from({ length: 1_500 }, (_, index) => line(index)).join('\n\n'))
  await expect.poll(() => text.locator('> *').count()).toBe(1_500)
  const scroller = page.locator('.page-present')
  await scroller.evaluate((element) => element.scrollTo({ top: 5_000 }))
  // The engine reads what was written when it has time.
  const window = await openEngineWindow(page)
  const id = await findDocument(window, 'Long')
  await expect.poll(async () => (await window.call('document.read', { id }))?.blocks.length).toBe(1_500)
  window.close()
  await page.addInitScript(() => {
    const seen: object[] = []
    Object.assign(globalThis, { seen })
    new MutationObserver(() => {
      const preview = document.querySelector('[aria-busy="true"] .document-text')
      if (!preview) return
      requestAnimationFrame(() => seen.push({ top: preview.closest('.page-present')?.scrollTop, hasText: preview.children.length > 100 }))
    }).observe(document, { childList: true, subtree: true })
  })
  await page.reload()
  await textOf(page).waitFor()
  expect(await page.evaluate(() => (globalThis as unknown as { seen: object[] }).seen[0])).toEqual({ top: 5_000, hasText: true })
  expect(await scroller.evaluate((element) => element.scrollTop)).toBe(5_000)
  await page.close()
})

test('a window that cannot be drawn says so and starts again with every word', async () => {
  const page = await app.page.context().newPage()
  await page.goto(new URL(app.address).origin)
  await newDocument(page, 'Drawn')
  await page.evaluate(() => {
    const get = () => {
      throw new Error('a fault of the test')
    }
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get })
  })
  await page.keyboard.type('Written before the fault.')
  await page.getByRole('button', { name: 'History' }).click()
  await page.getByRole('alert').getByText('This window could not be drawn.').waitFor()
  await page.getByRole('button', { name: 'Open the window again' }).click()
  await textOf(page).getByText('Written before the fault.').waitFor()
  await page.close()
})

describe('a part of the window that comes after the text', () => {
  test('is told of when it cannot be loaded, and the text goes on', async () => {
    const page = await app.page.context().newPage()
    await page.route('**/assets/dialogs-*.js', (route) => route.abort())
    await page.goto(new URL(app.address).origin)
    await textOf(page).click()
    await page.keyboard.press('Control+,')
    await page.getByText('The dialog was not opened. A part of Palimpsest could not be loaded.').waitFor()
    await textOf(page).click()
    await page.keyboard.type('still here ')
    await expect.poll(() => textOf(page).innerText()).toContain('still here')
    await page.close()
  })

  test('has been loaded ahead, so that it opens when the host is gone', async () => {
    const wanted = ['dialogs', 'history-panel', 'version-page', 'import-files', 'export-files']
    await expect.poll(() => loadedParts(app.page)).toEqual(expect.arrayContaining(wanted))
    await app.kill9()
    await textOf(app.page).click()
    await app.page.keyboard.press('Control+,')
    await app.page.getByRole('dialog', { name: 'Settings' }).waitFor()
  })
})
