/** A desktop app that joins: a person, with its engine and its window starting anew, and a relay. */
import { expect, test } from 'vitest'
import { openEngineWindow } from '../e2e/engine-window.ts'
import { startApp, startRelay, temporaryFolder } from '../e2e/harness.ts'
import { launchDesktop } from './launch.ts'

test('a desktop app joins a person by a code, and shows their library', async () => {
  const [relay, laptop, app] = await Promise.all([startRelay(), startApp(), launchDesktop({ dataDir: temporaryFolder() })])
  const window = await openEngineWindow(laptop.page)
  await window.call('relay.join', { invite: relay.ownersInvite })
  const { id } = await window.call('document.create', { folder: null, title: 'Rain' })
  await window.call('share.create', { id })
  const asked = new Promise<void>((resolve) => window.on('pairing.changed', ({ state }) => state === 'asked' && resolve()))
  const { code, relay: address } = await window.call('device.invite', {})

  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: 'Devices' }).click()
  await page.getByRole('button', { name: 'Use a code from another device' }).click()
  await page.getByRole('textbox', { name: 'Relay' }).fill(address)
  await page.getByRole('textbox', { name: 'Code' }).fill(code)
  await page.getByRole('button', { name: 'Ask your other device' }).click()
  await asked
  await window.call('device.answer', { accept: true })
  await page.getByRole('row', { name: 'Rain' }).first().waitFor()
  expect(await window.call('device.list', {})).toHaveLength(2)
  expect(app.output()).not.toContain('The engine died.')
  window.close()
})

test('the status page of a relay is opened in the browser, also where the relay has no encryption', async () => {
  const [relay, app] = await Promise.all([startRelay(), launchDesktop({ dataDir: temporaryFolder() })])
  const page = await app.firstWindow()
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
  await page.keyboard.press('Control+,')
  await page.getByRole('tab', { name: 'Relay' }).click()
  await page.getByRole('textbox', { name: 'Invite, or address of a relay' }).fill(relay.ownersInvite)
  await page.getByRole('button', { name: 'Join this relay' }).click()
  await app.evaluate(({ shell }) => {
    globalThis.seen = []
    shell.openExternal = async (url) => void globalThis.seen.push(url)
  })
  await page.getByRole('button', { name: 'Open its status page' }).click()
  await expect.poll(() => app.evaluate(() => globalThis.seen)).toHaveLength(1)
  const [link] = await app.evaluate(() => globalThis.seen)
  expect(String(link).startsWith(`${relay.address.replace('ws:', 'http:')}/status#`)).toBe(true)
})
