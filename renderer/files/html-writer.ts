import {
  type BlockContent,
  colorNames,
  type ColorName,
  type MarkSet,
  type MarkValue,
  markExpand,
  type TextRun,
} from '../../core/text/blocks.ts'
import { isAllowedLink } from '../editor/commands/marks.ts'
import { type Container, groupLists, isNestedContainer, nest, type Nested, startOfList } from './nest.ts'

interface StyleOptions {
  /**
   * Attribute for what is also said as a style, for programs that do not know our names. The content policy forbids `style` itself wherever markup
   * is parsed in the page; `readHtml` understands both. Null leaves colours to their names.
   */
  readonly styleName?: StyleName
}

export interface HtmlOptions extends StyleOptions {
  /** The address to write for a picture's; the original goes along as `data-src` where they differ. */
  readonly sourceOf?: (src: string) => string
}

/** How runs of text are written. */
export interface RunOptions extends StyleOptions {
  readonly escape?: (text: string) => string
}

/** Blocks as nested, semantic HTML without any class of ours. */
export function writeBlocks(blocks: readonly BlockContent[], options: HtmlOptions = {}): string {
  return writeNested(nest(blocks), options)
}

function writeNested(nested: readonly Nested[], options: HtmlOptions): string {
  return groupLists(nested)
    .map((part) => ('list' in part ? writeList(part.list, part.items, options) : writePart(part, options)))
    .join('\n')
}

function writeList(list: 'ul' | 'ol', items: readonly Container[], options: HtmlOptions): string {
  const start = startOfList(items)
  return `<${list}${start === null ? '' : ` start="${start}"`}>\n${items.map((item) => writeItem(item, options)).join('\n')}\n</${list}>`
}

function writeItem({ own, children }: Container, options: HtmlOptions): string {
  const marker = own?.marker
  const box = marker?.type === 'task-list-item' ? `<input type="checkbox"${marker.attrs.checked === true ? ' checked' : ''} disabled>` : ''
  const holdsBlocks = children.some((child) => !isNestedContainer(child) || child.container === 'blockquote')
  const text = own ? (holdsBlocks ? element('p', own.runs, options, box) : element('span', own.runs, options, box, true)) : ''
  const inside = children.length > 0 ? `\n${writeNested(children, options)}\n` : ''
  return `<li>${text}${inside}</li>`
}

function writePart(part: Nested, options: HtmlOptions): string {
  if (!isNestedContainer(part)) return writeBlock(part, options)
  const own = part.own ? [element('p', part.own.runs, options)] : []
  return `<blockquote>\n${[...own, writeNested(part.children, options)].filter((text) => text !== '').join('\n')}\n</blockquote>`
}

function writeBlock({ marker, runs }: BlockContent, options: HtmlOptions): string {
  switch (marker?.type) {
    case 'heading':
      return element(`h${marker.attrs.level ?? 1}`, runs, options)
    case 'code-block':
      return writeCode(runs, String(marker.attrs.language ?? ''))
    case 'divider':
      return runs.length > 0 ? `<hr>\n${element('p', runs, options)}` : '<hr>'
    case 'image':
      return writeImage(marker.attrs, runs, options)
    default:
      return element('p', runs, options)
  }
}

export function writeCode(runs: readonly TextRun[], language: string): string {
  const name = language === '' ? '' : ` class="language-${escapeHtml(language)}"`
  return `<pre><code${name}>${escapeHtml(runs.map(({ text }) => text).join(''))}\n</code></pre>`
}

export function writeImage(attrs: Readonly<Record<string, unknown>>, caption: readonly TextRun[], options: HtmlOptions): string {
  const src = String(attrs.src ?? '')
  const shown = options.sourceOf?.(src) ?? src
  const image = [
    attribute('src', shown),
    shown === src ? '' : attribute('data-src', src),
    attribute('alt', attrs.alt ?? ''),
    attrs.title ? attribute('title', attrs.title) : '',
    typeof attrs.width === 'number' ? attribute('width', attrs.width) : '',
  ].join('')
  return `<figure><img${image}>${caption.length > 0 ? element('figcaption', caption, options) : ''}</figure>`
}

/** An element around runs. Where spaces matter it says so; a span that would say nothing is left out. */
function element(tag: string, runs: readonly TextRun[], options: StyleOptions, before = '', isOptional = false): string {
  const text = runs.map((run) => run.text).join('')
  const style = /^[ \t]|[ \t]$|[ \t]{2}|\t|[ \t]\n|\n[ \t]/.test(text) ? ` ${options.styleName ?? 'style'}="white-space: pre-wrap"` : ''
  const inside = text === '' ? '<br>' : `${writeRuns(runs, options)}${text.endsWith('\n') ? '<br>' : ''}`
  if (isOptional && style === '') return before + (text === '' ? '' : inside)
  return tag === 'span' ? `${before}<${tag}${style}>${inside}</${tag}>` : `<${tag}${style}>${before}${inside}</${tag}>`
}

