/** One person on two devices, in a browser: joined by a code, one library, written on both, and one of them removed. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { textOf, titleOf } from './editor-page.ts'
import { type App, type Relay, startApp, startRelay } from './harness.ts'

let relay: Relay
let laptop: App
let tablet: App
beforeAll(async () => {
  ;[relay, laptop, tablet] = await Promise.all([startRelay(), startApp(), startApp()])
})

async function openSettings(page: Page, tab: string) {
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: tab, exact: true }).click()
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const codeOf = (page: Page) => page.locator('.device-code .code').innerText()

/** On the device that is new: asks the other one. */
async function ask(page: Page, code: string) {
  await openSettings(page, 'Devices')
  await button(page, 'Use a code from another device').click()
  await page.getByRole('textbox', { name: 'Relay' }).fill(relay.address)
  await page.getByRole('textbox', { name: 'Code' }).fill(code)
  await button(page, 'Ask your other device').click()
}

describe('two devices of one person', () => {
  test('a code is shown, and a wrong one leads nowhere', async () => {
    await openSettings(laptop.page, 'You')
    await laptop.page.getByRole('textbox', { name: 'Your name, as others see it' }).fill('Ada')
    await laptop.page.getByRole('tab', { name: 'Relay' }).click()
    await laptop.page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(relay.ownersInvite)
    await button(laptop.page, 'Join this relay').click()
    await laptop.page.getByText('Connected to the relay.').waitFor()
    await laptop.page.keyboard.press('Escape')
    await laptop.page.keyboard.press('Control+k')
    await laptop.page.keyboard.type('New document')
    await laptop.page.keyboard.press('Enter')
    await titleOf(laptop.page).fill('Rain')
    await textOf(laptop.page).click()
    await laptop.page.keyboard.type('It began in the night.')
    await button(laptop.page, 'Share').click()
    await button(laptop.page, 'Put it on the relay').click()
    await laptop.page.getByText('There is no link.').waitFor()
    await laptop.page.keyboard.press('Escape')

    await openSettings(laptop.page, 'Devices')
    await button(laptop.page, 'Add a device').click()
    const code = await codeOf(laptop.page)
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    await ask(tablet.page, code.startsWith('A') ? `B${code.slice(1)}` : `A${code.slice(1)}`)
    await tablet.page.getByText('The code is wrong').waitFor()
  })

  test('the right one is asked about, and then both are one person with one library', async () => {
    await tablet.page.getByRole('textbox', { name: 'Code' }).fill((await codeOf(laptop.page)).toLowerCase())
    await button(tablet.page, 'Ask your other device').click()
    await tablet.page.getByText('Say yes on your other device.').waitFor()
    await button(laptop.page, 'Add it').click()
    // The tablet's page is loaded anew, as another person's.
    await tablet.page.getByRole('row', { name: 'Rain' }).first().waitFor()
    await tablet.page.getByRole('row', { name: 'Rain' }).first().click()
    await expect.poll(() => textOf(tablet.page).innerText()).toContain('It began in the night.')
    await openSettings(tablet.page, 'You')
    await expect.poll(() => tablet.page.getByRole('textbox', { name: 'Your name, as others see it' }).inputValue()).toBe('Ada')
    await tablet.page.keyboard.press('Escape')
    await expect.poll(() => laptop.page.getByRole('region', { name: 'Your devices' }).getByRole('listitem').count()).toBe(2)
    await laptop.page.keyboard.press('Escape')
  })

  test('both write', async () => {
    await textOf(tablet.page).click()
    await tablet.page.keyboard.press('Control+End')
    await tablet.page.keyboard.type(' By morning it had stopped.')
    await expect.poll(() => textOf(laptop.page).innerText()).toContain('By morning it had stopped.')
    await textOf(laptop.page).click()
    await laptop.page.keyboard.press('Control+End')
    await laptop.page.keyboard.type(' Or so they said.')
    await expect.poll(() => textOf(tablet.page).innerText()).toContain('Or so they said.')
  })

  test('one that is removed is told so, keeps its text, and sends nothing more', async () => {
    await openSettings(laptop.page, 'Devices')
    await laptop.page.getByRole('button', { name: /^Remove / }).click()
    await button(laptop.page, 'Remove it').click()
    await expect.poll(() => laptop.page.getByRole('region', { name: 'Your devices' }).getByRole('listitem').count()).toBe(1)
    await laptop.page.keyboard.press('Escape')
    await openSettings(tablet.page, 'Relay')
    await tablet.page.getByText('This device was removed by another one of yours.').first().waitFor()
    await tablet.page.keyboard.press('Escape')
    await textOf(tablet.page).click()
    await tablet.page.keyboard.press('Control+End')
    await tablet.page.keyboard.type(' Stolen words.')
    await expect.poll(() => textOf(tablet.page).innerText()).toContain('Stolen words.')
    await textOf(laptop.page).click()
    await laptop.page.keyboard.press('Control+End')
    await laptop.page.keyboard.type(' Safe words.')
    await expect.poll(() => textOf(laptop.page).innerText()).toContain('Safe words.')
    expect(await textOf(laptop.page).innerText()).not.toContain('Stolen')
    for (const app of [laptop, tablet]) expect(app.problems).toEqual([])
  })
})
