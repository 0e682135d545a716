import { describe, expect, test } from 'vitest'
import { splitFrontMatter } from './front-matter.ts'

const read = (...lines: string[]) => splitFrontMatter(`---\n${lines.join('\n')}\n---\nText\n`)

describe('front matter', () => {
  test('is told from the text', () => {
    expect(read('title: "A: b"', 'date: 2024-05-01', 'Author: me')).toEqual({
      frontMatter: { title: 'A: b', tags: [], others: ['date', 'author'] },
      body: 'Text\n',
    })
  })

  test.each([
    ['in brackets', ['tags: [one, "two words", \'three\']']],
    ['in a row', ['tags: one, two words,three']],
    ['one below the other', ['tags:', '  - one', '- "two words"', '  - #three', 'title: x']],
  ])('has tags %s', (_, lines) => {
    expect(read(...lines).frontMatter?.tags).toEqual(['one', 'two words', 'three'])
  })

  test('has each tag once, and none that is empty', () => {
    expect(read('tags: [a, , a]').frontMatter?.tags).toEqual(['a'])
  })

  test('keeps what stands below a name out of the names', () => {
    expect(read('links:', '  home: here', 'title: x').frontMatter).toEqual({ title: 'x', tags: [], others: ['links'] })
  })

  test.each(['Text\n', '---\n\nText\n', '---\nText without a name\n---\n'])('is not in %j', (text) => {
    expect(splitFrontMatter(text)).toEqual({ frontMatter: null, body: text })
  })
})
