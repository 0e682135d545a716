/** Notifications of the system, from a relay's feed to the click that answers them. */
import * as A from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import { inviteLink } from '../../core/protocol/share-link.ts'
import { newDocumentId } from '../../main/engine/identity.ts'
import { startRelay, temporaryFolder } from '../e2e/harness.ts'
import { RelayPerson } from '../relay-person.ts'
import { launchDesktop } from './launch.ts'

declare global {
  /** What the main process showed, and what clicks the last of it. */
  var shown: { body: string; click(): void }[]
}

test('a desktop app that is not in front notifies of an invitation, and a click leads to it', async () => {
  const [relay, app] = await Promise.all([startRelay(), launchDesktop({ dataDir: temporaryFolder() })])
  const ada = await RelayPerson.join(relay, 'Ada')
  const { secret } = await ada.ask('invite.create', { standing: 'member', uses: 1, expiresAt: Date.now() + 600_000 })
  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: 'Relay' }).click()
  await page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(inviteLink({ relay: relay.address, secret }))
  await page.getByRole('button', { name: 'Join this relay' }).click()
  await page.getByText('Connected to the relay.').waitFor()
  await page.getByRole('tab', { name: 'You', exact: true }).click()
  await page.getByText('Notify me when others').click()
  await expect.poll(() => page.getByRole('switch', { name: /Notify me/ }).isChecked()).toBe(true)
  await page.keyboard.press('Escape')

  await app.evaluate(({ Notification }) => {
    globalThis.shown = []
    Notification.prototype.show = function () {
      globalThis.shown.push({ body: this.body, click: () => void this.emit('click') })
    }
  })
  // Playwright keeps every page in front.
  await page.evaluate(() => {
    document.hasFocus = () => false
  })
  const key = (await ada.ask('person.list', {})).find((person) => person.key !== ada.key)?.key as typeof ada.key
  const documentId = newDocumentId()
  await ada.put(documentId, A.getAllChanges(ada.begin()))
  await ada.ask('document.grant', { documentId, key, role: 'editor' })
  const bodies = () => app.evaluate(() => globalThis.shown.map(({ body }) => body))
  await expect.poll(bodies).toEqual(['Ada invites you to edit a document.'])
  await app.evaluate(() => globalThis.shown[0]?.click())
  await page.getByRole('dialog', { name: 'Invitations' }).waitFor()
})
