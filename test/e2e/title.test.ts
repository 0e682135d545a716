/** One title that two people write at once, in the built app. */
import { expect, test } from 'vitest'
import { changeTitleThere, keyboard, openTwoWindows, page, titleThere, write } from './two-windows.ts'

openTwoWindows()

const field = () => page.getByRole('textbox', { name: 'Title' })
async function bothTitles(title: string) {
  await expect.poll(async () => [await field().inputValue(), titleThere()]).toEqual([title, title])
}

/** Puts the caret into the title, before its `offset`th character. */
async function caretAt(offset: number) {
  await field().focus()
  await keyboard.press('Home')
  for (let step = 0; step < offset; step++) await keyboard.press('ArrowRight')
}

test('the caret stays beside its letters while somebody else writes before and after it', async () => {
  await write('text')
  const title = titleThere()
  await caretAt(7)
  await keyboard.type('A')
  await bothTitles(`WrittenA${title.slice(7)}`)
  changeTitleThere(`Not ${titleThere()}`)
  await bothTitles(`Not WrittenA${title.slice(7)}`)
  changeTitleThere(`${titleThere()}, but more`)
  await bothTitles(`Not WrittenA${title.slice(7)}, but more`)
  await keyboard.type('B')
  await bothTitles(`Not WrittenAB${title.slice(7)}, but more`)
})

test('a word is composed in it while somebody else writes there', async () => {
  await write('text')
  const title = titleThere()
  const input = await page.context().newCDPSession(page)
  await caretAt(7)
  await input.send('Input.imeSetComposition', { text: 'か', selectionStart: 1, selectionEnd: 1 })
  changeTitleThere(`${title}, and more`)
  await expect.poll(titleThere).toBe(`${title}, and more`)
  await input.send('Input.imeSetComposition', { text: 'かん', selectionStart: 2, selectionEnd: 2 })
  await input.send('Input.insertText', { text: '漢' })
  await bothTitles(`Written漢${title.slice(7)}, and more`)
  await keyboard.type('!')
  await bothTitles(`Written漢!${title.slice(7)}, and more`)
})
