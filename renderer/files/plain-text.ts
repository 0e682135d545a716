import type { BlockContent } from '../../core/text/blocks.ts'
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
    default:
      return block.runs.length > 0 ? textLines(block) : ['']
  }
}

function textLines(block: BlockContent | null): string[] {
  const text = block?.runs.map((run) => run.text).join('') ?? ''
  return text === '' ? [] : text.split('\n')
}

/**
 * Plain text as blocks. Where blank lines set paragraphs apart, a single line break is one inside a paragraph; where there are none, each
 * line is a paragraph.
 */
export function readPlainText(text: string): BlockContent[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/\n+$/, '')
  const paragraphs = /\n[ \t]*\n/.test(lines) ? lines.split(/\n(?:[ \t]*\n)+/) : lines.split('\n')
  return paragraphs.map((paragraph) => ({
    marker: { type: 'paragraph', parents: [], attrs: {}, isEmbed: false },
    runs: paragraph === '' ? [] : [{ text: paragraph, marks: {} }],
  }))
}
