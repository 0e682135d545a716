/** The window around the page: settings, versions and their return, what is said when the engine dies, and what a window remembers. */
import { save } from '@automerge/automerge/slim'
import type { Page, WebSocketRoute } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { implicitParagraph } from '../../core/text/blocks.ts'
import { createTextDocument } from '../../core/text/create.ts'
import { command, textOf, titleOf } from './editor-page.ts'
import { openEngineWindow } from './engine-window.ts'
import { type App, startApp } from './harness.ts'

const hourMs = 3_600_000

let app: App
let page: Page

beforeAll(async () => {
  app = await startApp()
  page = app.page
})
afterEach(() => expect(app.problems).toEqual([]))

const title = () => titleOf(page)
const text = () => textOf(page)
const versions = () => page.getByRole('listbox', { name: 'Versions of this document' }).getByRole('option')

async function write(name: string, words: string) {
  await page.getByRole('button', { name: 'New document' }).first().click()
  await title().fill(name)
  await page.keyboard.press('Enter')
  await page.keyboard.type(words)
}

describe('a new document', () => {
  test('is begun with its title, and what is typed at once is its own', async () => {
    await write('First', 'one')
    await page.getByRole('button', { name: 'New document' }).first().click()
    await page.keyboard.press('Tab')
    await title().waitFor()
    await title().fill('Second')
    await page.getByRole('treegrid', { name: 'Documents' }).getByRole('row', { name: 'First', exact: true }).last().click()
    await expect.poll(() => title().inputValue()).toBe('First')
    await expect.poll(() => text().innerText()).toBe('one')
  })
})

