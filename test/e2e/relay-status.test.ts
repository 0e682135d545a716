/** The relay's status page, as an owner's browser shows it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chromiumArgs, findChromium } from '../chromium.ts'
import { RawClient } from '../raw-client.ts'
import { type Program, startProgram } from './processes.ts'

const program = join(import.meta.dirname, '../../sync-relay/relay.ts')
let dataDir: string
let relay: Program
let address: string
let browser: Browser

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = startProgram(program, ['--open', '--port', '0', '--data-dir', dataDir, '--log-level', 'silent'])
  address = (await relay.prints(/Palimpsest relay: (\S+)\n/))[1] ?? ''
  browser = await chromium.launch({ executablePath: findChromium() ?? '', args: chromiumArgs })
})
afterEach(async () => {
  await browser.close()
  await relay.end()
  rmSync(dataDir, { recursive: true })
})

async function link(): Promise<string> {
  const printing = startProgram(program, ['stats', '--link', '--data-dir', dataDir])
  await printing.exited
  return printing.output().trim()
}

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join('; ')}`)
}

const figureOf = (page: Page, name: string) => page.locator('figure', { hasText: name }).locator('p')

describe('the status page', () => {
  test.each(['light', 'dark'] as const)(
    'opens by a link once, shows what happens, and can be read by everybody (%s)',
    async (colorScheme) => {
      const context = await browser.newContext({ colorScheme, viewport: { width: 420, height: 800 } })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      const opening = await link()
      await page.goto(opening)
      await page.getByText('Running, and storing changes.').waitFor()
      expect(page.url()).toBe(`${address.replace('ws', 'http')}/status`)
      expect(await figureOf(page, 'Writers connected').textContent()).toBe('0')
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420)
      expect(await faults(page)).toEqual([])
      // The first answer, before the link was traded for a cookie, is a closed page.
      expect(complaints).toEqual([expect.stringMatching(/401/)])

      const writer = await RawClient.join(address)
      await expect.poll(() => figureOf(page, 'Writers connected').textContent()).toBe('1')
      writer.socket.close()

      const other = await (await browser.newContext({ colorScheme })).newPage()
      await other.goto(opening)
      await other.getByText('This link was used already').waitFor()
      expect(await faults(other)).toEqual([])
    },
  )

  test('says when the relay has gone, keeps its last figures, and asks for a new link when it is back', async () => {
    const page = await browser.newPage()
    await page.goto(await link())
    await page.getByText('Running, and storing changes.').waitFor()
    await relay.end()
    await page.getByText('The relay does not answer. These are its last figures.').waitFor()
    expect(await figureOf(page, 'Writers connected').textContent()).toBe('0')
    relay = startProgram(program, ['--open', '--port', new URL(address).port, '--data-dir', dataDir, '--log-level', 'silent'])
    await page.getByText('This page is for the relay’s owners').waitFor()
  })
})
