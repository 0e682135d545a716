import { MarkdownSerializer, type MarkdownSerializerState } from 'prosemirror-markdown'
import { Fragment, type Mark, type Node, Schema } from 'prosemirror-model'
import { type BlockContent, type MarkSet, markExpand, type TextRun } from '../../core/text/blocks.ts'
import { readHtml } from './html-reader.ts'
import { escapeHtml, type HtmlOptions, linkOf, writeCode, writeImage, writeRuns } from './html-writer.ts'
import { markdownToHtml } from './markdown-reader.ts'
import { type Container, groupLists, isNestedContainer, type Nested, nest, startOfList } from './nest.ts'

/**
 * Markdown that reads well and loses nothing: prosemirror-markdown's serializer over the nested form of a document.
 *
 * Emphasis in Markdown depends on what stands around it, and some texts cannot be written with its signs at all. So what was written
 * for a block is read again, and if it does not give the same text with the same marks, the block's marks and line breaks are written as
 * inline HTML and every sign in its text is escaped.
 */
export function writeMarkdown(title: string, blocks: readonly BlockContent[], options: HtmlOptions = {}): string {
  const content = nested.node('doc', null, nodesOf(nest(blocks), options))
  const body = serializer.serialize(content, { tightLists: true })
  return `${[titleLines(title, blocks), body].filter((part) => part !== '').join('\n\n')}\n`
}

/** A title is the first heading. Where it could not be told from the text's own, it goes into front matter. */
function titleLines(title: string, blocks: readonly BlockContent[]): string {
  const startsWithHeading = blocks[0]?.marker?.type === 'heading' && blocks[0].marker.attrs.level === 1
  if (title === '' && !startsWithHeading) return ''
  if (title === '' || title !== title.trim()) return `---\ntitle: ${JSON.stringify(title)}\n---`
  return `# ${writeInline([{ text: title, marks: {} }], '# ')}`
}

// ---------------------------------------------------------------- the nested form

/** Markdown's own structure. Inline content is written block by block and stands here as finished text. */
const nested = new Schema({
  nodes: {
    doc: { content: 'block*' },
    lines: { group: 'block', attrs: { text: {} } },
    quote: { group: 'block', content: 'block*' },
    list: { group: 'block', content: 'item+', attrs: { start: { default: null }, delimiter: { default: '-' }, tight: { default: true } } },
    item: { content: 'block*' },
    paragraph: { group: 'block', content: 'text*' },
    text: {},
  },
  marks: Object.fromEntries(Object.keys(markExpand).map((name) => [name, { attrs: { value: { default: true } }, excludes: '' }])),
})

const lines = (text: string) => nested.node('lines', { text })

function nodesOf(parts: readonly Nested[], options: HtmlOptions): Node[] {
  let last = ''
  return groupLists(parts).map((part) => {
    if (!('list' in part)) {
      last = ''
      return isNestedContainer(part) ? quoteNode(part, options) : lines(writeBlock(part, options))
    }
    // The other delimiter is what tells a list from the one right before it.
    last = part.list === 'ul' ? '-' : last === '.' ? ')' : '.'
    return listNode(part.items, last, options)
  })
}

function quoteNode({ own, children }: Container, options: HtmlOptions): Node {
  const text = own ? [lines(writeOwn(own, '', children))] : []
  return nested.node('quote', null, [...text, ...nodesOf(children, options)])
}

function listNode(items: readonly Container[], delimiter: string, options: HtmlOptions): Node {
  const tight = items.every(isTight)
  const nodes = items.map(({ own, children }) => nested.node('item', null, [...itemText(own, children), ...nodesOf(children, options)]))
  return nested.node('list', { delimiter, tight, start: delimiter === '-' ? null : (startOfList(items) ?? 1) }, nodes)
}

