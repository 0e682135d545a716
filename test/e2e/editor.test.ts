/** Writing: what keys, Markdown, menus and the clipboard do to the text, in the built app. */
import AxeBuilder from '@axe-core/playwright'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { blocksOn, command, fixture, newDocument, paste, textOf, titleOf } from './editor-page.ts'
import { type App, startApp } from './harness.ts'

let app: App

beforeAll(async () => {
  app = await startApp()
})

afterEach(() => {
  expect(app.problems).toEqual([])
})

async function type(...lines: string[]) {
  const { keyboard } = app.page
  for (const [index, line] of lines.entries()) {
    if (index > 0) await keyboard.press('Enter')
    await keyboard.type(line)
  }
}

describe('typing', () => {
  test('goes from the title to the text by Enter', async () => {
    await newDocument(app.page)
    await titleOf(app.page).focus()
    await type('The harbour', 'First words')
    expect(await titleOf(app.page).inputValue()).toBe('The harbour')
    expect(await blocksOn(app.page)).toEqual(['p: First words'])
  })

  test.each(['ArrowDown', 'ArrowRight', 'Control+ArrowRight', 'Shift+ArrowDown'])(
    'stays at the end of code that ends the text with %s',
    async (key) => {
      await newDocument(app.page)
      await type('Before', '```js one', 'two')
      await app.page.keyboard.press(key)
      await type('!')
      expect(await blocksOn(app.page)).toEqual(['p: Before', 'pre: one\ntwo!'])
    },
  )

  test('goes out of code by arrows to the end of what is before and the start of what follows', async () => {
    const { keyboard } = app.page
    await newDocument(app.page)
    await type('Before', '```js one', '', '', 'After')
    for (const key of ['ArrowUp', 'End', 'ArrowRight']) await keyboard.press(key)
    await type('!')
    for (const key of ['ArrowUp', 'Home', 'ArrowLeft']) await keyboard.press(key)
    await type('!')
    expect(await blocksOn(app.page)).toEqual(['p: Before!', 'pre: one', 'p: !After'])
  })

  test('makes blocks of Markdown signs', async () => {
    await newDocument(app.page)
    await type('## Heading', 'Plain', '- one', 'two', '', '3. three', 'four', '', '[] open', '', '> quote', 'more', '', '---``` code')
    expect(await blocksOn(app.page)).toEqual([
      ...['h2: Heading', 'p: Plain', 'ul: one', 'ul: two', 'ol: three', 'ol: four', 'open: open'],
      ...['blockquote: quote', 'quoted p: more', 'div:', 'pre: code'],
    ])
    expect(await textOf(app.page).locator('ol').first().getAttribute('start')).toBe('3')
  })

  test('makes marks of Markdown signs', async () => {
    const text = await newDocument(app.page)
    await type('A **bold** and *slanted* and `code` and ~~gone~~ word')
    expect(await text.locator('p').innerHTML()).toBe(
      'A <strong>bold</strong> and <em>slanted</em> and <code>code</code> and <s>gone</s> word',
    )
  })

  test('takes a rule back by Backspace', async () => {
    await newDocument(app.page)
    await type('# ')
    await app.page.keyboard.press('Backspace')
    expect(await blocksOn(app.page)).toEqual(['p: #'])
  })

  test.each([
    ['ArrowLeft Enter x', ['p: to the se', 'p: xa']],
    ['Home Enter', ['p:', 'p: to the sea']],
    ['Shift+Home x', ['p: x']],
    ['Shift+ArrowLeft ControlOrMeta+x Home ControlOrMeta+v', ['p: ato the se']],
  ])('acts at the caret that is seen, also when the page is busy: %s', async (keys, blocks) => {
    const { page } = app
    await newDocument(page)
    await type('to the sea')
    await page.evaluate(() => {
      const blockMs = 500
      setTimeout(() => {
        for (const start = performance.now(); performance.now() - start < blockMs; );
      })
    })
    const strokes = keys.split(' ').map((key) => key.split('+'))
    await Promise.all(
      strokes.flatMap((parts) => [
        ...parts.map((part) => page.keyboard.down(part)),
        ...parts.toReversed().map((part) => page.keyboard.up(part)),
      ]),
    )
    await expect.poll(() => blocksOn(page)).toEqual(blocks)
  })

  test('makes quotes and dashes typographic, unless it is turned off', async () => {
    await newDocument(app.page)
    await type('"It\'s" -- so...')
    await command(app.page, 'Smart quotes and dashes')
    await textOf(app.page).focus()
    await app.page.keyboard.press('ControlOrMeta+End')
    await type('', '"It\'s" -- so...')
    await command(app.page, 'Smart quotes and dashes')
    expect(await blocksOn(app.page)).toEqual(['p: “It’s” – so…', 'p: "It\'s" -- so...'])
  })

  test('nests items by Tab and numbers them by depth', async () => {
    const { keyboard } = app.page
    const text = await newDocument(app.page)
    await type('1. a', 'b')
    await keyboard.press('Tab')
    await type('', 'c')
    await keyboard.press('Enter')
    await keyboard.press('Shift+Tab')
    await type('d')
    expect(await blocksOn(app.page)).toEqual(['ol: a', '  ol: b', '  ol: c', 'ol: d'])
    const numbers = await text.locator('ol > li').evaluateAll((items) => items.map((item) => getComputedStyle(item, '::before').content))
    expect(numbers).toEqual(['counter(level-0) "."', ...Array(2).fill('counter(level-1, lower-alpha) "."'), 'counter(level-0) "."'])
  })

  test('ticks a task by a click, and takes it back', async () => {
    const text = await newDocument(app.page)
    await type('[] buy rope')
    await text.getByRole('checkbox').click()
    expect(await blocksOn(app.page)).toEqual(['done: buy rope'])
    await text.focus()
    await app.page.keyboard.press('ControlOrMeta+z')
    expect(await blocksOn(app.page)).toEqual(['open: buy rope'])
  })

  test('ticks a task by its key, and stays at its box', async () => {
    const text = await newDocument(app.page)
    await type('[] buy rope')
    await text.getByRole('checkbox').focus()
    for (const expected of ['done: buy rope', 'open: buy rope']) {
      await app.page.keyboard.press('Space')
      expect(await blocksOn(app.page)).toEqual([expected])
    }
  })
})

