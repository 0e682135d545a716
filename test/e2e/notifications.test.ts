/** Notifications of the browser: asked for when they are turned on, shown while the window is not in front, and a way back into it. */
import * as A from '@automerge/automerge/slim'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { inviteLink } from '../../core/protocol/share-link.ts'
import { createTextDocument } from '../../core/text/create.ts'
import { newDocumentId } from '../../main/engine/identity.ts'
import { RelayPerson } from '../relay-person.ts'
import { titleOf } from './editor-page.ts'
import { type App, startApp, startRelay, untilDrawn } from './harness.ts'

declare global {
  interface Window {
    /** Every notification that the page has shown. */
    shown: Notification[]
  }
}

let ben: App
let ada: RelayPerson
let text: DocumentId
let margin: DocumentId
let first: A.Doc<Record<string, string>>

beforeAll(async () => {
  const [relay, app] = await Promise.all([startRelay(), startApp()])
  ben = app
  ada = await RelayPerson.join(relay, 'Ada')
  const { secret } = await ada.ask('invite.create', { standing: 'member', uses: 1, expiresAt: Date.now() + 600_000 })
  await keepNotifications(ben.page)
  await openSettings('Relay')
  await ben.page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(inviteLink({ relay: relay.address, secret }))
  await ben.page.getByRole('button', { name: 'Join this relay' }).click()
  await ben.page.getByText('Connected to the relay.').waitFor()
  await ben.page.keyboard.press('Escape')
  ;[text, margin] = [newDocumentId(), newDocumentId()]
  const doc = createTextDocument({ author: ada.key, time: Date.now(), title: 'Rain', margin, blocks: [] })
  first = ada.begin()
  await ada.put(text, A.getAllChanges(doc), { margin, attachments: [] })
  await ada.put(margin, A.getAllChanges(first))
})

/** The notifications of the page are real ones, and kept to be looked at. */
async function keepNotifications(page: Page) {
  await page.context().addInitScript(() => {
    window.shown = []
    const Shown = window.Notification
    window.Notification = class extends Shown {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        window.shown.push(this)
      }
    }
  })
  await page.reload()
  await untilDrawn(page)
}

async function openSettings(tab: string) {
  await ben.page.keyboard.press('Control+,')
  await ben.page.getByRole('tab', { name: tab, exact: true }).click()
}

const shown = () => ben.page.evaluate(() => window.shown.map(({ title, body }) => [title, body]))
const turned = () => ben.page.getByRole('switch', { name: 'Notify me when others share with me, comment or mention me' })

/** Another page has the focus, as when the person is elsewhere. */
async function leave() {
  const session = await ben.page.context().newCDPSession(ben.page)
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false })
  const other = await ben.page.context().newPage()
  await other.bringToFront()
  await expect.poll(() => ben.page.evaluate(() => document.hasFocus())).toBe(false)
}

const benKey = async () => (await ada.ask('person.list', {})).find(({ key }) => key !== ada.key)?.key as typeof ada.key

describe('notifications', () => {
  test('are off until they are turned on, and stay off where the browser refuses', async () => {
    await openSettings('You')
    expect(await turned().isChecked()).toBe(false)
    await ben.page.getByText('Notify me when others').click()
    await ben.page.getByText('Your browser does not let Palimpsest notify you.').waitFor()
    expect(await turned().isChecked()).toBe(false)
    await ben.page.context().grantPermissions(['notifications'])
    await ben.page.getByText('Notify me when others').click()
    await expect.poll(() => turned().isChecked()).toBe(true)
    await ben.page.keyboard.press('Escape')
  })

  test('are not shown for what is told in a window in front', async () => {
    await ada.ask('document.grant', { documentId: text, key: await benKey(), role: 'editor' })
    await ben.page.getByText('Ada invites you to edit a document.').waitFor()
    expect(await shown()).toEqual([])
    await ben.page.getByRole('button', { name: 'Invitations 1' }).click()
    await ben.page.getByRole('button', { name: 'Accept' }).click()
    await expect.poll(() => titleOf(ben.page).inputValue()).toBe('Rain')
  })

  test('say who did what in which document, and lead to it', async () => {
    await ben.page.getByRole('button', { name: 'New document' }).first().click()
    await expect.poll(() => titleOf(ben.page).inputValue()).toBe('')
    await leave()
    const client = await ada.connect()
    const channel = await client.follow(margin)
    client.send({ type: 'changes', channel, changes: [ada.write(first, 'These are the words.')], number: 1 })
    await client.next('ack')
    await expect.poll(shown).toEqual([['Palimpsest', 'Ada wrote in the margin of “Rain”.']])
    await ada.ask('document.mention', { documentId: text, keys: [await benKey()] })
    await expect.poll(shown).toHaveLength(2)
    expect((await shown())[1]).toEqual(['Palimpsest', 'Ada mentions you in “Rain”.'])
    await ben.page.evaluate(() => window.shown[1]?.dispatchEvent(new Event('click')))
    await expect.poll(() => titleOf(ben.page).inputValue()).toBe('Rain')
    client.socket.close()
    expect(ben.problems).toEqual([])
  })

  test('are one, with a count, where there is much to tell', async () => {
    await ben.page.evaluate(() => {
      window.shown = []
    })
    const texts = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const id = newDocumentId()
        await ada.put(id, A.getAllChanges(first))
        return id
      }),
    )
    const key = await benKey()
    // It comes all at once, as after a night.
    process.kill(ben.enginePid, 'SIGSTOP')
    for (const documentId of texts) await ada.ask('document.grant', { documentId, key, role: 'viewer' })
    process.kill(ben.enginePid, 'SIGCONT')
    await expect.poll(shown).toEqual([['Palimpsest', '5 messages about what you share with others.']])
  })
})
