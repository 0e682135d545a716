/** The library by keyboard, as a writer keeps it: folders, documents, the trash, and finding things again. */
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { textOf, titleOf } from './editor-page.ts'
import { openEngineWindow } from './engine-window.ts'
import { type App, startApp } from './harness.ts'

let app: App
let page: Page

beforeAll(async () => {
  app = await startApp()
  page = app.page
})
afterEach(() => expect(app.problems).toEqual([]))

const tree = () => page.getByRole('treegrid', { name: 'Documents' })
const row = (name: string) => tree().getByRole('row', { name, exact: true })
/** Which of these names are in the library, in the order they stand there; what was opened recently is listed apart and left out. */
async function inLibrary(...names: string[]) {
  const shown = await tree().getByRole('row').allInnerTexts()
  return shown.slice(shown.indexOf('Documents') + 1).filter((name) => names.includes(name))
}
const focusRow = (name: string) => row(name).last().focus()

async function write(title: string, text: string) {
  await page.getByRole('button', { name: 'New document' }).first().click()
  await titleOf(page).fill(title)
  await textOf(page).click()
  await page.keyboard.type(text)
  await row(title).last().waitFor()
}

async function runFromPalette(name: string) {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find a command or a document' }).fill(name)
  await page.getByRole('option', { name }).first().waitFor()
  await page.keyboard.press('Enter')
}

describe('documents', () => {
  test('are named by their title as it is typed, and renamed in the list', async () => {
    await write('Etymology', 'The pale Usher.')
    await focusRow('Etymology')
    await page.keyboard.press('F2')
    await page.getByRole('textbox', { name: 'Name' }).fill('Chapter 1')
    await page.keyboard.press('Enter')
    await expect.poll(() => inLibrary('Chapter 1', 'Etymology')).toEqual(['Chapter 1'])
    await expect.poll(() => titleOf(page).inputValue()).toBe('Chapter 1')
    await expect
      .poll(() =>
        row('Chapter 1')
          .last()
          .evaluate((element) => element === document.activeElement),
      )
      .toBe(true)
  })

  test('go to the trash with the Delete key, and come back with Undo', async () => {
    await write('Extracts', 'And God created great whales.')
    await focusRow('Extracts')
    await page.keyboard.press('Delete')
    await expect.poll(() => inLibrary('Extracts')).toEqual([])
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => inLibrary('Extracts')).toEqual(['Extracts'])
  })

  test('stand under Recently opened as soon as they are opened', async () => {
    await write('Chowder', 'Clam or cod?')
    await write('Nightgown', 'We had lain thus in bed.')
    await row('Chowder').last().click()
    await expect.poll(() => page.title()).toBe('Chowder · Palimpsest')
    const recent = async () => (await tree().getByRole('row').allInnerTexts()).slice(1, 3)
    await expect.poll(recent).toEqual(['Chowder', 'Nightgown'])
  })

  test('go to the trash one after the other, with the focus on the next', async () => {
    for (const title of ['Cetology', 'Breakfast', 'Affidavit']) await write(title, 'Call me Ishmael.')
    await runFromPalette('Library by name')
    await expect.poll(() => inLibrary('Affidavit', 'Breakfast', 'Cetology')).toEqual(['Affidavit', 'Breakfast', 'Cetology'])
    await focusRow('Affidavit')
    await page.keyboard.press('Delete')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent)
    await expect.poll(focused).toBe('Breakfast')
    await page.keyboard.press('Delete')
    await expect.poll(focused).toBe('Cetology')
    await expect.poll(() => inLibrary('Affidavit', 'Breakfast', 'Cetology')).toEqual(['Cetology'])
    await runFromPalette('Library by last edited')
  })

  test('come out of the trash, or are deleted from it, by command', async () => {
    await runFromPalette('Go to the trash')
    await page.getByRole('treegrid', { name: 'Documents in the trash' }).getByRole('row', { name: 'Affidavit' }).press('Enter')
    await page.getByText('This document is in the trash.').waitFor()
    await runFromPalette('Take document out of the trash')
    await page.getByText('This document is in the trash.').waitFor({ state: 'detached' })
    await runFromPalette('Empty the trash…')
    const question = page.getByRole('alertdialog', { name: 'Delete for good' })
    await question.getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('button', { name: 'Back to the library' }).click()
    await row('Affidavit').last().waitFor()
  })

  test('are deleted for good only from the trash, and only after a question', async () => {
    await write('The Wheelbarrow', 'Call me Ishmael.')
    await focusRow('The Wheelbarrow')
    await page.keyboard.press('Delete')
    await runFromPalette('Go to the trash')
    const trash = page.getByRole('treegrid', { name: 'Documents in the trash' })
    await trash.getByRole('row', { name: 'The Wheelbarrow' }).focus()
    await page.keyboard.press('Delete')
    const question = page.getByRole('alertdialog', { name: 'Delete for good' })
    await question.getByText('cannot be undone').waitFor()
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    await trash.getByRole('row', { name: 'The Wheelbarrow' }).focus()
    await page.keyboard.press('Delete')
    await question.getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('button', { name: 'Back to the library' }).click()
  })

  test('are duplicated, tagged and pinned from their menu', async () => {
    await write('Biographical', 'Call me Ishmael.')
    await openMenu('Biographical')
    await page.getByRole('menuitem', { name: 'Pin' }).press('Enter')
    await row('Pinned').waitFor()
    await openMenu('Biographical')
    await page.getByRole('menuitem', { name: 'Tags…' }).press('Enter')
    await page.getByRole('combobox', { name: 'Add a tag' }).fill('novel')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('row', { name: 'novel' }).waitFor()
    await page.keyboard.press('Escape')
    await row('Tags').waitFor()
    await row('Tags').focus()
    await page.keyboard.press('ArrowRight')
    await row('novel').press('Enter')
    await page.getByRole('treegrid', { name: 'Documents tagged novel' }).getByRole('row', { name: 'Biographical' }).waitFor()
    await page.getByRole('button', { name: 'Back to the library' }).click()
    await openMenu('Biographical')
    await page.getByRole('menuitem', { name: 'Duplicate' }).press('Enter')
    await expect.poll(() => inLibrary('Biographical', 'Copy of Biographical')).toEqual(['Copy of Biographical', 'Biographical'])
  })
})

