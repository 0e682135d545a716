import type { BlockContent } from '../../core/text/blocks.ts'
import { fileName } from './file-names.ts'
import { nest, type Nested, isNestedContainer, groupLists, startOfList, type Container } from './nest.ts'

/** A document as plain text: lists and quotes by the signs that everyone types, and nothing escaped. */
export function writePlainText(blocks: readonly BlockContent[]): string {
  return linesOf(nest(blocks)).join('\n')
}

function linesOf(parts: readonly Nested[]): string[] {
  return groupLists(parts).flatMap((part, index) => {
    const lines = 'list' in part ? listLines(part.items) : isNestedContainer(part) ? quoteLines(part) : blockLines(part)
    return index > 0 ? ['', ...lines] : lines
  })
}

function listLines(items: readonly Container[]): string[] {
  const start = startOfList(items) ?? 1
  return items.flatMap((item, index) => {
    const sign = signOf(item, start + index)
    const children = linesOf(item.children)
    const lines = [...textLines(item.own), ...children]
    return (lines.length > 0 ? lines : ['']).map((line, at) => (at === 0 ? sign : ' '.repeat(sign.length)) + line)
  })
}

function signOf({ container, own }: Container, number: number): string {
  if (container === 'ordered-list-item') return `${number}. `
  if (container === 'task-list-item') return own?.marker?.attrs.checked === true ? '[x] ' : '[ ] '
  return '- '
}

function quoteLines({ own, children }: Container): string[] {
  const inside = linesOf(children)
  const text = textLines(own)
  const lines = text.length > 0 && inside.length > 0 ? [...text, '', ...inside] : [...text, ...inside]
  return lines.map((line) => (line === '' ? '>' : `> ${line}`))
}

function blockLines(block: BlockContent): string[] {
  switch (block.marker?.type) {
    case 'heading':
      return textLines(block).map((line) => `${'#'.repeat(Number(block.marker?.attrs.level ?? 1))} ${line}`)
    case 'divider':
      return ['---', ...textLines(block)]
    case 'image':
      return [`[${[block.marker.attrs.alt, ...textLines(block)].filter(Boolean).join(': ') || 'Image'}]`]
    case 'code-block':
      return block.runs.length > 0 ? textLines(block) : ['']
    default:
      return block.runs.length > 0 ? textLines(block).map((line, at, lines) => (at < lines.length - 1 ? `${line}  ` : line)) : ['']
  }
}

function textLines(block: BlockContent | null): string[] {
  const text = block?.runs.map((run) => run.text).join('') ?? ''
  return text === '' ? [] : text.split('\n')
}

/** Programs that wrap lines do so before this many characters. */
const longestWrapped = 100

/**
 * Plain text as blocks. A line is a paragraph, as word processors save them, and blank lines only set paragraphs apart; but where a program has wrapped the lines,
 * only blank lines end a paragraph. Text is taken for wrapped when it has blank lines, and at most one line in twenty is longer than a wrapped one. A line
 * that ends in two spaces, as Markdown has it, goes on in the same paragraph.
 */
export function readPlainText(text: string): BlockContent[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\n+$/, '')
  const ends = isWrapped(lines) ? /\n(?:[ \t]*\n)+/ : /(?<! {2})\n(?:[ \t]*\n)*/
  return lines.split(ends).map((part) => {
    const paragraph = part.replaceAll(/ {2}(?=\n)/g, '')
    return {
      marker: { type: 'paragraph', parents: [], attrs: {}, isEmbed: false },
      runs: paragraph === '' ? [] : [{ text: paragraph, marks: {} }],
    }
  })
}

function isWrapped(text: string): boolean {
  if (!/\n[ \t]*\n/.test(text)) return false
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.filter(({ length }) => length > longestWrapped).length <= lines.length / 20
}

/**
 * The title of a text that has none but the name of its file. Where the first line is what the file is named for, as in files of ours, that line is the title: the
 * name of a file cannot say everything that a title can, and may have a number to tell it from another.
 */
export function titledByName(blocks: BlockContent[], name: string): { title: string; blocks: BlockContent[] } {
  const [first, ...rest] = blocks
  const line = first?.marker?.type === 'paragraph' ? first.runs.map(({ text }) => text).join('') : ''
  const isName = line !== '' && rest.length > 0 && [name, name.replace(/ \d+$/, '')].includes(fileName(line))
  return isName ? { title: line, blocks: rest } : { title: name, blocks }
}
