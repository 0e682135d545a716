/** People and roles between two real apps in a browser: invited, sharing, refused, and let go. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Role } from '../../core/contract/engine.ts'
import { textOf, titleOf } from './editor-page.ts'
import { type App, type Relay, startApp, startLine, startRelay } from './harness.ts'

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

/** In the open dialog. */
async function makeLink(page: Page, role: Role, password = '') {
  const links = page.getByRole('region', { name: 'Links' })
  const before = await links.getByRole('listitem').count()
  await page.getByRole('combobox', { name: 'What the link gives' }).selectOption(role)
  await page.getByRole('textbox', { name: 'Password of the new link' }).fill(password)
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect.poll(() => links.getByRole('listitem').count()).toBe(before + 1)
  return links.getByRole('listitem').last().getByRole('textbox').inputValue()
}

async function openLink(page: Page, link: string) {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Open a link')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Link from another writer' }).fill(link)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
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
    await ada.page.getByText('There is no link.').waitFor()
    const link = await makeLink(ada.page, 'editor')
    await ada.page.keyboard.press('Escape')
    await openLink(ben.page, link)
    await expect.poll(() => textOf(ben.page).innerText()).toContain('It began in the night.')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('combobox', { name: 'Role of Ben' }).waitFor()
  })

  test('a picture is chosen, made small, and seen by the other', async () => {
    await openSettings(ben.page, 'You')
    const chooser = ben.page.waitForEvent('filechooser')
    await ben.page.getByRole('button', { name: 'Choose a picture…' }).click()
    // A wide picture of some hundred kilobytes.
    const wide = await ben.page.screenshot()
    await (await chooser).setFiles({ name: 'ben.png', mimeType: 'image/png', buffer: wide })
    const own = ben.page.getByRole('region', { name: 'Your picture' }).locator('img')
    await own.waitFor()
    expect(await own.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([128, 128])
    const source = (await own.getAttribute('src')) ?? ''
    expect(source.length).toBeLessThan(30_000)
    await ben.page.keyboard.press('Escape')
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect.poll(() => ada.page.getByRole('region', { name: 'People' }).locator('img').getAttribute('src')).toBe(source)
  })

  test('a file that is no picture is not taken for one', async () => {
    await openSettings(ben.page, 'You')
    const chooser = ben.page.waitForEvent('filechooser')
    await ben.page.getByRole('button', { name: 'Choose a picture…' }).click()
    await (await chooser).setFiles({ name: 'ben.png', mimeType: 'image/png', buffer: Buffer.from('hello') })
    await ben.page.getByText('This file is not a picture that can be shown.').waitFor()
    await ben.page.keyboard.press('Escape')
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
    await ben.page.getByRole('dialog').getByText('The owner no longer shares this document with you.').waitFor()
    await ben.page.keyboard.press('Escape')
    expect(await textOf(ben.page).innerText()).toContain('It began in the night.')
    for (const app of [ada, ben]) expect(app.problems).toEqual([])
  })
})

describe('links', () => {
  const links = () => ada.page.getByRole('region', { name: 'Links' }).getByRole('listitem')

  test('are made on request only, and a taken back one is not followed by another', async () => {
    await links().getByRole('button', { name: 'Take back' }).click()
    await expect.poll(() => links().count()).toBe(0)
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByText('There is no link.').waitFor()
  })

  test('give what they say, after their password', async () => {
    await makeLink(ada.page, 'editor')
    const link = await makeLink(ada.page, 'commenter', 'Archimedes')
    await ada.page.getByText('Can comment, with a password').waitFor()
    await openLink(ben.page, link)
    await ben.page.getByRole('textbox', { name: 'Password of the link' }).fill('Archimedes')
    await ben.page.getByRole('button', { name: 'Open', exact: true }).click()
    await ben.page.getByRole('dialog', { name: 'Open a link' }).waitFor({ state: 'detached' })
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await expect.poll(() => ada.page.getByRole('combobox', { name: 'Role of Ben' }).inputValue()).toBe('commenter')
  })

  test('that are taken back close the document for who came by them', async () => {
    await links().filter({ hasText: 'with a password' }).getByRole('button', { name: 'Take back' }).click()
    await expect.poll(() => links().count()).toBe(1)
    await ben.page.getByText('Not accepted by the relay').waitFor()
    await ada.page.getByRole('combobox', { name: 'Role of Ben' }).waitFor({ state: 'detached' })
  })
})

