/**
 * A morning's work: a writer writes offline, closes, finds every word again, goes online, and a second writer has the text; both write
 * apart and together, an older version comes back, and all of it survives the death of every process.
 *
 * The text is a real one: the keystrokes of a paper of 105,000 characters, one change each, typed through the engine.
 */
import * as A from '@automerge/automerge/slim'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTrace } from '../../bench/benchmark.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { TextDoc } from '../../core/text/document.ts'
import { changeText } from '../../core/text/edit.ts'
import { readText, textLength } from '../../core/text/read.ts'
import { type OpenDocument, openDocument } from '../../renderer/documents/open-document.ts'
import { typeTransaction } from '../typist.ts'
import { textOf, titleOf } from './editor-page.ts'
import { type App, type Relay, startApp, startRelay } from './harness.ts'
import { findDocument, openEngineWindow } from './engine-window.ts'

const log = readTrace('automerge-paper')
/** Keystrokes handed to the engine at once. Each is still a change of its own. */
const batchSize = 2_000
const editsApart = 1_000
/** How long what is done once with 260,000 changes (the first sync, the first timeline) may take on a busy machine. */
const longHistoryMs = 240_000

let relay: Relay
let ada: App
let ben: App

beforeAll(async () => {
  ;[relay, ada, ben] = await Promise.all([startRelay(), startApp(), startApp()])
})

const status = (page: Page, words: string) => page.getByText(words, { exact: false }).first().waitFor()

/** What the view shows: its blocks, separated by line feeds. */
const shown = (page: Page) => textOf(page).evaluate((element) => [...element.children].map((block) => block.textContent).join('\n'))

async function documentOf(app: App, name: string): Promise<DocumentId> {
  const window = await openEngineWindow(app.page)
  const id = await findDocument(window, name)
  window.close()
  return id
}

/** Opens the document in a window without a page, and closes both when all that `work` did is durable. */
async function inWindow<Result>(app: App, id: DocumentId, work: (document: OpenDocument) => Result | Promise<Result>): Promise<Result> {
  const window = await openEngineWindow(app.page)
  const document = await openDocument(window, id)
  const result = await work(document)
  await document.close()
  window.close()
  return result
}

const read = (app: App, id: DocumentId) => inWindow(app, id, ({ handle }) => readText(handle.doc()))

/**
 * Many single edits, spread over the text by a fixed rule: each inserts one character that stands nowhere else, `first` and those after it, so that none
 * can be taken for another or be broken by a later one. Returns them all.
 */
function editMuch(document: OpenDocument, first: number): string[] {
  const characters = Array.from({ length: editsApart }, (_, edit) => String.fromCharCode(first + edit))
  document.handle.update((doc) =>
    characters.reduce((next: TextDoc, character, edit) => {
      const index = 1 + ((edit * 7919) % (textLength(next) - 1))
      return changeText(next, { time: Date.now() }, (editor) => editor.splice(index, 0, character))
    }, doc),
  )
  return characters
}

