import { describe, expect, test } from 'vitest'
import { blocksOfNode } from '../editor/convert.ts'
import { stateOf } from '../editor/commands/test-blocks.ts'
import { addressOf, fileName } from './file-names.ts'
import { writeBlocks } from './html-writer.ts'
import { isNestedContainer, nest, type Nested } from './nest.ts'
import { readPlainText, titledByName, writePlainText } from './plain-text.ts'

const blocks = (...lines: string[]) => blocksOfNode(stateOf(...lines).doc)

/** A tree as nested arrays of what each part is called. */
const shapeOf = (parts: readonly Nested[]): unknown[] =>
  parts.map((part) => {
    if (!isNestedContainer(part)) return part.runs.map(({ text }) => text).join('')
    return [part.own?.runs.map(({ text }) => text).join('') ?? null, ...shapeOf(part.children)]
  })

describe('nesting', () => {
  test('puts each block into the container that is open', () => {
    expect(shapeOf(nest(blocks('ul: a', 'ul/ol: b', 'ul/ol/p: c', 'ul/p: d', 'ul: e', 'p: f')))).toEqual([
      ['a', ['b', 'c'], 'd'],
      ['e'],
      'f',
    ])
  })
  test('opens what nothing opened', () => {
    expect(shapeOf(nest(blocks('quote/h1: a', 'quote/ul: b', 'p: c')))).toEqual([[null, 'a', ['b']], 'c'])
  })
  test('does not confuse containers of two kinds', () => {
    expect(shapeOf(nest(blocks('ul: a', 'ol/p: b')))).toEqual([['a'], [null, 'b']])
  })
})

test('HTML nests lists and quotes, and shares a list between neighbours', () => {
  expect(writeBlocks(blocks('ul: a', 'ul/ol: b', 'done: c', 'quote: d', 'quote/p: e')).replaceAll('\n', '')).toBe(
    '<ul><li>a<ol><li>b</li></ol></li><li><input type="checkbox" checked disabled>c</li></ul><blockquote><p>d</p><p>e</p></blockquote>',
  )
})

test('text and attributes cannot become markup', () => {
  const marks = { link: JSON.stringify({ href: 'https://e.org/?a="><script>', title: '' }), color: '"><b>' }
  const html = writeBlocks([{ marker: null, runs: [{ text: '<script>&', marks }] }])
  expect(html).toBe(
    '<p><a href="https://e.org/?a=&quot;&gt;&lt;script&gt;"><span data-color="&quot;&gt;&lt;b&gt;">&lt;script&gt;&amp;</span></a></p>',
  )
})

test('a link that may not be opened is no link', () => {
  const marks = { link: JSON.stringify({ href: 'javascript:alert(1)', title: '' }) }
  expect(writeBlocks([{ marker: null, runs: [{ text: 'a', marks }] }])).toBe('<p>a</p>')
})

test('plain text has the signs that everyone types', () => {
  expect(
    writePlainText(blocks('h2: A', 'p: b', 'ul: c', 'ul/ol: d', 'ul/ol: e', 'task: f', 'quote: g', 'hr:', 'code: h\ni', 'p: j\nk')),
  ).toBe(['## A', '', 'b', '', '- c', '  1. d', '  2. e', '[ ] f', '', '> g', '', '---', '', 'h', 'i', '', 'j  ', 'k'].join('\n'))
})

describe('plain text is read', () => {
  const paragraphs = (text: string) => readPlainText(text).map(({ runs }) => runs[0]?.text ?? '')
  const long = 'It was a bright cold day in April. '.repeat(4).trim()

  test('with a paragraph in each line, as word processors save it', () => {
    expect(paragraphs('a\r\nb\n')).toEqual(['a', 'b'])
    expect(paragraphs(`${long}\n“Yes.”\n${long}\n\n* * *\n\n${long}\n${long}`)).toEqual([long, '“Yes.”', long, '* * *', long, long])
  })

  test('with a paragraph between blank lines where the lines were wrapped', () => {
    expect(paragraphs('a\nb\n\n \nc\n')).toEqual(['a\nb', 'c'])
    expect(paragraphs(`${'It was a bright cold day\nin April.\n\n'.repeat(20)}${long}`)).toHaveLength(21)
  })

  test.each([[['p: a\nb', `p: ${long}\n${long}`, 'p: c']], [['p: a\nb']], [[`p: ${long}`, 'p: d']]])('as it was written: %j', (lines) => {
    const written = blocks(...lines)
    expect(readPlainText(writePlainText(written)).map(({ runs }) => runs)).toEqual(written.map(({ runs }) => runs))
  })
})

test.each([
  ['a/b: c?', 'a b c'],
  ['  ..hidden. ', 'hidden'],
  ['', 'Untitled'],
  ['CON', 'Untitled CON'],
  ['x'.repeat(300), 'x'.repeat(120)],
  ['日'.repeat(300), '日'.repeat(66)],
  [`${'x'.repeat(119)}😀`, `${'x'.repeat(119)}😀`],
  ['invoice \u202etxt.exe', 'invoice txt.exe'],
  ['a \ud83d b', 'a \ufffd b'],
])('%j is the file name %j', (title, name) => {
  expect(fileName(title)).toBe(name)
})

test('the address of a picture ends where it ends, whatever the title', () => {
  expect(addressOf('C# (50% off)? & more pictures/1.png')).toBe('C%23%20%2850%25%20off%29%3F%20%26%20more%20pictures/1.png')
})

test.each([
  ['What is it', 'What is it?', 'What is it?'],
  ['What is it 2', 'What is it?', 'What is it?'],
  ['What is it', 'Something else', 'What is it'],
])('a text in the file %j that begins with %j is titled %j', (name, line, title) => {
  const text = readPlainText(`${line}\n\nIt is.`)
  expect(titledByName(text, name)).toEqual({ title, blocks: title === line ? text.slice(1) : text })
})