describe('history', () => {
  test('shows a version with what changed in it, by keyboard, and brings it back', async () => {
    await write('Versions', 'The first sitting.')
    await page.getByRole('button', { name: 'History', exact: true }).press('Enter')
    await versions().nth(1).waitFor()
    expect(await versions().nth(0).innerText()).toContain('Now')
    await expect.poll(() => versions().nth(1).innerText()).toContain('characters added')

    await versions().nth(0).focus()
    await page.keyboard.press('ArrowDown')
    const version = page.getByRole('article', { name: 'Text of this version' })
    await expect.poll(() => version.innerText()).toBe('The first sitting.')
    await page.getByRole('switch', { name: 'Show what changed' }).press('Space')
    await expect.poll(() => version.locator('[data-change]').count()).toBeGreaterThan(0)
    await page.keyboard.press('Escape')
    await version.waitFor({ state: 'detached' })

    await text().click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Nothing is left.')
    await expect.poll(() => text().innerText()).toBe('Nothing is left.')
    await page.getByRole('button', { name: 'Close panel' }).click()
  })

  test('restores an earlier version as a new change, and keeps what was there before', async () => {
    await showFirstVersion('Restored', 'Kept words.', 'Other words.')
    await expect.poll(() => page.getByRole('article', { name: 'Text of this version' }).innerText()).toBe('Kept words.')
    await page.getByRole('button', { name: 'Restore this version' }).click()
    await page.getByText('This version is the present text again.').waitFor()
    await expect.poll(() => text().innerText()).toBe('Kept words.')
    await expect.poll(() => versions().count()).toBe(4)
    await versions().nth(2).click()
    await expect.poll(() => page.getByRole('article', { name: 'Text of this version' }).innerText()).toContain('Other words.')
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page
      .getByRole('alertdialog', { name: /^This version is the present text again/ })
      .getByRole('button', { name: 'Undo' })
      .click()
    await expect.poll(() => text().innerText()).toBe('Other words.')
    await page.getByRole('button', { name: 'Close panel' }).click()
  })

  test('takes a restored version back by the keys of undo, with the caret in the text at once', async () => {
    await showFirstVersion('Undone', 'Early words.', 'Late words.')
    await page.getByRole('button', { name: 'Restore this version' }).click()
    await expect.poll(() => text().innerText()).toBe('Early words.')
    await expect.poll(() => text().evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('Control+z')
    await expect.poll(() => text().innerText()).toBe('Late words.')
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(() => text().innerText()).toBe('Early words.')
    await page.keyboard.press('Control+End')
    await page.keyboard.type(' More.')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    await expect.poll(() => text().innerText()).toBe('Late words.')
    await page.getByRole('button', { name: 'Close panel' }).click()
  })
})

/** A document that was written at some time in the past, as an import brings it. */
async function importWritten(time: number, name: string, words: string) {
  const window = await openEngineWindow(page)
  const { me } = await window.call('engine.info', {})
  const paragraph = { marker: implicitParagraph, runs: [{ text: words, marks: {} }] }
  const margin = '4NMNnkMhL8jXrdJ9jamS58PAVdXu' as DocumentId
  const doc = createTextDocument({ author: me.key, time, title: name, margin, blocks: [paragraph] })
  await window.call('document.create', { folder: null, chunks: [save(doc)] })
  window.close()
}

/** Writes over what an imported document held, and shows what that was. */
async function showFirstVersion(name: string, words: string, later: string) {
  await importWritten(Date.now() - 3 * hourMs, name, words)
  await page.getByRole('treegrid', { name: 'Documents' }).getByRole('row', { name, exact: true }).last().click()
  await text().click()
  await page.keyboard.press('Control+a')
  await page.keyboard.type(later)
  await page.getByRole('button', { name: 'History', exact: true }).click()
  await expect.poll(() => versions().count()).toBe(3)
  await versions().nth(2).click()
}

test('F6 goes through the parts of the window, from the text too', async () => {
  await page.getByRole('button', { name: 'History', exact: true }).click()
  await versions().first().waitFor()
  await text().focus()
  const focused = () => page.evaluate(() => document.activeElement?.closest('nav, main, aside')?.ariaLabel ?? 'text')
  await page.keyboard.press('F6')
  await expect.poll(focused).toBe('Versions')
  await page.keyboard.press('ArrowDown')
  await page.getByRole('button', { name: 'Back to now' }).waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('F6')
  await expect.poll(focused).toBe('Library')
  await page.keyboard.press('F6')
  await expect.poll(focused).toBe('text')
  await page.keyboard.press('Shift+F6')
  await expect.poll(focused).toBe('Library')
  await page.getByRole('button', { name: 'Close panel' }).click()
})

describe('settings', () => {
  test('are in force at once and kept', async () => {
    await page.keyboard.press('Control+,')
    await page.getByRole('radio', { name: 'Dark' }).check({ force: true })
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
    await page.getByRole('tab', { name: 'You', exact: true }).click()
    await page.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Ada')
    await page.getByRole('radio', { name: 'Blue' }).check({ force: true })
    await page.keyboard.press('Escape')
    await page.reload()
    await title().waitFor()
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark')
    await page.keyboard.press('Control+,')
    await page.getByRole('tab', { name: 'You', exact: true }).click()
    await expect.poll(() => page.getByRole('textbox', { name: 'Your name, as others see it' }).inputValue()).toBe('Ada')
    expect(await page.getByRole('radio', { name: 'Blue' }).isChecked()).toBe(true)
    await page.keyboard.press('Escape')
  })

  test('say what is wrong with the address of a relay, or an invite', async () => {
    await page.keyboard.press('Control+,')
    await page.getByRole('tab', { name: 'Relay' }).click()
    const address = page.getByRole('textbox', { name: 'Invite, or address of a relay' })
    await address.fill('not an address')
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('This is not the address of a relay.').waitFor()
    await address.fill(new URL(app.address).origin.replace('http', 'ws'))
    await page.getByRole('button', { name: 'Test' }).click()
    await page.getByText('is not a Palimpsest relay.').waitFor()
    await address.fill('palimpsest://join/kJ3_-aaaaaaaaaaaaaaaaaaa')
    await page.getByRole('button', { name: 'Join this relay' }).click()
    await page.getByText('The end of the invite is missing.').waitFor()
    await page.keyboard.press('Escape')
  })
})

test('a link that is no link is answered with a sentence', async () => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find a command or a document' }).fill('open a link')
  await page.getByRole('option', { name: 'Open a link…' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Link from another writer' }).fill('https://example.org/')
  await page.keyboard.press('Enter')
  await page.getByText('This is not a link to a document.').waitFor()
  await page.keyboard.press('Escape')
})

test('when the engine dies the writer is told, and what is typed meanwhile is kept', async () => {
  await write('Survivor', 'Before. ')
  await app.killEngine()
  await text().click()
  await page.keyboard.press('End')
  await page.keyboard.type('After.')
  await page.getByText('stopped and was started again. Nothing is lost').waitFor()
  await page.getByText('Saved on this computer').waitFor()
  await page.reload()
  await expect.poll(() => text().innerText()).toContain('After.')
  expect(await text().innerText()).toContain('Before.')
})

test('a setting that is changed while the engine is away is kept when it is back', async () => {
  const window = await page.context().newPage()
  window.on('pageerror', (error) => app.problems.push(error.message))
  const sockets = new Set<WebSocketRoute>()
  let isAway = false
  await window.routeWebSocket(/\/engine$/, (socket) => {
    if (isAway) return void socket.close()
    socket.connectToServer()
    sockets.add(socket)
  })
  const theme = () => window.evaluate(() => document.documentElement.dataset['theme'])
  await window.goto(new URL(app.address).origin)
  await textOf(window).waitFor()
  isAway = true
  for (const socket of sockets) await socket.close()
  const banner = window.getByText('Go on writing')
  await banner.waitFor()
  for (const name of ['Use the light theme', 'Use the dark theme']) await command(window, name)
  await expect.poll(theme).toBe('dark')
  isAway = false
  await banner.waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark')
  expect(await theme()).toBe('dark')
  await command(window, 'Use the system’s theme')
  await window.close()
})

test('the library can be put away, and what it offers stays at hand', async () => {
  await page.keyboard.press('Control+\\')
  await page.getByRole('navigation', { name: 'Library' }).waitFor({ state: 'detached' })
  for (const name of ['New document', 'Search', 'Show library']) await page.getByRole('button', { name, exact: true }).waitFor()
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect
    .poll(() => page.getByRole('combobox', { name: 'Words to look for' }).evaluate((field) => field === document.activeElement))
    .toBe(true)
})