describe('a morning', () => {
  let id: DocumentId
  let middle: { heads: A.Heads; text: string }

  test('Ada writes with no network, and every keystroke of a paper is kept', async () => {
    await ada.page.getByRole('button', { name: 'New document' }).first().click()
    await titleOf(ada.page).fill('A paper')
    await textOf(ada.page).click()
    await status(ada.page, 'Saved on this computer')
    id = await documentOf(ada, 'A paper')

    await inWindow(ada, id, async (document) => {
      for (let start = 0; start < log.txns.length; start += batchSize) {
        document.handle.update((doc) => log.txns.slice(start, start + batchSize).reduce(typeTransaction, doc))
        if (start <= log.txns.length / 2 && start + batchSize > log.txns.length / 2) {
          middle = { heads: A.getHeads(document.handle.doc()), text: readText(document.handle.doc()) }
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(readText(document.handle.doc())).toBe(log.endContent)
    })
    await expect.poll(() => shown(ada.page)).toBe(log.endContent)
  }, 900_000)

  test('closed and opened again, every word is there', async () => {
    await ada.restart()
    await expect.poll(() => titleOf(ada.page).inputValue()).toBe('A paper')
    expect(await shown(ada.page)).toBe(log.endContent)
  })

  test('Ada goes online and shares; Ben opens the link and has the text', async () => {
    await joinRelay(ada.page, relay.ownersInvite)
    await ada.page.getByRole('button', { name: 'Share' }).click()
    await ada.page.getByRole('button', { name: 'Put it on the relay' }).click()
    await ada.page.getByRole('button', { name: 'Make a link' }).click({ timeout: longHistoryMs })
    const link = await ada.page.getByRole('region', { name: 'Links' }).getByRole('listitem').getByRole('textbox').inputValue()
    await ada.page.keyboard.press('Escape')
    await status(ada.page, 'Up to date')

    await runCommand(ben.page, 'Open a link')
    await ben.page.getByRole('textbox', { name: 'Link from another writer' }).fill(link)
    await ben.page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect.poll(() => titleOf(ben.page).inputValue(), { timeout: longHistoryMs }).toBe('A paper')
    await expect.poll(() => shown(ben.page), { timeout: longHistoryMs }).toBe(log.endContent)
  }, 600_000)

  test('they write together: a letter of one is on the page of the other', async () => {
    await typeAtStart(ada.page, 'Ada was here. ')
    await expect.poll(() => shown(ben.page)).toContain('Ada was here. ')
    await typeAtStart(ben.page, 'Ben too. ')
    await expect.poll(() => shown(ada.page)).toContain('Ben too. ')
  })

  test('a thousand edits apart on each side meet again, and nothing is missing', async () => {
    await relay.kill9()
    await typeAtStart(ada.page, 'Alone. ')
    await status(ada.page, 'not sent yet')
    const [byAda, byBen] = await Promise.all([
      inWindow(ada, id, (document) => editMuch(document, 0x4e00)),
      inWindow(ben, id, (document) => editMuch(document, 0x6000)),
    ])
    await relay.restart()
    for (const app of [ada, ben]) await expect.poll(async () => missing(await shown(app.page), [...byAda, ...byBen])).toEqual([])
    await Promise.all([status(ada.page, 'Up to date'), status(ben.page, 'Up to date')])
    expect(await shown(ada.page)).toBe(await shown(ben.page))
    expect(await read(ada, id)).toBe(await read(ben, id))
  })

  test('a version from the middle is read and brought back, for both', async () => {
    const before = await read(ada, id)
    await ada.page.getByRole('button', { name: 'History' }).click()
    const versions = ada.page.getByRole('listbox', { name: 'Versions of this document' }).getByRole('option')
    await expect.poll(() => versions.count(), { timeout: longHistoryMs }).toBeGreaterThanOrEqual(5)
    await versions.nth(Math.floor((await versions.count()) / 2)).click()
    const version = ada.page.locator('.version')
    const old = await version
      .locator('.document-text')
      .evaluate((element) => [...element.children].map((block) => block.textContent).join('\n'))
    expect(old).not.toBe(before)
    await version.getByRole('button', { name: 'Restore this version' }).click()
    await expect.poll(() => shown(ada.page), { timeout: longHistoryMs }).toBe(old)
    await expect.poll(() => shown(ben.page), { timeout: longHistoryMs }).toBe(old)
    const kept = await inWindow(ben, id, ({ handle }) => readText(handle.doc(), middle.heads as never))
    expect(kept).toBe(middle.text)
  }, 600_000)

  test('killed and started again, both have all of it', async () => {
    const before = await shown(ada.page)
    await Promise.all([ada.kill9(), ben.kill9()])
    await Promise.all([ada.restart(), ben.restart()])
    for (const app of [ada, ben]) {
      await expect.poll(() => titleOf(app.page).inputValue()).toBe('A paper')
      expect(await shown(app.page)).toBe(before)
      expect(app.problems).toEqual([])
    }
  })
})

const missing = (whole: string, words: string[]) => words.filter((word) => !whole.includes(word))

async function typeAtStart(page: Page, words: string) {
  await textOf(page).focus()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type(words)
}

async function runCommand(page: Page, name: string) {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
}

async function joinRelay(page: Page, invite: string) {
  await runCommand(page, 'Settings')
  await page.getByRole('tab', { name: 'Relay' }).click()
  await page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(invite)
  await page.getByRole('button', { name: 'Join this relay' }).click()
  await page.getByText('Connected to the relay.').waitFor()
  await page.keyboard.press('Escape')
}
