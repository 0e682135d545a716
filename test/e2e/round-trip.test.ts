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
})