/** Whether an item needs no blank line in it: a list may follow its text at once, but not one that begins empty or with another number than 1. */
function isTight({ own, children }: Container): boolean {
  const [first] = children
  if (!first) return true
  const hasListsOnly = children.every((child) => isNestedContainer(child) && child.container !== 'blockquote')
  const begins = isNestedContainer(first) && (first.own?.runs.length ?? 0) > 0 && (startOfList([first]) ?? 1) === 1
  return hasListsOnly && begins && (own?.runs.length ?? 0) > 0
}

function itemText(own: BlockContent | null, children: readonly Nested[]): Node[] {
  if (!own) return []
  const isTask = own.marker?.type === 'task-list-item'
  const text = writeOwn(own, isTask ? `[${own.marker?.attrs.checked === true ? 'x' : ' '}] ` : '', children)
  return text === '' ? [] : [lines(text)]
}

/** Text of a container: an empty one with something in it needs a paragraph, or what is in it would be taken for its text. */
function writeOwn({ runs }: BlockContent, before: string, children: readonly Nested[]): string {
  if (runs.length === 0 && before === '' && children.length > 0) return emptyParagraph
  return before + writeInline(runs)
}

const emptyParagraph = '<p><br></p>'

function writeBlock({ marker, runs }: BlockContent, options: HtmlOptions): string {
  switch (marker?.type) {
    case 'heading': {
      const signs = '#'.repeat(Number(marker.attrs.level ?? 1))
      return runs.length === 0 ? signs : `${signs} ${writeInline(runs, `${signs} `)}`
    }
    case 'code-block':
      return writeFence(runs, String(marker.attrs.language ?? ''))
    case 'divider':
      return runs.length > 0 ? `---\n\n${writeInline(runs)}` : '---'
    case 'image':
      return writePicture(marker.attrs, runs, options)
    default:
      return runs.length === 0 ? emptyParagraph : writeInline(runs)
  }
}