describe('the owner', () => {
  test('hands the document over after a question, and is an editor then', async () => {
    const link = await makeLink(ada.page, 'editor')
    await openLink(ben.page, link)
    await ben.page.getByRole('dialog', { name: 'Open a link' }).waitFor({ state: 'detached' })
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('button', { name: 'Make owner…' }).click()
    await ada.page.getByText('Make Ben the owner? You stay an editor').waitFor()
    await ada.page.getByRole('button', { name: 'Make owner', exact: true }).click()
    await ada.page.getByRole('button', { name: 'Leave' }).waitFor()
    expect(await ada.page.getByRole('button', { name: 'Make a link' }).count()).toBe(0)
    await ben.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ben.page.getByRole('combobox', { name: 'Role of Ada' }).waitFor()
    await ben.page.keyboard.press('Escape')
    for (const app of [ada, ben]) expect(app.problems).toEqual([])
  })
})

describe('an invitation', () => {
  let dora: App
  beforeAll(async () => {
    dora = await startApp()
  })

  test('is told as it comes, waits in the library, and opens the document when it is accepted', async () => {
    await callOneself(dora.page, 'Dora')
    await openSettings(ada.page, 'Relay')
    await ada.page.getByRole('button', { name: 'Invite somebody to this relay' }).click()
    await join(dora.page, await ada.page.getByRole('textbox', { name: 'Invite for one person, good for a week' }).inputValue())
    await dora.page.getByText('Connected to the relay.').waitFor()
    await dora.page.keyboard.press('Escape')
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'New document' }).click()
    await titleOf(ada.page).fill('Snow')
    await textOf(ada.page).click()
    await ada.page.keyboard.type('It fell for a week.')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('button', { name: 'Put it on the relay' }).click()
    await ada.page.getByRole('combobox', { name: 'Person to invite' }).selectOption('Dora')
    await ada.page.getByRole('button', { name: 'Invite', exact: true }).click()
    await dora.page.getByText('Ada invites you to edit a document.').waitFor()
    await dora.page.getByRole('button', { name: 'Invitations 1' }).click()
    await dora.page.getByRole('button', { name: 'Accept' }).click()
    await expect.poll(() => textOf(dora.page).innerText()).toContain('It fell for a week.')
    expect(await dora.page.getByRole('button', { name: /Invitations/ }).count()).toBe(0)
  })

  test('that becomes another role is told, and so is its end', async () => {
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('combobox', { name: 'Role of Dora' }).selectOption('viewer')
    await dora.page.getByText('You can read “Snow” now, not change it.').waitFor()
    await ada.page.getByRole('button', { name: 'Remove Dora' }).click()
    await dora.page.getByText('“Snow”: The owner no longer shares this document with you.').waitFor()
    await ada.page.keyboard.press('Escape')
  })

  test('to a folder brings everything that is in it, also what comes later', async () => {
    const row = (app: App, name: string) => app.page.getByRole('treegrid').getByRole('row', { name, exact: true })
    await ada.page.getByRole('button', { name: 'New folder' }).press('Enter')
    await ada.page.getByRole('textbox', { name: 'Name' }).fill('Weather')
    await ada.page.keyboard.press('Enter')
    const act = async (command: string) => {
      await row(ada, 'Weather').click({ button: 'right' })
      await ada.page.getByRole('menuitem', { name: command }).click()
    }
    await act('New document here')
    await titleOf(ada.page).fill('Hail')
    await act('Share…')
    await ada.page.getByRole('button', { name: 'Share this folder' }).click()
    await ada.page.getByRole('combobox', { name: 'Person to invite' }).selectOption('Dora')
    await ada.page.getByRole('button', { name: 'Invite', exact: true }).click()
    await ada.page.getByText('has not answered yet').waitFor()
    await ada.page.keyboard.press('Escape')
    await dora.page.getByText('Ada invites you to edit what is in the folder “Weather”.').waitFor()
    await dora.page.getByRole('button', { name: 'Invitations 1' }).click()
    await dora.page.getByRole('button', { name: 'Accept' }).click()
    await row(dora, 'Weather').waitFor()
    await act('New document here')
    await titleOf(ada.page).fill('Fog')
    await dora.page.getByText('Ada put 1 document into the folder “Weather”.').waitFor()
    await row(dora, 'Weather').click()
    for (const name of ['Hail', 'Fog']) await row(dora, name).first().waitFor()
    for (const app of [ada, dora]) expect(app.problems).toEqual([])
  })
})

