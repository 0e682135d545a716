/** Files in and out of the built app: what is kept, what is said about what is not. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { blocksOn, command, newDocument, opens, paste, textOf, titleOf } from './editor-page.ts'
import { type App, startApp, temporaryFolder } from './harness.ts'

let app: App
let page: Page

beforeAll(async () => {
  app = await startApp()
  page = app.page
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
})

afterEach(() => {
  expect(app.problems).toEqual([])
})

/** A picture of one point. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

async function importPaths(title: string, paths: string | string[]) {
  const chooser = page.waitForEvent('filechooser')
  await command(page, title)
  await (await chooser).setFiles(paths)
}

async function exported(run: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), run()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}

const remarks = () => page.getByRole('dialog', { name: 'Import' }).getByRole('listitem').allInnerTexts()

async function dismiss() {
  await page.getByRole('button', { name: 'Done' }).click()
}

async function openFromLibrary(title: string) {
  await command(page, title)
  await expect.poll(() => titleOf(page).inputValue()).toBe(title)
}

test('a folder comes in with its folders and pictures, and a sentence for what cannot be kept', async () => {
  const root = join(temporaryFolder(), 'notes')
  mkdirSync(join(root, 'deep'), { recursive: true })
  writeFileSync(
    join(root, 'first.md'),
    '# The first\n\nText with ![a point](deep/point.png "A title")\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
  )
  writeFileSync(join(root, 'deep/point.png'), png)
  writeFileSync(join(root, 'deep/plain.txt'), 'Line one\nLine two')
  writeFileSync(join(root, 'deep/old.txt'), Buffer.from('caf\xe9', 'latin1'))
  writeFileSync(join(root, 'bytes.txt'), Buffer.from([1, 0, 2, 0, 0]))
  writeFileSync(join(root, 'empty.md'), '')
  writeFileSync(join(root, 'huge.txt'), Buffer.alloc(50 * 1024 * 1024, 'a'))
  writeFileSync(join(root, 'table.xlsx'), Buffer.from('PK'))
  await importPaths('Import a folder…', root)
  await page.getByText('Imported 3 documents.').waitFor()
  const told = (await remarks()).sort()
  expect(told).toEqual([
    'notes/bytes.txt It is not a text. It was left out.',
    'notes/deep/old.txt It was read as Western European text; look whether its letters are right.',
    'notes/empty.md It is empty. It was left out.',
    'notes/first.md A table became lines of text.',
    'notes/huge.txt It is larger than 4 MB. Split it and import the parts. It was left out.',
    'notes/table.xlsx It is neither Markdown nor HTML nor plain text, and was left out.',
  ])
  await dismiss()
  await openFromLibrary('The first')
  expect(await blocksOn(page)).toEqual(['p: Text with', 'figure:', 'p: a\tb', 'p: 1\t2'])
  await expect.poll(() => textOf(page).locator('img').getAttribute('src')).toContain('blob:')
  await openFromLibrary('plain')
  expect(await blocksOn(page)).toEqual(['p: Line one', 'p: Line two'])
})

test.each([
  ['Markdown', 'md'],
  ['HTML', 'html'],
])('a document exported as %s comes back the same', async (format, extension) => {
  const text = await newDocument(page, 'A: round/trip')
  await paste(
    page,
    '<h2>Head</h2><p>Some <b>bold</b> <mark>bright</mark> text *with* signs</p><ol><li>a<ul><li>b</li></ul></li></ol>' +
      '<blockquote><p>q</p></blockquote><pre><code class="language-ts">```\nx</code></pre><hr>',
  )
  const blocks = await blocksOn(page)
  const markup = await text.locator('p').first().innerHTML()
  const file = await exported(() => command(page, `Export as ${format}`))
  expect(file.name).toBe(`A round trip.${extension}`)
  const path = join(temporaryFolder(), file.name)
  writeFileSync(path, file.bytes)
  await opens(page, () => importPaths('Import files…', path))
  await expect.poll(() => titleOf(page).inputValue()).toBe('A: round/trip')
  await expect.poll(() => blocksOn(page)).toEqual(blocks)
  expect(await textOf(page).locator('p').first().innerHTML()).toBe(markup)
})

test('a page holds its pictures itself', async () => {
  await newDocument(page, 'Pictured')
  await paste(
    page,
    `<p>before</p><figure><img src="data:image/png;base64,${png.toString('base64')}" alt="a point"><figcaption>Said of it</figcaption></figure>`,
  )
  await textOf(page).locator('img[src^="blob:"]').waitFor()
  const { bytes } = await exported(() => command(page, 'Export as HTML'))
  expect(bytes.toString()).toContain(`src="data:image/png;base64,${png.toString('base64')}"`)
})

test('Markdown names the files of its pictures, and comes back with them', async () => {
  await newDocument(page, 'Drawn')
  await paste(page, `<p>before</p><img src="data:image/png;base64,${png.toString('base64')}" alt="a point"><p>after</p>`)
  await textOf(page).locator('img[src^="blob:"]').waitFor()
  const blocks = await blocksOn(page)
  const { name, bytes } = await exported(() => command(page, 'Export as Markdown'))
  expect(name).toBe('Drawn.zip')
  const files = unzipSync(bytes)
  expect(strFromU8(files['Drawn.md']!)).toBe('# Drawn\n\nbefore\n\n![a point](Drawn%20pictures/1.png)\n\nafter\n')
  const folder = join(temporaryFolder(), 'unpacked')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  await opens(page, () => importPaths('Import a folder…', folder))
  await textOf(page).locator('img[src^="blob:"][alt="a point"]').waitFor()
  expect(await blocksOn(page)).toEqual(blocks)
})

test('the library is exported as one archive, in its folders', async () => {
  await command(page, 'Export the library…')
  const { name, bytes } = await exported(() => page.getByRole('button', { name: 'Export', exact: true }).click())
  expect(name).toBe('Palimpsest library.zip')
  const files = unzipSync(bytes)
  const texts = Object.keys(files).filter((path) => path.endsWith('.md'))
  expect(texts).toEqual(
    expect.arrayContaining(['notes/The first.md', 'notes/deep/plain.md', 'A round trip.md', 'A round trip 2.md', 'Pictured.md']),
  )
  expect(Buffer.from(files['Pictured pictures/1.png']!).equals(png)).toBe(true)
  expect(strFromU8(files['notes/deep/plain.md']!)).toBe('# plain\n\nLine one\n\nLine two\n')
})

test('files dropped anywhere are imported', async () => {
  const transfer = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['# Dropped\n\nHere.'], 'dropped.md', { type: 'text/markdown' }))
    return data
  })
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  await expect.poll(() => titleOf(page).inputValue()).toBe('Dropped')
  expect(await blocksOn(page)).toEqual(['p: Here.'])
})

test('tags of front matter become tags, and what else stands there is named', async () => {
  const path = join(temporaryFolder(), 'tagged.md')
  writeFileSync(path, '---\ntitle: Tagged\ntags: [sea, "two words"]\ndate: 2024-05-01\n---\nText\n')
  await importPaths('Import files…', path)
  await expect.poll(remarks).toEqual(['tagged.md Of its front matter this was left out: date.'])
  await dismiss()
  await expect.poll(() => titleOf(page).inputValue()).toBe('Tagged')
  await command(page, 'Tags of the document…')
  await page.getByRole('dialog', { name: 'Tags of “Tagged”' }).getByText('two words').waitFor()
  await page.keyboard.press('Escape')
})

test('a page without a title has that of the heading it begins with', async () => {
  const path = join(temporaryFolder(), 'untitled.html')
  writeFileSync(path, '<h1>The heading</h1><p>Text</p>')
  await importPaths('Import files…', path)
  await expect.poll(() => titleOf(page).inputValue()).toBe('The heading')
  await expect.poll(() => blocksOn(page)).toEqual(['p: Text'])
})

test('a long file says how far it is, and can be stopped', async () => {
  const path = join(temporaryFolder(), 'long.md')
  writeFileSync(path, Array.from({ length: 15_000 }, (_, index) => `Paragraph **${index}** of *many*.\n`).join('\n'))
  await importPaths('Import files…', path)
  await page.getByText(/^Importing [1-9]\d*%$/).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('Stopped. Nothing was imported.').waitFor()
  await dismiss()
})
