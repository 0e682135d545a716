/** People and roles between two real apps in a browser: invited, sharing, refused, and let go. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { textOf, titleOf } from './editor-page.ts'
import { type App, type Relay, startApp, startRelay } from './harness.ts'

let relay: Relay
let ada: App
let ben: App
beforeAll(async () => {
  ;[relay, ada, ben] = await Promise.all([startRelay(), startApp(), startApp()])
})

async function openSettings(page: Page, tab: string) {
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: tab, exact: true }).click()
}

async function callOneself(page: Page, name: string) {
  await openSettings(page, 'You')
  await page.getByRole('textbox', { name: 'Your name, as others see it' }).fill(name)
  await page.keyboard.press('Escape')
}

async function join(page: Page, invite: string) {
  await openSettings(page, 'Relay')
  await page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(invite)
  await page.getByRole('button', { name: 'Join this relay' }).click()
}

describe('two people and a relay', () => {
  test('an invite lets one in, once', async () => {
    await Promise.all([callOneself(ada.page, 'Ada'), callOneself(ben.page, 'Ben')])
    await join(ada.page, relay.ownersInvite)
    await ada.page.getByText('Connected to the relay.').waitFor()
    await ada.page.keyboard.press('Escape')
    await join(ben.page, relay.ownersInvite)
    await ben.page.getByText('This invite has been used already.').waitFor()
    await ben.page.keyboard.press('Escape')
  })

  test('a link brings the other, who is then seen by name', async () => {
    await ada.page.keyboard.press('Control+k')
    await ada.page.keyboard.type('New document')
    await ada.page.keyboard.press('Enter')
    await titleOf(ada.page).fill('Rain')
    await textOf(ada.page).click()
    await ada.page.keyboard.type('It began in the night.')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('button', { name: 'Put it on the relay' }).click()
    const link = await ada.page.getByRole('textbox', { name: 'Link' }).inputValue()
    await ada.page.keyboard.press('Escape')
    await ben.page.keyboard.press('Control+k')
    await ben.page.keyboard.type('Open a link')
    await ben.page.keyboard.press('Enter')
    await ben.page.getByRole('textbox', { name: 'Link from another writer' }).fill(link)
    await ben.page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect.poll(() => textOf(ben.page).innerText()).toContain('It began in the night.')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('combobox', { name: 'Role of Ben' }).waitFor()
  })

  test('who may only read is told so, and cannot write', async () => {
    await ada.page.getByRole('combobox', { name: 'Role of Ben' }).selectOption('viewer')
    await ben.page.getByText('You can read this, not change it.').waitFor()
    await expect.poll(() => textOf(ben.page).getAttribute('contenteditable')).toBe('false')
  })

  test('who is removed is told why, and keeps what was there', async () => {
    await ada.page.getByRole('button', { name: 'Remove Ben' }).click()
    await ada.page.getByRole('combobox', { name: 'Role of Ben' }).waitFor({ state: 'detached' })
    await ben.page.getByText('Not accepted by the relay').waitFor()
    await ben.page.getByText('Not accepted by the relay').click()
    await ben.page.getByText('The owner no longer shares this document with you.').waitFor()
    expect(await textOf(ben.page).innerText()).toContain('It began in the night.')
    for (const app of [ada, ben]) expect(app.problems).toEqual([])
  })
})

describe('the link of a document', () => {
  test('is another one after it was taken back, also for an owner who looks again', async () => {
    const { page } = ada
    const link = page.getByRole('textbox', { name: 'Link' })
    const before = await link.inputValue()
    await page.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('The link was taken back.').waitFor()
    await page.getByRole('button', { name: 'Make a new link' }).click()
    await link.waitFor()
    const after = await link.inputValue()
    expect(after).not.toBe(before)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect.poll(() => link.inputValue()).toBe(after)
  })
})

describe('a relay’s invite, address and link', () => {
  let cleo: App
  let down: string
  beforeAll(async () => {
    const [app, gone] = await Promise.all([startApp(), startRelay()])
    cleo = app
    down = gone.address
    await gone.close()
  })

  test('whoever owns the relay invites another', async () => {
    await ada.page.keyboard.press('Escape')
    await openSettings(ada.page, 'Relay')
    await ada.page.getByRole('button', { name: 'Invite somebody to this relay' }).click()
    const invite = await ada.page.getByRole('textbox', { name: 'Invite for one person, good for a week' }).inputValue()
    await join(cleo.page, invite)
    await cleo.page.getByText('Connected to the relay.').waitFor()
    await cleo.page.getByRole('button', { name: 'Sign out' }).click()
    await cleo.page.getByText('No relay is set.').waitFor()
    await cleo.page.keyboard.press('Escape')
  })

  test('an address that is none is told in its field, and one whose relay is down can be kept', async () => {
    await openSettings(cleo.page, 'Relay')
    const address = cleo.page.getByRole('textbox', { name: 'Invite, or address of a relay' })
    const use = cleo.page.getByRole('button', { name: 'Use this relay' })
    await address.fill('hello')
    await use.click()
    await cleo.page.getByText('It begins with ws:// or wss://.').waitFor()
    expect(await address.getAttribute('aria-invalid')).toBe('true')
    await address.fill(down)
    await cleo.page.getByRole('button', { name: 'Test' }).click()
    await expect.poll(() => address.getAttribute('aria-invalid')).toBe('true')
    await use.click()
    await cleo.page.getByRole('button', { name: 'Sign out' }).waitFor()
    await cleo.restart()
    await openSettings(cleo.page, 'Relay')
    expect(await cleo.page.getByRole('textbox', { name: 'Invite, or address of a relay' }).inputValue()).toBe(down)
    await cleo.page.keyboard.press('Escape')
  })

  test('after a link that failed another one can be tried', async () => {
    await cleo.page.keyboard.press('Control+k')
    await cleo.page.keyboard.type('Open a link')
    await cleo.page.keyboard.press('Enter')
    const link = cleo.page.getByRole('textbox', { name: 'Link from another writer' })
    const open = cleo.page.getByRole('button', { name: 'Open', exact: true })
    await link.fill('hello')
    await open.click()
    await cleo.page.getByText('This is not a link to a document.').waitFor()
    await link.fill(`palimpsest://open/2akvofn6L1o4RMUEMQi7qzwRjKWZ?relay=${encodeURIComponent(down)}`)
    await open.click()
    await cleo.page.getByText('check the address and the network').waitFor()
    expect(cleo.problems).toEqual([])
  })
})