describe('an edit of a reader', () => {
  test('that was made with no connection is in a private copy, and the shared text goes on', async () => {
    const line = await startLine(relay)
    const gus = await startApp()
    await ada.page.getByRole('button', { name: 'New document' }).click()
    await titleOf(ada.page).fill('Thaw')
    await textOf(ada.page).click()
    await ada.page.keyboard.type('The ice went out. ')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('button', { name: 'Put it on the relay' }).click()
    const link = await makeLink(ada.page, 'editor')
    await callOneself(gus.page, 'Gus')
    await openLink(gus.page, link.replace(encodeURIComponent(relay.address), encodeURIComponent(line.address)))
    await expect.poll(() => textOf(gus.page).innerText()).toContain('The ice went out.')

    line.cut()
    await gus.page.getByText('Last synced').waitFor()
    await textOf(gus.page).click()
    await gus.page.keyboard.press('Control+End')
    await gus.page.keyboard.type('Gus saw it.')
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('button', { name: 'Share', exact: true }).click()
    await ada.page.getByRole('combobox', { name: 'Role of Gus' }).selectOption('viewer')
    await ada.page.keyboard.press('Escape')
    line.join()

    await gus.page.getByText('Your edit is kept in “Private copy of Thaw”.').waitFor()
    await expect.poll(() => textOf(gus.page).getAttribute('contenteditable')).toBe('false')
    await expect.poll(() => textOf(gus.page).innerText()).not.toContain('Gus saw it.')
    await textOf(ada.page).click()
    await ada.page.keyboard.press('Control+End')
    await ada.page.keyboard.type('Ada goes on.')
    await expect.poll(() => textOf(gus.page).innerText()).toContain('Ada goes on.')
    await gus.page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect.poll(() => textOf(gus.page).innerText()).toContain('Gus saw it.')
    for (const app of [ada, gus]) expect(app.problems).toEqual([])
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
    await ada.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await ada.page.getByRole('button', { name: 'Copy' }).click()
    await ada.page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(invite)
    await join(cleo.page, invite)
    await cleo.page.getByText('Connected to the relay.').waitFor()
    expect(await cleo.page.getByRole('button', { name: /Invite somebody|status page/ }).count()).toBe(0)
    await cleo.page.getByRole('button', { name: 'Sign out' }).click()
    await cleo.page.getByText('No relay is set.').waitFor()
    await cleo.page.keyboard.press('Escape')
  })

  test('whoever owns the relay sees its figures in the browser', async () => {
    const opening = ada.page.context().waitForEvent('page')
    await ada.page.getByRole('button', { name: 'Open its status page' }).click()
    const status = await opening
    await status.getByText('Running, and storing changes.').waitFor()
    // The link is in no history.
    expect(status.url()).toBe(`${relay.address.replace('ws', 'http')}/status`)
    await status.close()
    expect(ada.problems).toEqual([])
  })

  test('an address that is none is told in its field, and one whose relay is down can be kept', async () => {
    await openSettings(cleo.page, 'Relay')
    const address = cleo.page.getByRole('textbox', { name: 'Invite, or address of a relay' })
    const use = cleo.page.getByRole('button', { name: 'Use this relay' })
    expect(await use.isDisabled()).toBe(true)
    await address.fill('hello')
    await use.click()
    await cleo.page.getByText('It begins with ws:// or wss://.').waitFor()
    expect(await address.getAttribute('aria-invalid')).toBe('true')
    await address.fill(down)
    await cleo.page.getByRole('button', { name: 'Test' }).click()
    await expect.poll(() => address.getAttribute('aria-invalid')).toBe('true')
    await use.click()
    await cleo.page.getByRole('button', { name: 'Sign out' }).waitFor()
    await expect.poll(() => use.isDisabled()).toBe(true)
    expect(await address.evaluate((field) => field === document.activeElement)).toBe(true)
    await cleo.restart()
    await openSettings(cleo.page, 'Relay')
    expect(await cleo.page.getByRole('button', { name: 'Use this relay' }).isDisabled()).toBe(true)
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
