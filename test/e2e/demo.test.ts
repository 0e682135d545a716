/** `npm run demo`: two writers in two browsers on one document. */
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { textOf } from './editor-page.ts'
import { startBrowser } from './harness.ts'
import { startProgram } from './processes.ts'

const title = 'The monk who saved Archimedes by erasing him'

async function openDemoDocument(address: string): Promise<Page> {
  const context = await (await startBrowser()).newContext()
  const page = await context.newPage()
  await page.goto(address)
  await page.getByText(title).first().click()
  await textOf(page).getByText('In the spring of 1229').waitFor()
  return page
}

test('the demo shares its prose between two writers, and what one types the other reads', async () => {
  const demo = startProgram(join(resolve(import.meta.dirname, '../..'), 'main/setup/demo-writers.mjs'), [])
  const [, first = ''] = await demo.prints(/^Ada +(\S+)$/m)
  const [, second = ''] = await demo.prints(/^Grace +(\S+)$/m)
  const ada = await openDemoDocument(first)
  const grace = await openDemoDocument(second)
  await textOf(ada).click()
  await ada.keyboard.press('ControlOrMeta+Home')
  await ada.keyboard.type('Once upon a time: ')
  await textOf(grace).getByText('Once upon a time: In the spring of 1229').waitFor()
  await demo.end()
  expect(demo.output()).toContain('Ctrl+C ends the demo')
})
