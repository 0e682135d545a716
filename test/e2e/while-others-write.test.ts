/** What takes a while, or more than a key, in the built app: dragging while others write, and leaving what is not done yet. */
import { describe, expect, test } from 'vitest'
import { paste, textOf } from './editor-page.ts'
import { bothRead, changeThere, keyboard, openTwoWindows, ours, page, theirs, write, writeThere } from './two-windows.ts'

openTwoWindows()

const heading = { type: 'heading', parents: [], attrs: { level: 1 }, isEmbed: false }

/** Where a word is on the screen. */
async function placeOf(word: string, side: 'middle' | 'end'): Promise<{ x: number; y: number }> {
  const box = await textOf(page).evaluate((text, wanted) => {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const index = (node.nodeValue ?? '').indexOf(wanted)
      if (index < 0) continue
      const range = document.createRange()
      range.setStart(node, index)
      range.setEnd(node, index + wanted.length)
      return range.getBoundingClientRect().toJSON() as DOMRect
    }
    throw new Error(`“${wanted}” is not on the page`)
  }, word)
  return { x: side === 'end' ? box.right : (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }
}

/** Drags from one place to another; `meanwhile` is what happens before it is let go. */
async function drag(from: { x: number; y: number }, to: { x: number; y: number }, meanwhile: () => Promise<void>) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 12, from.y + 4, { steps: 3 })
  await page.mouse.move(to.x, to.y, { steps: 3 })
  await meanwhile()
  await page.mouse.move(to.x - 1, to.y, { steps: 2 })
  await page.mouse.up()
}

describe('what is dragged', () => {
  test('takes along what somebody else wrote in it meanwhile', async () => {
    await write('alpha beta gamma', 'omega')
    const [word, end] = [await placeOf('beta', 'middle'), await placeOf('omega', 'end')]
    await keyboard.press('ControlOrMeta+Home')
    for (const key of ['ArrowRight', 'Shift+ArrowRight']) for (const _ of 'alpha ') await keyboard.press(key)
    expect(await page.evaluate(() => String(getSelection()))).toBe('beta g')
    await drag(word, end, async () => {
      writeThere('alpha be', 'THEIRS')
      await expect.poll(ours).toContain('beTHEIRSta')
    })
    await bothRead('alpha amma\nomegabeTHEIRSta g')
  })

  test('by its handle stays, and takes nothing away, where somebody else made another block of it meanwhile', async () => {
    await write('first', 'second', 'third')
    await textOf(page).getByText('second').dblclick()
    await textOf(page).getByText('first').hover()
    const handle = (await page.locator('.block-handle').boundingBox())!
    await drag({ x: handle.x + 4, y: handle.y + 4 }, await placeOf('third', 'end'), async () => {
      changeThere((text) => text.updateBlock(0, heading))
      await textOf(page).locator('h1').waitFor()
    })
    await bothRead('first\nsecond\nthird')
  })
})

/** Does what begins something long, and goes on to a new document in the same task. */
const leaveAfter = (begin: { readonly pasted: string } | { readonly key: string }) =>
  textOf(page).evaluate((text, { pasted, key }: { pasted?: string; key?: string }) => {
    if (pasted !== undefined) {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', pasted)
      text.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    } else text.dispatchEvent(new KeyboardEvent('keydown', { key: key!, ctrlKey: true, bubbles: true, cancelable: true }))
    document.querySelector<HTMLElement>('[aria-label="New document"]')!.click()
  }, begin)

describe('a document that is left has all of', () => {
  const paragraphs = Array.from({ length: 400 }, (_, index) => `Paragraph ${index} ${'of the tide '.repeat(20)}.`)
  const whole = `before ${paragraphs.join('\n')}`

  test('a long paste', async () => {
    await write('before ')
    await leaveAfter({ pasted: paragraphs.join('\n\n') })
    await expect.poll(theirs, { timeout: 20_000 }).toBe(whole)
  })

  test('what undo brings back', async () => {
    await write('before ')
    await paste(page, '', paragraphs.join('\n\n'))
    await expect.poll(theirs, { timeout: 20_000 }).toBe(whole)
    await keyboard.press('ControlOrMeta+a')
    await keyboard.press('Delete')
    await expect.poll(theirs, { timeout: 20_000 }).toBe('')
    await leaveAfter({ key: 'z' })
    await expect.poll(theirs, { timeout: 20_000 }).toBe(whole)
  })
})
