/** Writing with an input method while others write, in the built app; and scripts in which a letter is more than a character. */
import type { CDPSession } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { bothRead, keyboard, openTwoWindows, ours, page, theirs, write, writeThere } from './two-windows.ts'

openTwoWindows()

let input: CDPSession

beforeAll(async () => {
  input = await page.context().newCDPSession(page)
})

/** Puts the caret before a character of the last paragraph. */
async function caretAt(offset: number) {
  await keyboard.press('Home')
  for (let step = 0; step < offset; step++) await keyboard.press('ArrowRight')
}

/** What the input method shows as not yet decided. */
const compose = (text: string) => input.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
/** What it decides for. */
const commit = (text: string) => input.send('Input.insertText', { text })

describe('a word is composed while somebody else writes', () => {
  test('in another paragraph, which is seen at once', async () => {
    await write('first', 'hello world')
    await caretAt(5)
    await compose('か')
    await expect.poll(theirs).toBe('first\nhelloか world')
    writeThere('first', ' theirs')
    await expect.poll(ours).toBe('first theirs\nhelloか world')
    await compose('かん')
    await commit('漢')
    await bothRead('first theirs\nhello漢 world')
  })

  test.each([
    ['before the word', 'hel', /^hel-lo漢 world$/],
    ['inside the word', 'hellok', /^hello(漢-|-漢) world$/],
    ['after the word', 'helloka', /^hello(漢-|-漢) world$/],
    ['further on', 'wor', /^hello漢 wor-ld$/],
  ])('in the same text, %s', async (_, after, expected) => {
    await write('hello world')
    await caretAt(5)
    await compose('k')
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere(after, '-')
    await compose('kan')
    await commit('漢')
    await bothRead(expected)
  })

  test('for longer than it may hold them up', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere('hel', '-')
    await expect.poll(ours).toBe('hel-loka world')
    await compose('kan')
    await commit('漢')
    await bothRead(/^hel-lo(ka)?漢 world$/)
  })

  test('and is given up', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await expect.poll(theirs).toBe('helloka world')
    writeThere('world', '!')
    await compose('')
    await bothRead('hello world!')
  })

  test('and is undone', async () => {
    await write('hello world')
    await caretAt(5)
    await compose('ka')
    await commit('漢')
    await bothRead('hello漢 world')
    writeThere('hello漢', '-')
    await bothRead('hello漢- world')
    await keyboard.press('ControlOrMeta+z')
    await bothRead('hello- world')
  })
})

describe('a letter that is more than one character', () => {
  const family = '👩‍👩‍👧‍👦'
  const flag = '🇩🇪'

  test('is deleted whole, forwards and backwards', async () => {
    await write(`a${family}b${flag}c`)
    await keyboard.press('ArrowLeft')
    await keyboard.press('Backspace')
    await bothRead(`a${family}bc`)
    await keyboard.press('Home')
    await keyboard.press('ArrowRight')
    await keyboard.press('Delete')
    await bothRead('abc')
  })

  test('is not cut by the caret, nor by what others write beside it', async () => {
    await write(`x${family}e\u0301${flag}`)
    await caretAt(2)
    await keyboard.insertText('1')
    await keyboard.press('ArrowRight')
    await keyboard.insertText('2')
    writeThere(`x${family}`, '-')
    await bothRead(`x${family}(-1|1-)e\u03012${flag}`)
  })

  test('stays whole where the same one stands beside it', async () => {
    await write(`${family}${family}${family}`)
    await keyboard.press('Backspace')
    await bothRead(`${family}${family}`)
    await keyboard.press('ControlOrMeta+z')
    await bothRead(`${family}${family}${family}`)
  })
})

test('text from right to left, and of both kinds, is written where the caret is while others write', async () => {
  await write('שלום hello عالم')
  await keyboard.insertText('!')
  writeThere('שלום', ' רב')
  await bothRead('שלום רב hello عالم!')
  await keyboard.press('Backspace')
  await keyboard.press('Backspace')
  await bothRead('שלום רב hello عال')
  await compose('م')
  writeThere('hello', ' there')
  await commit('مي')
  await bothRead('שלום רב hello there عالمي')
})
