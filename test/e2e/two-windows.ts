/**
 * One document in two windows, for end-to-end tests: on a page, and in a window of somebody else's that has no page. A test file calls
 * `openTwoWindows` once and `write` in each test.
 */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { TextEditor } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import type { ReconnectingClient } from '../../renderer/client/engine-client.ts'
import { type OpenDocument, openDocument } from '../../renderer/documents/open-document.ts'
import { newDocument, textOf } from './editor-page.ts'
import { openEngineWindow } from './engine-window.ts'
import { type App, startApp } from './harness.ts'

let app: App
let window: ReconnectingClient
let other: OpenDocument
let count = 0

export let page: Page
export let keyboard: Page['keyboard']

/** Starts an app with a page before all tests, and ends it after them. A problem on the page fails the test it comes in. */
export function openTwoWindows(): void {
  beforeAll(async () => {
    app = await startApp()
    page = app.page
    keyboard = page.keyboard
    window = await openEngineWindow(page)
  })
  afterAll(() => window.close())
  afterEach(async () => {
    await other.close()
    expect(app.problems).toEqual([])
  })
}

/** A new document with these paragraphs in both windows, the caret at the end. */
export async function write(...paragraphs: string[]): Promise<void> {
  const title = `Written by two ${++count}`
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

/** The text on the page. */
export const ours = (): Promise<string> =>
  textOf(page).evaluate((text) => Array.from(text.children, (block) => block.textContent).join('\n'))
/** The text in the other window. */
export const theirs = (): string => readText(other.handle.doc())

/** The title in the other window. */
export const titleThere = (): string => other.title.get()
/** They change it. */
export const changeTitleThere = (title: string): void => other.setTitle(title)

/** The somebody else changes the text. */
export function changeThere(edit: (text: TextEditor) => void): void {
  const { handle } = other
  handle.change((draft) => edit(new TextEditor(draft, handle.doc())))
}

/** They write after the first occurrence of some words. */
export function writeThere(after: string, text: string): void {
  const index = 1 + theirs().indexOf(after) + after.length
  changeThere((editor) => editor.splice(index, 0, text))
}

/** Waits until both windows read so. */
export async function bothRead(text: string | RegExp): Promise<void> {
  const pattern = typeof text === 'string' ? new RegExp(`^${text}$`) : text
  await expect.poll(async () => [await ours(), theirs()]).toEqual([expect.stringMatching(pattern), expect.stringMatching(pattern)])
  expect(await ours()).toBe(theirs())
}
