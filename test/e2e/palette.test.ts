/** The palette and its like for somebody who types faster than the window draws: no key goes astray, and Enter takes what was asked for. */
import type { CDPSession, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { newDocument, textOf, titleOf } from './editor-page.ts'
import { type App, startApp } from './harness.ts'

let app: App
let page: Page
let devtools: CDPSession

beforeAll(async () => {
  app = await startApp()
  page = app.page
  await textOf(page).waitFor()
  devtools = await page.context().newCDPSession(page)
})

/** Presses keys one upon the other, without waiting for the page to have taken one before the next. */
async function burst(keys: readonly string[]) {
  const strokes = keys.map((key) =>
    key === 'Mod-k'
      ? { key: 'k', code: 'KeyK', windowsVirtualKeyCode: 75, modifiers: 2 }
      : key === 'Enter'
        ? { key, code: key, windowsVirtualKeyCode: 13, text: '\r' }
        : { key, text: key },
  )
  await Promise.all(
    strokes.flatMap((stroke) => [
      devtools.send('Input.dispatchKeyEvent', { type: 'keyDown', ...stroke }),
      devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...stroke, text: '' }),
    ]),
  )
}

describe('keys that come faster than the window draws', () => {
  test("after the palette was called are the palette's, also in the first moments of a window", async () => {
    const text = await newDocument(page, 'Burst')
    await page.keyboard.type('Before.')
    for (const start of ['present', 'fresh']) {
      if (start === 'fresh') await page.reload()
      await text.focus()
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 8 })
      await burst(['Mod-k', ...'Settings'.split(''), 'Enter'])
      await page.getByRole('dialog', { name: 'Settings' }).waitFor()
      await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 })
      expect(await text.innerText()).toBe('Before.')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name: 'Settings' }).waitFor({ state: 'detached' })
    }
  })

  test('find in the library what is typed, not what was found a letter before', async () => {
    await newDocument(page, 'Harbour')
    await page.keyboard.type('Rain over the harbour.')
    await newDocument(page, 'Harvest')
    await page.keyboard.type('Rain at harvest.')
    await page.keyboard.press('Control+Shift+f')
    const field = page.getByRole('combobox', { name: 'Words to look for' })
    await field.fill('rain')
    await expect.poll(() => page.getByRole('listbox', { name: 'Found documents' }).getByRole('option').count()).toBe(2)
    await field.press('ControlOrMeta+a')
    await burst([...'rain harb'.split(''), 'Enter'])
    await expect.poll(() => titleOf(page).inputValue()).toBe('Harbour')
  })
})

test('the palette has the focus also when it is called from a popover', async () => {
  await page.getByText('Saved on this computer').first().click()
  await page.getByRole('dialog', { name: 'Where your words are' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Settings')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Settings' }).waitFor()
  await page.keyboard.press('Escape')
})

test('Enter takes the first that is found also after a letter was deleted', async () => {
  await page.keyboard.press('Control+k')
  const field = page.getByPlaceholder('Find a command or a document')
  await field.pressSequentially('Settingss')
  await field.press('Backspace')
  await field.press('Enter')
  await page.getByRole('dialog', { name: 'Settings' }).waitFor()
})