const markNames = Object.keys(markExpand)

/** Runs of text with their marks as elements, each opened once for as far as it reaches. */
export function writeRuns(runs: readonly TextRun[], { escape = escapeHtml, styleName = 'style' }: RunOptions = {}): string {
  let html = ''
  let open: [string, MarkValue][] = []
  const close = (depth: number) => {
    for (const [name] of open.slice(depth).reverse()) html += `</${tags[name]!.tag}>`
    open = open.slice(0, depth)
  }
  for (const { text, marks } of runs) {
    const wanted = writableMarks(marks)
    let shared = 0
    while (shared < open.length && shared < wanted.length && open[shared]!.join() === wanted[shared]!.join()) shared++
    close(shared)
    for (const [name, value] of wanted.slice(shared)) html += `<${tags[name]!.tag}${tags[name]!.attributes?.(value, styleName) ?? ''}>`
    open = wanted
    html += escape(text).replaceAll('\n', '<br>')
  }
  close(0)
  return html
}

/** The marks that HTML has an element for, outermost first. */
const writableMarks = (marks: MarkSet) =>
  markNames.flatMap((name): [string, MarkValue][] => {
    const value = marks[name]
    return value === undefined || value === false || (name === 'link' && linkOf(value) === null) ? [] : [[name, value]]
  })

type StyleName = 'style' | 'data-style' | null

const tags: Record<string, { tag: string; attributes?: (value: MarkValue, styleName: StyleName) => string }> = {
  link: { tag: 'a', attributes: linkAttributes },
  highlight: {
    tag: 'mark',
    attributes: (value, name) => attribute('data-highlight', value) + colorStyle(name, 'background-color', value, '40'),
  },
  color: { tag: 'span', attributes: (value, name) => attribute('data-color', value) + colorStyle(name, 'color', value) },
  strong: { tag: 'strong' },
  em: { tag: 'em' },
  underline: { tag: 'u' },
  strikethrough: { tag: 's' },
  superscript: { tag: 'sup' },
  subscript: { tag: 'sub' },
  code: { tag: 'code' },
}

/** For programs that do not know our names. */
const printedColors: Record<ColorName, string> = {
  red: '#b3261e',
  orange: '#b05000',
  yellow: '#c79a00',
  green: '#2b6a2f',
  teal: '#00696b',
  blue: '#1f57b5',
  purple: '#7a3ea8',
  gray: '#6a655e',
}

function colorStyle(styleName: StyleName, property: string, value: MarkValue, strength = ''): string {
  const color = colorNames.find((name) => name === value)
  return styleName && color ? ` ${styleName}="${property}: ${printedColors[color]}${strength}"` : ''
}

export function linkOf(value: MarkValue): { href: string; title: string } | null {
  try {
    const { href, title } = JSON.parse(String(value)) as { href?: unknown; title?: unknown }
    if (typeof href !== 'string' || !isAllowedLink(href)) return null
    return { href, title: typeof title === 'string' ? title : '' }
  } catch {
    // Not a link of ours: its text stays.
    return null
  }
}

function linkAttributes(value: MarkValue): string {
  const link = linkOf(value)
  if (!link) return ''
  return attribute('href', link.href) + (link.title ? attribute('title', link.title) : '')
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\u00A0': '&nbsp;' }

export const escapeHtml = (text: string) => text.replace(/[&<>"\u00A0]/g, (character) => entities[character]!)

/** An attribute on one line, whatever is in it. */
const attribute = (name: string, value: unknown) => ` ${name}="${escapeHtml(String(value)).replaceAll('\n', '&#10;')}"`

/** A page of its own: readable in any browser, and read back without loss. */
export function writePage(title: string, blocks: readonly BlockContent[], options: HtmlOptions = {}): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Palimpsest">
<title>${escapeHtml(title)}</title>
<style>
body { max-width: 38em; margin: 3em auto; padding: 0 1em; font: 1.1em/1.6 Georgia, serif; color: #26231f; background: #fff; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; }
blockquote { margin: 1em 0; padding-left: 1em; border-left: 3px solid #ccc; }
pre { padding: 1em; overflow: auto; background: #f4f2ee; }
code { font-size: 0.9em; }
figure { margin: 1em 0; text-align: center; }
img { max-width: 100%; }
hr { width: 30%; border: 0; border-top: 1px solid #999; }
</style>
</head>
<body>
<h1 data-title>${escapeHtml(title)}</h1>
${writeBlocks(blocks, options)}
</body>
</html>
`
}