/** A new folder's name is typed in its place. */
async function addFolder(name: string) {
  await page.getByRole('button', { name: 'New folder' }).press('Enter')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.keyboard.press('Enter')
}

/** Shift+F10 opens the menu of the row that has the focus. */
async function openMenu(name: string) {
  await focusRow(name)
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menu', { name }).waitFor()
}

describe('folders', () => {
  test('are made, nested, filled and removed without losing what is in them', async () => {
    await write('Loomings', 'Call me Ishmael.')
    await addFolder('Novel')
    await expect.poll(() => inLibrary('Novel', 'Loomings')).toEqual(['Novel', 'Loomings'])

    await openMenu('Loomings')
    await page.getByRole('menuitem', { name: 'Move to…' }).press('Enter')
    await page.getByRole('combobox', { name: 'Find a folder' }).fill('nov')
    await page.getByRole('option', { name: 'Novel' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => row('Novel').getAttribute('aria-expanded')).toBe('false')
    await focusRow('Novel')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => inLibrary('Novel', 'Loomings')).toEqual(['Novel', 'Loomings'])
    await expect.poll(() => row('Loomings').last().getAttribute('aria-level')).toBe('3')

    await focusRow('Novel')
    await page.keyboard.press('Delete')
    await expect.poll(() => inLibrary('Novel', 'Loomings')).toEqual(['Loomings'])
    await expect.poll(() => row('Loomings').last().getAttribute('aria-level')).toBe('2')
    await page.getByRole('alertdialog', { name: 'Removed the folder' }).getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => inLibrary('Novel', 'Loomings')).toEqual(['Novel'])
  })

  test('take documents that are dropped on them', async () => {
    await write('To Hawthorne', 'Call me Ishmael.')
    await addFolder('Letters')
    await expect.poll(() => inLibrary('Letters', 'To Hawthorne')).toEqual(['Letters', 'To Hawthorne'])
    await row('To Hawthorne').last().dragTo(row('Letters'))
    await expect.poll(() => inLibrary('Letters', 'To Hawthorne')).toEqual(['Letters'])
  })
})