describe('menus', () => {
  test('the slash menu filters as one types and is read out', async () => {
    const { page } = app
    const text = await newDocument(page)
    await type('/hea')
    const options = page.getByRole('listbox', { name: 'Insert or turn into' }).getByRole('option')
    await options.first().waitFor()
    expect(await options.allInnerTexts()).toHaveLength(6)
    await page.keyboard.press('ArrowDown')
    const current = await text.getAttribute('aria-activedescendant')
    expect(await page.locator(`[id="${current}"]`).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('Enter')
    await type('Title')
    expect(await blocksOn(page)).toEqual(['h2: Title'])
  })

  test('the toolbar formats a selection and leaves it where it is', async () => {
    const { page } = app
    const text = await newDocument(page)
    await type('some words')
    await page.keyboard.press('ControlOrMeta+a')
    const toolbar = page.getByRole('toolbar', { name: 'Formatting' })
    await toolbar.getByRole('button', { name: 'Bold' }).click()
    await toolbar.getByRole('button', { name: 'Highlight' }).click()
    await toolbar.getByRole('button', { name: 'green' }).click()
    expect(await text.locator('p').innerHTML()).toBe('<mark data-highlight="green"><strong>some words</strong></mark>')
    await page.keyboard.type('x')
    expect(await blocksOn(page)).toEqual(['p: x'])
  })

  test('a link is written, kept to what is allowed, and removed', async () => {
    const { page } = app
    const text = await newDocument(page)
    await type('harbour')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('ControlOrMeta+Shift+k')
    const address = page.getByRole('textbox', { name: 'Address of the link' })
    await address.fill('javascript:alert(1)')
    await address.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'https:' }).waitFor()
    await address.fill('example.org/harbour')
    await address.press('Enter')
    expect(await text.locator('a').getAttribute('href')).toBe('https://example.org/harbour')
    await text.locator('a').click()
    await page.getByRole('button', { name: 'Remove link' }).click()
    expect(await text.locator('a').count()).toBe(0)
  })
})

