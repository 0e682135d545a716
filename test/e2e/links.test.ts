/** Links that are clicked, in the built app as a browser shows it. */
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { newDocument, paste } from './editor-page.ts'
import { type App, startApp } from './harness.ts'

let app: App
const href = 'http://links.example/a'
const opened: string[] = []
const listen = (popup: Page) => opened.push(popup.url())

beforeAll(async () => {
  app = await startApp()
  const context = app.page.context()
  await context.route('http://links.example/**', (route) => route.fulfill({ body: 'elsewhere' }))
  context.on('page', (popup) => void popup.waitForURL(/^http/).then(() => listen(popup)))
})

test('opens beside the app, from the text with the key held and from a version, and takes the app nowhere', async () => {
  const { page } = app
  const text = await newDocument(page)
  const home = page.url()
  await paste(page, `<p>To <a href="${href}">a page</a></p>`)
  await text.locator('a').click({ modifiers: ['ControlOrMeta'] })
  await expect.poll(() => opened).toEqual([href])

  await page.getByRole('button', { name: 'History', exact: true }).click()
  await page.getByRole('listbox', { name: 'Versions of this document' }).getByRole('option').nth(1).click()
  const version = page.getByRole('article', { name: 'Text of this version' })
  await version.locator('a').click()
  await expect.poll(() => opened).toEqual([href, href])
  await version.locator('a').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => opened).toEqual([href, href, href])
  // As somebody else's document may have it. The browser would complain of the content policy.
  await version.locator('a').evaluate((link) => link.setAttribute('href', 'javascript:void 0'))
  await version.locator('a').click()
  expect(page.url()).toBe(home)
  await page.getByRole('button', { name: 'Back to now' }).click()
  await page.getByRole('button', { name: 'Close panel' }).click()
})

afterEach(() => expect(app.problems).toEqual([]))