describe('a selection', () => {
  test('of everything goes to the trash as a whole, and comes back', async () => {
    await write('Ambergris', 'Now this ambergris is a very curious substance.')
    await row('Ambergris').last().focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Delete')
    await expect.poll(() => inLibrary('Ambergris', 'Chowder', 'Letters')).toEqual(['Letters'])
    await page
      .getByRole('alertdialog', { name: /^Moved \d+ documents to the trash/ })
      .getByRole('button', { name: 'Undo' })
      .click()
    await expect.poll(() => page.getByRole('button', { name: 'Trash' }).innerText()).toBe('Trash')
  })
})

describe('finding', () => {
  test('searches titles and texts while the words are typed', async () => {
    await write('November', 'Whenever it is a damp, drizzly November in my soul.')
    await write('The Carpet-Bag', 'I stuffed a shirt or two into my old carpet-bag.')
    await page.keyboard.press('Control+Shift+f')
    await page.getByRole('combobox', { name: 'Words to look for' }).fill('drizz')
    const hit = page.getByRole('listbox', { name: 'Found documents' }).getByRole('option')
    await expect.poll(() => hit.locator('mark').allInnerTexts()).toContain('drizzly')
    expect(await hit.count()).toBe(1)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect.poll(() => titleOf(page).inputValue()).toBe('November')
    await page.getByRole('combobox', { name: 'Words to look for' }).fill('zeppelin')
    await page.getByText('No document has all of these words.').waitFor()
    await page.getByRole('button', { name: 'Back to the library' }).click()
  })

  test('opens documents from the palette', async () => {
    await write('The Chapel', 'In this same New Bedford there stands a chapel.')
    await write('The Pulpit', 'I had not been seated very long.')
    await runFromPalette('The Chapel')
    await expect.poll(() => page.title()).toBe('The Chapel · Palimpsest')
  })

  test('shows the document of the last time at the next start', async () => {
    await write('The Sermon', 'Father Mapple rose.')
    await page.getByText('Saved on this computer').waitFor()
    await page.reload()
    await expect.poll(() => titleOf(page).inputValue()).toBe('The Sermon')
  })
})

describe('a long library', () => {
  test('is gone through by End, Home, pages and the beginning of a name, whatever of it is drawn', async () => {
    const own = await startApp()
    const window = await openEngineWindow(own.page)
    const books = Array.from({ length: 200 }, (_, index) => `Book ${100 + index}`)
    await Promise.all(books.map((name) => window.call('folder.create', { name, parent: null })))
    window.close()
    const { keyboard } = own.page
    const rowOf = (name: string) => own.page.getByRole('row', { name, exact: true })
    const focused = () => own.page.evaluate(() => document.activeElement?.closest('[role="row"]')?.getAttribute('aria-label'))
    await rowOf('Book 100').waitFor()
    await rowOf('Documents').focus()
    await keyboard.press('PageDown')
    await expect.poll(focused).toMatch(/^Book 1\d\d$/)
    await keyboard.press('End')
    await expect.poll(focused).toBe('Welcome to Palimpsest')
    await keyboard.press('Home')
    await expect.poll(focused).toBe('Recently opened')
    await keyboard.type('book 27')
    await expect.poll(focused).toBe('Book 270')
    await keyboard.press('ArrowDown')
    await expect.poll(focused).toBe('Book 271')
    expect(await rowOf('Book 271').isVisible()).toBe(true)
    await own.close()
  })

  test('names folders where they stand, from wherever they are made', async () => {
    const window = await openEngineWindow(page)
    for (let shelf = 1; shelf <= 60; shelf++) await window.call('folder.create', { name: `Shelf ${shelf}`, parent: null })
    window.close()
    await row('Shelf 1').waitFor()
    await focusRow('Documents')
    await page.keyboard.press('End')
    await addFolder('Zanzibar')
    await expect.poll(() => row('Zanzibar').evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await row('Zanzibar').isVisible()).toBe(true)
    await page.keyboard.press('Home')
    await focusRow('Documents')
    await page.keyboard.press('ArrowLeft')
    await runFromPalette('New folder')
    await page.getByRole('textbox', { name: 'Name' }).fill('Aalborg')
    await page.keyboard.press('Enter')
    await row('Aalborg').waitFor()
  })
})
