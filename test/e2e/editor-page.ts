import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'

/** The words for what a person does on the page, for end-to-end tests. */

export const textOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Document text' })
export const titleOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Title', exact: true })

/** Does what opens another document, and waits until that is on the page. */
export async function opens(page: Page, open: () => Promise<void>): Promise<void> {
  const before = await page.evaluateHandle(() => document.querySelector('.document-text'))
  await open()
  await page.waitForFunction((old) => ![null, old].includes(document.querySelector('.document-text')), before)
}

/** A new document with the caret in its text. */
export async function newDocument(page: Page, title = ''): Promise<Locator> {
  await opens(page, () => page.getByRole('button', { name: 'New document' }).first().click())
  const text = textOf(page)
  await text.waitFor()
  if (title !== '') await titleOf(page).fill(title)
  await text.focus()
  return text
}

/** The blocks on the page, one line each: kind and text, set in by depth. */
export function blocksOn(page: Page): Promise<string[]> {
  return textOf(page).evaluate((text) =>
    Array.from(text.children, (block) => {
      const { task, depth, quoted } = (block as HTMLElement).dataset
      const content = block.querySelector('pre > code, figcaption, [data-task-text], li, blockquote > p') ?? block
      return `${'  '.repeat(Number(depth))}${quoted ? 'quoted ' : ''}${task ?? block.localName}: ${content.textContent}`.trimEnd()
    }),
  )
}

/** Pastes as the browser would from another program. */
export async function paste(page: Page, html: string, plain = ''): Promise<void> {
  await textOf(page).evaluate(
    (text, content) => {
      const clipboardData = new DataTransfer()
      if (content.html !== '') clipboardData.setData('text/html', content.html)
      clipboardData.setData('text/plain', content.plain)
      text.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    },
    { html, plain },
  )
}

export const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8')

/** Runs a command through the palette. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+k')
  const field = page.getByPlaceholder('Find a command or a document')
  await field.fill(title)
  await page.getByRole('option', { name: title }).first().waitFor()
  await field.press('Enter')
}
