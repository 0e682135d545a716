/** A data folder that lost the order of its files, as a copy does, and one that lost a file. */
import { readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { decodeChange } from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import { chunkKind, splitChunks } from '../../core/sync/change-header.ts'
import { newDocument, textOf } from './editor-page.ts'
import { type App, startApp } from './harness.ts'

/** The files of the document that is open, oldest first. */
async function chunkFiles({ dataDir, page }: App): Promise<string[]> {
  const id = JSON.parse((await page.evaluate(() => localStorage.getItem('palimpsest.document'))) ?? '""') as string
  const folder = join(dataDir, 'documents', id.slice(0, 2), id.slice(2), 'incremental')
  return readdirSync(folder).map((name) => join(folder, name))
}

const holdsFirstChange = (file: string) =>
  splitChunks(readFileSync(file)).some((chunk) => chunkKind(chunk) === 'document' || decodeChange(chunk).deps.length === 0)

test('opens in whatever order its files are, and shows the last known text of a document whose beginning is gone', async () => {
  const app = await startApp()
  await newDocument(app.page, 'Copied')
  for (const word of ['One ', 'two ', 'three.']) {
    await app.page.keyboard.type(word, { delay: 20 })
    await expect.poll(() => app.page.getByText('Saved on this computer').count()).toBeGreaterThan(0)
  }
  // The index has its text.
  await app.page.getByRole('button', { name: 'Search', exact: true }).click()
  await app.page.keyboard.type('three')
  await app.page
    .getByRole('option', { name: /Copied/ })
    .first()
    .waitFor()
  const files = await chunkFiles(app)
  expect(files.length).toBeGreaterThan(2)
  await app.kill9()
  const first = files.filter(holdsFirstChange)
  for (const [index, file] of files.entries()) utimesSync(file, 1_000 + index, first.includes(file) ? 2_000 : 1_000 - index)
  await app.restart()
  await textOf(app.page).getByText('One two three.').waitFor()

  await app.kill9()
  for (const file of await chunkFiles(app)) if (holdsFirstChange(file)) rmSync(file)
  await app.restart()
  await app.page.getByRole('alert').getByText('This document cannot be opened.').waitFor()
  await app.page.getByRole('article', { name: 'Last known text' }).getByText('One two three.').waitFor()
  await app.close()
})