describe('pasting', () => {
  test('from Word', async () => {
    await newDocument(app.page)
    await paste(app.page, fixture('paste/word.html'))
    expect(await blocksOn(app.page)).toEqual([
      ...['h1: The harbour', 'p: The first boats came before dawn,  and the last after it; nobody counted them.'],
      ...['ul: Nets', '  ul: fine ones', 'ul: Rope', 'ol: Cast off', 'blockquote: The sea is never full.', 'p: Boat\tCrew'],
    ])
    expect(await textOf(app.page).locator('p').first().innerHTML()).toContain('<mark data-highlight="yellow">nobody</mark>')
  })

  test('from Google Docs', async () => {
    await newDocument(app.page)
    await paste(app.page, fixture('paste/google-docs.html'))
    expect(await blocksOn(app.page)).toEqual([
      ...['h2: The harbour', 'p: Bold and bright and linked and x2', 'ul: one', '  ul: inside one', 'ul: two', 'done: done already'],
    ])
    expect(await textOf(app.page).locator('p').first().innerHTML()).toBe(
      '<strong>Bold</strong> and <mark data-highlight="yellow"><em>bright</em></mark> and ' +
        '<a href="https://example.org/" rel="noopener noreferrer">linked</a> and x<sup>2</sup>',
    )
  })

  test('from the web, with nothing of it that could do anything', async () => {
    const text = await newDocument(app.page)
    await paste(app.page, fixture('paste/web.html'))
    expect(await blocksOn(app.page)).toEqual([
      ...['h1: The harbour', 'p: Some strong text with code, an evil and a fine link.A second line.'],
      ...['ol: three', '  ul: three, a', 'ol: four', '  p: more of four', 'blockquote: Said once.', 'quoted p: Said twice.'],
      ...['pre: let a = 1\n\nif (a) { b() }', 'div:', 'p: Just a', 'p: box in a', 'p: box.'],
    ])
    expect(await text.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://example.org/fine',
    ])
    expect(await text.locator('script, style, iframe, [onclick], [onerror], [onmouseover]').count()).toBe(0)
    expect(await app.page.title()).not.toContain('stolen')
  })

  test('of what was copied here gives the same blocks', async () => {
    const { page } = app
    await newDocument(page)
    await paste(page, fixture('paste/web.html'))
    const blocks = await blocksOn(page)
    await page.keyboard.press('ControlOrMeta+a')
    const copied = await textOf(page).evaluate((text) => {
      const clipboardData = new DataTransfer()
      text.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
      return { html: clipboardData.getData('text/html'), plain: clipboardData.getData('text/plain') }
    })
    expect(copied.plain).toContain('3. three\n   - three, a\n')
    await newDocument(page)
    await paste(page, copied.html, copied.plain)
    expect(await blocksOn(page)).toEqual(blocks)
  })

  test('plain text keeps its paragraphs and its line breaks', async () => {
    await newDocument(app.page)
    await paste(app.page, '', 'One\nstill one\n\nTwo')
    expect(await blocksOn(app.page)).toEqual(['p: Onestill one', 'p: Two'])
    expect(await textOf(app.page).locator('p br:not([class])').count()).toBe(1)
  })

  test('what is long follows piece by piece, joins what stands around it, and is undone at once', async () => {
    const { page } = app
    const text = await newDocument(page)
    await type('before after')
    for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowLeft')
    const paragraphs = Array.from({ length: 300 }, (_, index) => `Paragraph ${index} ${'of the tide '.repeat(20)}.`)
    await paste(page, '', paragraphs.join('\n\n'))
    const lines = () => text.evaluate((element) => Array.from(element.children, (block) => block.textContent))
    const pasted = [`before ${paragraphs[0]}`, ...paragraphs.slice(1, -1), `${paragraphs.at(-1)}after`]
    await expect.poll(lines).toEqual(pasted)
    await page.keyboard.press('ControlOrMeta+z')
    await expect.poll(lines).toEqual(['before after'])
    await page.keyboard.press('ControlOrMeta+y')
    await expect.poll(lines).toEqual(pasted)
  })

  test('what is long can be stopped, and what is there stays', async () => {
    const { page } = app
    const text = await newDocument(page)
    await paste(page, '', Array.from({ length: 3000 }, (_, index) => `Paragraph ${index} ${'of the tide '.repeat(20)}.`).join('\n\n'))
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' })
    const count = await text.evaluate((element) => element.childElementCount)
    expect(count).toBeGreaterThan(2)
    expect(count).toBeLessThan(3000)
    await page.keyboard.type('!')
    await expect.poll(() => text.evaluate((element) => element.lastElementChild?.textContent)).toMatch(/^Paragraph 2999 .*!$/)
    expect(await text.evaluate((element) => element.childElementCount)).toBe(count)
  })

  test('a letter over all of something long is there at once, and undo brings all back', async () => {
    const { page } = app
    const text = await newDocument(page)
    const paragraphs = Array.from({ length: 300 }, (_, index) => `Paragraph ${index} ${'of the tide '.repeat(20)}.`)
    await paste(page, '', paragraphs.join('\n\n'))
    const lines = () => text.evaluate((element) => Array.from(element.children, (block) => block.textContent))
    await expect.poll(lines).toEqual(paragraphs)
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('New')
    expect((await lines())[0]).toBe('New')
    await expect.poll(lines).toEqual(['New'])
    await page.keyboard.press('ControlOrMeta+z')
    await expect.poll(lines).toEqual(paragraphs)
  })

  test('two megabytes at once', async () => {
    const { page } = app
    await newDocument(page)
    const paragraph = `<h3>The tide</h3><p>${'The tide comes in and goes out. '.repeat(30)}</p>`
    const times = Math.ceil(2_000_000 / paragraph.length)
    await paste(page, paragraph.repeat(times))
    await expect.poll(() => textOf(page).evaluate((text) => text.childElementCount), { timeout: 240_000 }).toBe(2 * times)
    await page.getByText('Saved on this computer').waitFor({ timeout: 240_000 })
  }, 300_000)
})

