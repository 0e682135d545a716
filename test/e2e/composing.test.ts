/** Writing with an input method while others write, in the built app; and scripts in which a letter is more than a character. */
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { TextEditor } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import type { ReconnectingClient } from '../../renderer/client/engine-client.ts'
import { type OpenDocument, openDocument } from '../../renderer/documents/open-document.ts'
import { newDocument, textOf } from './editor-page.ts'
import { openEngineWindow } from './engine-window.ts'
import { type App, startApp } from './harness.ts'

let app: App
let page: Page
let keyboard: Page['keyboard']
let input: CDPSession
let window: ReconnectingClient
/** The same document in a window of somebody else's. */
let other: OpenDocument
let count = 0

beforeAll(async () => {
  app = await startApp()
  page = app.page
  keyboard = page.keyboard
  input = await page.context().newCDPSession(page)
  window = await openEngineWindow(page)
})

afterAll(() => window.close())

afterEach(async () => {
  await other.close()
  expect(app.problems).toEqual([])
})

/** A new document with these paragraphs, the caret at the end. */
async function write(...paragraphs: string[]) {
  const title = `Composing ${++count}`
  await newDocument(page, title)
  for (const [index, text] of paragraphs.entries()) {
    if (index > 0) await keyboard.press('Enter')
    await keyboard.insertText(text)
  }
  const find = async () => (await window.call('library.read', {})).documents.find((document) => document.title === title)?.id
  await expect.poll(find).toBeDefined()
  other = await openDocument(window, (await find())!)
  await expect.poll(theirs).toBe(paragraphs.join('\n'))
}

const ours = () => textOf(page).evaluate((text) => Array.from(text.children, (block) => block.textContent).join('\n'))
const theirs = () => readText(other.handle.doc())

/** Puts the caret before a character of the last paragraph. */
async function caretAt(offset: number) {
  await keyboard.press('Home')
  for (let step = 0; step < offset; step++) await keyboard.press('ArrowRight')
}

/** What the input method shows as not yet decided. */
const compose = (text: string) => input.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
/** What it decides for. */
const commit = (text: string) => input.send('Input.insertText', { text })

function writeThere(after: string, text: string) {
  const { handle } = other
  const index = 1 + theirs().indexOf(after) + after.length
  handle.change((draft) => new TextEditor(draft, handle.doc()).splice(index, 0, text))
}

async function bothRead(text: string | RegExp) {
  const pattern = typeof text === 'string' ? new RegExp(`^${text}$`) : text
  await expect.poll(async () => [await ours(), theirs()]).toEqual([expect.stringMatching(pattern), expect.stringMatching(pattern)])
  expect(await ours()).toBe(theirs())
}

describe('a word is composed while somebody else writes', () => {
  test('in another paragraph, which is seen at once', async () => {
    await write('first', 'hello world')
    await caretAt(5)
    await compose('か')
    await expect.poll(theirs).toBe('first\nhelloか world')
    writeThere('first', ' theirs')
    await expect.poll(ours).toBe('first theirs\nhelloか world')
    await compose('かん')
    await commit('漢')
    await bothRead('first theirs\nhello漢 world')
  })

  test.each([
    ['before the word', 'hel', /^hel-lo漢 world$/],
    ['inside the word', 'hellok', /^hello(漢-|-漢) world$/],
    ['after the word', 'helloka', /^hello(漢-|-漢) world$/],
    ['further on', 'wor', /^hello漢 wor-ld$/],
  ])('in the same text, %s', async (_, after, expected) => {
    await write('hello world')
    await caretAt(5)
    await compose('k')
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere(after, '-')
    await compose('kan')
    await commit('漢')
    await bothRead(expected)
  })

  test('for longer than it may hold them up', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere('hel', '-')
    await expect.poll(ours).toBe('hel-loka world')
    await compose('kan')
    await commit('漢')
    await bothRead(/^hel-lo(ka)?漢 world$/)
  })

  test('and is given up', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere('world', '!')
    await compose('')
    await bothRead('hello world!')
  })

  test('and is undone', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await commit('漢')
    await bothRead('hello漢 world')
    writeThere('hello漢', '-')
    await bothRead('hello漢- world')
    await keyboard.press('ControlOrMeta+z')
    await bothRead('hello- world')
  })
})

describe('a letter that is more than one character', () => {
  const family = '👩‍👩‍👧‍👦'
  const flag = '🇩🇪'

  test('is deleted whole, forwards and backwards', async () => {
    await write(`a${family}b${flag}c`)
    await keyboard.press('ArrowLeft')
    await keyboard.press('Backspace')
    await bothRead(`a${family}bc`)
    await keyboard.press('Home')
    await keyboard.press('ArrowRight')
    await keyboard.press('Delete')
    await bothRead('abc')
  })

  test('is not cut by the caret, nor by what others write beside it', async () => {
    await write(`x${family}e\u0301${flag}`)
    await caretAt(2)
    await keyboard.insertText('1')
    await keyboard.press('ArrowRight')
    await keyboard.insertText('2')
    writeThere(`x${family}`, '-')
    await bothRead(`x${family}(-1|1-)e\u03012${flag}`)
  })

  test('stays whole where the same one stands beside it', async () => {
    await write(`${family}${family}${family}`)
    await keyboard.press('Backspace')
    await bothRead(`${family}${family}`)
    await keyboard.press('ControlOrMeta+z')
    await bothRead(`${family}${family}${family}`)
  })
})

test('text from right to left, and of both kinds, is written where the caret is while others write', async () => {
  await write('שלום hello عالم')
  await keyboard.insertText('!')
  writeThere('שלום', ' רב')
  await bothRead('שלום רב hello عالم!')
  await keyboard.press('Backspace')
  await keyboard.press('Backspace')
  await bothRead('שלום רב hello عال')
  await compose('م')
  writeThere('hello', ' there')
  await commit('مي')
  await bothRead('שלום רב hello there عالمي')
})