function writeFence(runs: readonly TextRun[], language: string): string {
  const text = runs.map((run) => run.text).join('')
  // Inside a list a tab could be taken for indentation.
  if (/\t/.test(text))
    return writeCode(runs, language)
      .replaceAll('\t', '&#9;')
      .replace(/\n(?=\n)/g, '\n')
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([found]) => found.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function writePicture(attrs: Readonly<Record<string, unknown>>, caption: readonly TextRun[], options: HtmlOptions): string {
  const html = writeImage(attrs, caption, options).replaceAll('\n', '&#10;')
  const src = String(attrs.src ?? '')
  const shown = options.sourceOf?.(src) ?? src
  if (caption.length > 0 || typeof attrs.width === 'number') return html
  const title = attrs.title ? ` "${String(attrs.title).replace(/["\\]/g, '\\$&')}"` : ''
  const short = `![${escapeSigns(String(attrs.alt ?? ''))}](${shown}${title})`
  const read = readHtml(markdownToHtml(short), { sourceOf: (found) => found }).blocks
  const wanted: Record<string, unknown> = { src: shown, alt: attrs.alt, title: attrs.title }
  const isSame = read.length === 1 && Object.keys(wanted).every((name) => (read[0]?.marker?.attrs[name] ?? '') === (wanted[name] ?? ''))
  return isSame ? short : html
}

// ---------------------------------------------------------------- inline

/** Runs of text as Markdown. `before` is what stands before them on their line. */
function writeInline(runs: readonly TextRun[], before = ''): string {
  if (runs.length === 0) return ''
  const plain = serializer.serialize(nested.node('doc', null, [paragraphOf(runs)]))
  return readsAs(before + plain, runs) ? plain : writeRuns(runs, { escape: escapeAll, styleName: null }) + (endsInBreak(runs) ? '<br>' : '')
}

const endsInBreak = (runs: readonly TextRun[]) => runs.at(-1)?.text.endsWith('\n') === true

function readsAs(markdown: string, runs: readonly TextRun[]): boolean {
  const { blocks } = readHtml(markdownToHtml(markdown))
  return blocks.length === 1 && JSON.stringify(blocks[0]!.runs.map(comparable)) === JSON.stringify(runs.map(comparable))
}

const comparable = ({ text, marks }: TextRun) => [text, Object.entries(marks).sort()]

function paragraphOf(runs: readonly TextRun[]): Node {
  const nodes = runs.map(({ text, marks }) => nested.text(text, marksOf(marks)))
  return nested.nodes.paragraph.create(null, Fragment.fromArray(nodes))
}

function marksOf(set: MarkSet): readonly Mark[] {
  let marks: readonly Mark[] = []
  for (const [name, value] of Object.entries(set)) {
    const isWritable = name in nested.marks && (name !== 'link' || linkOf(value) !== null)
    if (isWritable) marks = nested.marks[name]!.create({ value }).addToSet(marks)
  }
  return marks
}

const escapeSigns = (text: string) => text.replace(/[\\`*_{}[\]()<>#+\-.!|~&=]/g, '\\$&')

/** For text among inline HTML: no sign means anything, and no space is lost. */
function escapeAll(text: string): string {
  return escapeSigns(text)
    .replace(/^ | $| (?= )/g, '&#32;')
    .replace(/[^\S \n]/g, (space) => `&#${space.charCodeAt(0)};`)
}

// ---------------------------------------------------------------- the serializer

const emphasis = (sign: string) => ({ open: sign, close: sign, mixable: true, expelEnclosingWhitespace: true })
const htmlTag = (tag: string, attribute?: string) => ({
  open: (_state: MarkdownSerializerState, mark: Mark) =>
    `<${tag}${attribute ? ` ${attribute}="${escapeHtml(String(mark.attrs.value))}"` : ''}>`,
  close: `</${tag}>`,
  mixable: true,
})

const serializer = new MarkdownSerializer(
  {
    lines(state, node) {
      state.text(node.attrs.text, false)
      state.closeBlock(node)
    },
    quote(state, node) {
      state.wrapBlock('> ', null, node, () => state.renderContent(node))
    },
    list(state, node) {
      const { start, delimiter } = node.attrs
      if (start === null) return state.renderList(node, '  ', () => '- ')
      const width = String(start + node.childCount - 1).length + 2
      state.renderList(node, ' '.repeat(width), (index) => `${start + index}${delimiter} `.padEnd(width))
    },
    item(state, node) {
      state.renderContent(node)
    },
    paragraph(state, node) {
      state.renderInline(node)
      state.closeBlock(node)
    },
    text(state, node) {
      const parts = (node.text ?? '').split('\n')
      parts.forEach((part, index) => {
        if (index > 0) state.write('\\\n')
        if (part !== '') state.text(part)
      })
    },
  },
  {
    link: {
      open: '[',
      close: (_state, mark) => {
        const link = linkOf(mark.attrs.value)
        const title = link?.title ? ` "${link.title.replace(/["\\]/g, '\\$&')}"` : ''
        return `](${link?.href.replace(/[()\\]/g, '\\$&')}${title})`
      },
      mixable: true,
    },
    highlight: htmlTag('mark', 'data-highlight'),
    color: htmlTag('span', 'data-color'),
    strong: emphasis('**'),
    em: emphasis('*'),
    underline: htmlTag('u'),
    strikethrough: emphasis('~~'),
    superscript: htmlTag('sup'),
    subscript: htmlTag('sub'),
    code: {
      open: (_state, _mark, parent, index) => ticks(parent, index, -1),
      close: (_state, _mark, parent, index) => ticks(parent, index - 1, 1),
      escape: false,
    },
  },
  { escapeExtraCharacters: /[<&]/g },
)

/** Ticks around a run of code, more of them than it has inside. */
function ticks(parent: Node, index: number, side: -1 | 1): string {
  const text = parent.maybeChild(index)?.text ?? ''
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([found]) => found.length))
  const fence = '`'.repeat(longest + 1)
  if (longest === 0) return fence
  return side < 0 ? `${fence} ` : ` ${fence}`
}