describe('moving blocks', () => {
  test('by their handle, with what stands in them', async () => {
    const { page } = app
    await newDocument(page)
    await paste(page, '<p>first</p><ul><li>one<ul><li>inner</li></ul></li></ul><p>last</p>')
    await textOf(page).getByText('one').hover()
    const handle = page.locator('.block-handle')
    const last = textOf(page).getByText('last')
    const { height } = (await last.boundingBox())!
    await handle.dragTo(last, { targetPosition: { x: 20, y: height - 2 } })
    await expect.poll(() => blocksOn(page)).toEqual(['p: first', 'p: last', 'ul: one', '  ul: inner'])
    await page.keyboard.press('Control+z')
    await expect.poll(() => blocksOn(page)).toEqual(['p: first', 'ul: one', '  ul: inner', 'p: last'])
  })

  test('by the keyboard', async () => {
    const { page } = app
    await newDocument(page)
    await paste(page, '<p>first</p><p>second</p>')
    await textOf(page).getByText('second').click()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(() => blocksOn(page)).toEqual(['p: second', 'p: first'])
    await page.keyboard.press('Alt+ArrowDown')
    await expect.poll(() => blocksOn(page)).toEqual(['p: first', 'p: second'])
  })
})

test('a click on an image selects it and offers what can be done with it', async () => {
  const { page } = app
  const text = await newDocument(page)
  const drawing = encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>')
  await paste(page, `<p>before</p><img src="data:image/svg+xml,${drawing}" alt="a rectangle"><p>after</p>`)
  await text.getByText('before').click()
  await text.locator('img[src^="blob:"]').click()
  const bar = page.getByRole('group', { name: 'Image' })
  await bar.waitFor()
  expect(await bar.getByRole('textbox').inputValue()).toBe('a rectangle')
  await page.keyboard.press('Backspace')
  await expect.poll(() => blocksOn(page)).toEqual(['p: before', 'p: after'])
})

test('the words of a link stay marked while its address is written', async () => {
  const { page } = app
  const text = await newDocument(page)
  await page.keyboard.type('the sea at night')
  await page.keyboard.press('Home')
  for (let letter = 0; letter < 'the sea'.length; letter++) await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Control+Shift+k')
  const address = page.getByRole('textbox', { name: 'Address of the link' })
  await address.waitFor()
  await expect.poll(() => text.locator('.link-range').innerText()).toBe('the sea')
  await address.fill('example.org')
  await address.press('Enter')
  await expect.poll(() => text.locator('a').innerText()).toBe('the sea')
  await expect.poll(() => text.locator('.link-range').count()).toBe(0)
})

