/** Every screen, light and dark, wide and narrow, under axe: nothing serious. And the names that tools and people rely on. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { command, textOf, titleOf } from './editor-page.ts'
import { type App, startApp } from './harness.ts'

/** Faults worth failing for, each with where it is. */
async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`,
  )
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const opened = (page: Page, title: string) => page.getByRole('dialog', { name: title }).waitFor()

/** How to come to each screen from the page with a document, and back. */
const screens: Record<string, (page: Page) => Promise<unknown>> = {
  page: (page) => textOf(page).waitFor(),
  palette: async (page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command or a document' }).fill('t')
    await page.getByRole('option').first().waitFor()
  },
  search: async (page) => {
    await press(page, 'Search')
    await page.getByRole('combobox', { name: 'Words to look for' }).fill('ishmael')
    await page.getByRole('option').first().waitFor()
  },
  trash: async (page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command or a document' }).fill('go to the trash')
    await page.getByRole('option', { name: 'Go to the trash' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('The trash is empty.').waitFor()
  },
  history: async (page) => {
    await press(page, 'History')
    await page.getByRole('listbox', { name: 'Versions of this document' }).getByRole('option').nth(1).click()
    await page.getByRole('button', { name: 'Restore this version' }).waitFor()
  },
  outline: async (page) => {
    await press(page, 'Outline')
    await page.getByRole('complementary', { name: 'Outline' }).waitFor()
  },
  share: async (page) => {
    await press(page, 'Share')
    await opened(page, 'Share “Loomings”')
  },
  'find and replace': async (page) => {
    await command(page, 'Find and replace')
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('ishmael')
    await page.getByRole('textbox', { name: 'Replace with' }).waitFor()
  },
  'toolbar of the selection': async (page) => {
    await textOf(page).click()
    await page.keyboard.press('Control+a')
    await page.getByRole('toolbar').waitFor()
  },
  'address of a link': async (page) => {
    await textOf(page).click()
    await page.keyboard.press('Control+a')
    await command(page, 'Link…')
    await page.getByRole('textbox', { name: 'Address of the link' }).waitFor()
  },
  'slash menu': async (page) => {
    await textOf(page).click()
    await page.keyboard.press('Control+End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('/')
    await page.getByRole('option').first().waitFor()
    // The bar has stepped back while keys were pressed, and comes forward for the pointer.
    await page.mouse.move(300, 300)
    await page.mouse.move(310, 310)
    await page.locator('.window:not([data-quiet])').waitFor()
  },
  more: async (page) => {
    await page.locator('.top-bar').getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Export…' }).waitFor()
  },
  ...Object.fromEntries(
    [
      ['Keyboard shortcuts', 'Keyboard shortcuts'],
      ['Open a link…', 'Open a link'],
      ['Invitations…', 'Invitations'],
      ['Export…', 'Export the document'],
      ['Move document…', 'Move to'],
      ['Tags of the document…', 'Tags of “Loomings”'],
    ].map(([title = '', name = '']) => [
      title,
      async (page: Page) => {
        await command(page, title)
        await opened(page, name)
      },
    ]),
  ),
  ...Object.fromEntries(
    ['Page', 'Writing', 'You', 'Relay', 'Devices', 'Your data'].map((tab) => [
      `settings: ${tab}`,
      async (page: Page) => {
        await page.keyboard.press('Control+,')
        await page.getByRole('tab', { name: tab, exact: true }).click()
        await page.getByRole('tabpanel', { name: tab, exact: true }).waitFor()
      },
    ]),
  ),
}

describe.each([
  ['light, wide', 'light', 1280],
  ['dark, narrow', 'dark', 700],
] as const)('%s', (_, colorScheme, width) => {
  let app: App

  beforeAll(async () => {
    app = await startApp({ context: { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' } })
    await press(app.page, 'New document')
    await titleOf(app.page).fill('Loomings')
    await textOf(app.page).click()
    await app.page.keyboard.type('Call me Ishmael.')
    await app.page.getByText('Saved on this computer').waitFor()
  })

  test.each(Object.keys(screens))('%s', async (screen) => {
    await app.page.reload()
    await textOf(app.page).waitFor()
    await screens[screen]?.(app.page)
    expect(await faults(app.page)).toEqual([])
    expect(app.problems).toEqual([])
    await app.page.evaluate(() => localStorage.setItem('palimpsest.margin', '"none"'))
  })
})

test('the empty desk and its library', async () => {
  const { page } = await startApp()
  await textOf(page).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find a command or a document' }).fill('close document')
  await page.getByRole('option', { name: 'Close document' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Begin writing' }).waitFor()
  expect(await faults(page)).toEqual([])
  for (const name of ['New document', 'Search']) await page.getByRole('button', { name, exact: true }).waitFor()
})
