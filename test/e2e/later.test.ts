/** What comes after the first letter: it is there when the host is gone, and its absence is told. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type App, startApp } from './harness.ts'

let app: App

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const palette = (page: Page) => page.getByRole('dialog', { name: 'Commands and documents' })

async function openPalette(page: Page) {
  await page.getByRole('textbox', { name: 'Document text' }).click()
  await page.keyboard.press('Control+k')
}

/** Names of the parts that a page has loaded. */
const loadedParts = (page: Page) =>
  page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => /\/assets\/([a-z-]+)-[^/]*\.js$/.exec(name)?.[1]))

describe('a part of the window that comes after the text', () => {
  test('is told of when it cannot be loaded, and the text goes on', async () => {
    const page = await app.page.context().newPage()
    await page.route('**/assets/dialogs-*.js', (route) => route.abort())
    await page.goto(new URL(app.address).origin)
    await openPalette(page)
    await page.getByText('The dialog was not opened. A part of Palimpsest could not be loaded.').waitFor()
    await page.getByRole('textbox', { name: 'Document text' }).click()
    await page.keyboard.type('still here ')
    await expect.poll(() => page.getByRole('textbox', { name: 'Document text' }).innerText()).toContain('still here')
    await page.close()
  })

  test('has been loaded ahead, so that it opens when the host is gone', async () => {
    const wanted = ['dialogs', 'history-panel', 'version-page', 'import-files', 'export-files']
    await expect.poll(() => loadedParts(app.page)).toEqual(expect.arrayContaining(wanted))
    await app.kill9()
    await openPalette(app.page)
    await palette(app.page).waitFor()
  })
})
