/** Import of export gives the same document: every block, every mark, and texts that look like markup. In a real browser, for its HTML parser. */
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { build, type Rollup } from 'vite'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RoundTripFormat } from '../files/round-trip-page.ts'
import { startBrowser } from './harness.ts'

let page: Page

beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      lib: { entry: resolve(import.meta.dirname, '../files/round-trip-page.ts'), formats: ['iife'], name: 'roundTrip' },
    },
  })
  const [output] = built as Rollup.RollupOutput[]
  page = await (await startBrowser()).newPage()
  await page.addScriptTag({ content: output!.output[0].code })
})

describe.each<RoundTripFormat>(['markdown', 'html'])('%s', (format) => {
  test.each([1, 2, 3])('comes back as it went, seed %i', async (seed) => {
    expect(await page.evaluate(([name, start]) => window.checkRoundTrip(name, start, 700), [format, seed] as const)).toBeNull()
  })
})

const read = (format: RoundTripFormat, text: string) =>
  page
    .evaluate(([name, content]) => window.readFile(name, content), [format, text] as const)
    .then((blocks) =>
      blocks.map(({ marker, runs }) => `${[...marker!.parents, marker!.type].join('/')}: ${runs.map((run) => run.text).join('')}`),
    )

describe('what others write', () => {
  test('Markdown with HTML, tasks, a table and hard line breaks', async () => {
    const text =
      'One <u>line</u>  \ntwo\n\n- [x] done\n- [ ] open\n  1. inner\n\n<div align="center">\n\n**in a box**\n\n</div>\n\n> quote\nlazy\n\n***\n\n    indented code\n'
    expect(await read('markdown', text)).toEqual([
      ...['paragraph: One line\ntwo', 'task-list-item: done', 'task-list-item: open', 'task-list-item/ordered-list-item: inner'],
      ...['paragraph: in a box', 'blockquote: quote lazy', 'divider: ', 'code-block: indented code'],
    ])
  })

  test('HTML with scripts and handlers leaves its text', async () => {
    const text =
      '<p onclick="x()">a<script>b</script> <a href="javascript:c()">d</a></p><svg><text>e</text></svg><details><summary>f</summary>g</details>'
    expect(await read('html', text)).toEqual(['paragraph: a d', 'paragraph: f', 'paragraph: g'])
  })

  test('a checklist of Google Docs, with the boxes that it draws', async () => {
    const box = '<img src="data:image/png;base64,AAAA" alt="box" aria-roledescription="checkbox">'
    const item = (isChecked: boolean, text: string) =>
      `<li role="checkbox" aria-checked="${isChecked}">${box}<p role="presentation"><span>${text}</span></p></li>`
    const html = `<b id="docs-internal-guid-1"><ul>${item(false, 'Buy milk')}${item(true, 'Sleep')}</ul></b>`
    expect(await read('html', html)).toEqual(['task-list-item: Buy milk', 'task-list-item: Sleep'])
    const blocks = await page.evaluate((text) => window.readFile('html', text), html)
    expect(blocks.map(({ marker }) => marker?.attrs.checked === true)).toEqual([false, true])
  })

  test.each([
    ['Google Docs', (text: string) => `<b id="docs-internal-guid-1" style="font-weight:normal"><p>${text}</p></b>`, 'red'],
    ['Word', (text: string) => `<p class="MsoNormal">${text}</p>`, 'red'],
    ['a web page', (text: string) => `<p>${text}</p>`, undefined],
  ])('the colours of text from %s, but not of ink and links', async (_, wrapped, color) => {
    const html = wrapped(
      '<span style="color:#ff0000">red</span><span style="color:#000000"> ink </span>' +
        '<a href="https://example.org"><span style="color:#1155cc">link</span></a>',
    )
    const [block] = await page.evaluate((text) => window.readFile('html', text), html)
    expect(block?.runs.map(({ text, marks }) => [text, marks.color])).toEqual(
      color
        ? [
            ['red', color],
            [' ink ', undefined],
            ['link', undefined],
          ]
        : [
            ['red ink ', undefined],
            ['link', undefined],
          ],
    )
  })
})