describe('finding', () => {
  test('scrolls to what it finds while the focus stays in its field', async () => {
    const { page } = app
    const text = await newDocument(page)
    await paste(page, `${'<p>filler</p>'.repeat(120)}<p>needle</p>${'<p>filler</p>'.repeat(120)}`)
    await text.locator('p').first().click()
    await page.keyboard.press('Control+f')
    await page.getByRole('textbox', { name: 'Find' }).fill('needle')
    const isInSight = () =>
      text.getByText('needle').evaluate((line) => {
        const { top, bottom } = line.getBoundingClientRect()
        return top > 0 && bottom < innerHeight
      })
    await expect.poll(isInSight).toBe(true)
    await page.keyboard.press('Escape')
  })

  test('counts, goes on, and replaces all in one step', async () => {
    const { page } = app
    await newDocument(page)
    await type('The river runs. River of rivers.', 'A river.')
    await page.keyboard.press('ControlOrMeta+f')
    const field = page.getByRole('textbox', { name: 'Find', exact: true })
    await field.fill('river')
    const count = page.locator('.find-count')
    await expect.poll(() => count.innerText()).toMatch(/of 4$/)
    await page.getByRole('button', { name: 'Whole words' }).click()
    await expect.poll(() => count.innerText()).toMatch(/of 3$/)
    await page.getByRole('button', { name: 'Match case' }).click()
    await expect.poll(() => count.innerText()).toMatch(/of 2$/)
    await page.getByRole('button', { name: 'Replace', exact: true }).click()
    await page.getByRole('textbox', { name: 'Replace with' }).fill('lake')
    await page.getByRole('button', { name: 'Replace all matches' }).click()
    expect(await blocksOn(page)).toEqual(['p: The lake runs. River of rivers.', 'p: A lake.'])
    await textOf(page).focus()
    await page.keyboard.press('ControlOrMeta+z')
    expect(await blocksOn(page)).toEqual(['p: The river runs. River of rivers.', 'p: A river.'])
  })

  test('a pattern that would take for ever is not looked for, and the window lives on', async () => {
    const { page } = app
    await newDocument(page)
    await type(`${'a'.repeat(40)}!`)
    await page.keyboard.press('ControlOrMeta+f')
    const field = page.getByRole('textbox', { name: 'Find', exact: true })
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await field.fill('(a+)+$')
    await page.getByText('This expression takes too long in this document.').waitFor()
    await field.fill('a+')
    await expect.poll(() => page.locator('.find-count').innerText()).toBe('1 of 1')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.keyboard.press('Escape')
  })

  test('says what is wrong with a pattern', async () => {
    const { page } = app
    await page.keyboard.press('ControlOrMeta+f')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('(')
    await expect.poll(() => page.locator('.find-count').innerText()).toContain('Unterminated group')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.keyboard.press('Escape')
  })
})

test('nothing around the text troubles those who cannot see it', async () => {
  const { page } = app
  const faults = async (part = 'body') => {
    const { violations } = await new AxeBuilder({ page }).include(part).analyze()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }
  await newDocument(page, 'For all')
  await paste(page, fixture('paste/web.html') + fixture('paste/google-docs.html'))
  await page.keyboard.press('ControlOrMeta+f')
  await page.getByRole('button', { name: 'Replace', exact: true }).click()
  expect(await faults()).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('ControlOrMeta+a')
  await page.getByRole('button', { name: 'Text colour' }).click()
  expect(await faults()).toEqual([])
  await page.keyboard.press('ControlOrMeta+Shift+k')
  await page.getByRole('textbox', { name: 'Address of the link' }).waitFor()
  expect(await faults()).toEqual([])
  await newDocument(page)
  await type('/')
  await page.getByRole('listbox', { name: 'Insert or turn into' }).waitFor()
  // The bar above the page has stepped back while one types.
  expect(await faults('.document-page')).toEqual([])
  expect(await faults('.slash-menu')).toEqual([])
})

test('words are counted in the document and in the selection', async () => {
  const { page } = app
  await newDocument(page)
  await type('One two three', 'four')
  const count = page.locator('.count-line')
  await expect.poll(() => count.innerText()).toBe('4 words')
  await page.keyboard.press('Shift+Home')
  await expect.poll(() => count.innerText()).toBe('1 of 4 words')
})
