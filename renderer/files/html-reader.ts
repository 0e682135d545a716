import type { Attributes, Block, BlockContent, MarkSet } from '../../core/text/blocks.ts'
import { marksOfElement } from './html-marks.ts'
import { type HtmlOrigin, originOf, withoutStyles, wordListItem } from './html-origin.ts'

/**
 * HTML from anywhere, read into blocks: from the web, from Word, from Google Docs, from our own clipboard and files.
 *
 * The markup is parsed into a document that has no window, so nothing in it runs or loads. It is then walked once, and only what stands in
 * the switch below leaves a trace; of any other element the text does. What is read becomes nodes of the editor's schema
 * (`convert.ts`), which is the second door: an attribute that the schema does not know does not exist.
 */
export interface HtmlContent {
  readonly blocks: BlockContent[]
  /** What could not be kept, by kind, with how often. */
  readonly lost: ReadonlyMap<LostKind, number>
  /** From a page's own title, or from a heading that says it is one. */
  readonly title: string | null
}

export type LostKind = 'table' | 'media' | 'form' | 'drawing' | 'image'

export interface ReadOptions {
  /** The address under which a picture goes into the document, or null to leave it out. */
  readonly sourceOf?: (src: string, original: string | null) => string | null
}

export function readHtml(html: string, options: ReadOptions = {}): HtmlContent {
  const page = new DOMParser().parseFromString(withoutStyles(html), 'text/html')
  const own = page.querySelector('h1[data-title]')
  own?.remove()
  const { blocks, lost } = readElement(page.body, options)
  if (own) return { blocks, lost, title: own.textContent }
  const title = page.querySelector('title')?.textContent.replace(/\s+/g, ' ').trim()
  return title ? { blocks: withoutTitle(blocks, title), lost, title } : { blocks, lost, title: null }
}

/** An HTML file. One whose page names no title has that of the heading it begins with. */
export function readHtmlFile(html: string, options: ReadOptions = {}): HtmlContent {
  const content = readHtml(html, options)
  return content.title === null ? withTitleFromHeading(content) : content
}

/** Takes a heading of the first level that begins the text as the title. */
export function withTitleFromHeading({ blocks, lost }: HtmlContent): HtmlContent {
  const [first, ...rest] = blocks
  const isTitle = first?.marker?.type === 'heading' && first.marker.attrs.level === 1 && first.marker.parents.length === 0
  if (!isTitle) return { blocks, lost, title: null }
  const title = first.runs.map(({ text }) => text.replaceAll('\n', ' ')).join('')
  return { blocks: rest, lost, title }
}

/** A page that begins with its own title has it once. */
function withoutTitle(blocks: BlockContent[], title: string): BlockContent[] {
  const [first, ...rest] = blocks
  const isTitle =
    first?.marker?.type === 'heading' &&
    first.runs
      .map(({ text }) => text)
      .join('')
      .trim() === title
  return isTitle ? rest : blocks
}

/** What stands in an element of a document that has no window, its styles renamed (`withoutStyles`). */
export function readElement(root: Element, options: ReadOptions = {}): Pick<HtmlContent, 'blocks' | 'lost'> {
  const reader = new HtmlReader(originOf(root), options)
  reader.children(root)
  return reader.finish()
}

interface OpenBlock {
  readonly marker: Block
  readonly runs: { text: string; marks: MarkSet }[]
}

interface Context {
  readonly parents: readonly string[]
  readonly marks: MarkSet
  /** Whether white space is kept as it stands. */
  readonly isPreserved: boolean
}

const startContext: Context = { parents: [], marks: {}, isPreserved: false }

class HtmlReader {
  private readonly blocks: OpenBlock[] = []
  private readonly lost = new Map<LostKind, number>()
  private readonly origin: HtmlOrigin
  private readonly options: ReadOptions
  /** The block that text goes into. */
  private current: OpenBlock | null = null
  /** A container that was entered and has no block yet: the first text in it becomes its own. */
  private waiting: Block | null = null
  /** Whether what was read last is a space that the end of the block swallows. */
  private endsInSpace = false
  /** Items that Word writes as paragraphs, by level. */
  private wordParents: readonly string[] = []

  constructor(origin: HtmlOrigin, options: ReadOptions) {
    this.origin = origin
    this.options = options
  }

  finish() {
    this.close()
    return { blocks: this.blocks.map(({ marker, runs }): BlockContent => ({ marker, runs })), lost: this.lost }
  }

  children(parent: Node, context = startContext): void {
    for (const child of parent.childNodes) this.node(child, context)
  }

  private node(node: Node, context: Context): void {
    if (node.nodeType === 3) this.text(node.nodeValue ?? '', context)
    else if (node.nodeType === 1) this.element(node as Element, context)
  }

  private element(element: Element, outer: Context): void {
    const context = { ...outer, ...marksOfElement(element, outer, this.origin) }
    switch (element.localName) {
      case 'script':
      case 'style':
      case 'template':
      case 'title':
      case 'noscript':
      case 'o:p':
        return
      case 'br':
        return this.lineBreak(context)
      case 'hr':
        return this.divider(context)
      case 'p':
        return this.paragraph(element, context)
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        return this.heading(element, Number(element.localName[1]), context)
      case 'blockquote':
        return this.container(element, this.block('blockquote', context), context)
      case 'ul':
      case 'ol':
        return this.list(element, context)
      case 'li':
        return this.container(element, this.block('unordered-list-item', context), context)
      case 'pre':
        return this.code(element, context)
      case 'figure':
        return this.figure(element, context)
      case 'img':
        if (isTaskPicture(element)) return
        this.image(element, context)
        return this.close()
      case 'table':
        return this.table(element, context)
      case 'input':
        return this.input(element)
      case 'video':
      case 'audio':
      case 'iframe':
      case 'object':
      case 'embed':
        return this.lose('media')
      case 'svg':
      case 'canvas':
      case 'math':
        return this.lose('drawing')
      case 'select':
      case 'textarea':
      case 'button':
        return this.lose('form')
      default:
        return isBlockElement(element) ? this.section(element, context) : this.children(element, context)
    }
  }

  private block(type: string, { parents }: Context, attrs: Attributes = {}): Block {
    return { type, parents, attrs, isEmbed: false }
  }

  // -------------------------------------------------------------- blocks

  private open(marker: Block): OpenBlock {
    this.close()
    this.waiting = null
    this.current = { marker, runs: [] }
    this.blocks.push(this.current)
    return this.current
  }

  /** Ends the current block, without the space or the line break that its end makes invisible. */
  private close(): void {
    const runs = this.current?.runs
    const last = runs?.at(-1)
    if (runs && last && (this.endsInSpace || last.text.endsWith('\n'))) {
      last.text = last.text.slice(0, -1)
      if (last.text === '') runs.pop()
    }
    this.endsInSpace = false
    this.current = null
  }

  /** Makes the block of an item that was entered and has no text of its own. A quote lives by what is in it. */
  private settle(): void {
    if (this.waiting && this.waiting.type !== 'blockquote') this.open(this.waiting)
    this.close()
    this.waiting = null
  }

  private section(element: Element, context: Context): void {
    this.close()
    this.children(element, context)
    this.close()
  }

  private divider({ parents }: Context): void {
    this.settle()
    this.open({ type: 'divider', parents, attrs: {}, isEmbed: true })
    this.close()
  }

  private paragraph(element: Element, context: Context): void {
    const item = this.origin === 'word' ? wordListItem(element) : null
    if (item) return this.wordItem(item, context)
    this.wordParents = []
    this.close()
    const isQuote = this.origin === 'word' && /Quote/.test(element.className)
    if (showsText(element, context)) this.open(this.waiting ?? this.block(isQuote ? 'blockquote' : 'paragraph', context))
    this.children(element, context)
    this.close()
  }

  private wordItem({ level, type, content }: { level: number; type: string; content: Element }, context: Context): void {
    const parents = [...context.parents, ...this.wordParents.slice(0, level - 1)]
    while (parents.length < context.parents.length + level - 1) parents.push(type)
    this.wordParents = [...parents.slice(context.parents.length), type]
    this.open(this.block(type, { ...context, parents }))
    this.children(content, context)
    this.close()
  }

  private heading(element: Element, level: number, context: Context): void {
    // The first heading of an item is the item's text; a quote can hold headings.
    if (this.waiting && this.waiting.type !== 'blockquote') this.open(this.waiting)
    else this.open(this.block('heading', context, { level }))
    this.children(element, context)
    this.close()
  }

  private container(element: Element, marker: Block, context: Context): void {
    this.settle()
    this.waiting = marker
    this.children(element, { ...context, parents: [...context.parents, marker.type] })
    if (this.waiting) this.open(this.waiting)
    this.close()
  }

  private list(element: Element, context: Context): void {
    const type = element.localName === 'ol' ? 'ordered-list-item' : 'unordered-list-item'
    this.settle()
    let start = this.startOf(element, context)
    for (const child of element.children) {
      if (child.localName === 'li') {
        const attrs: Attributes = type === 'ordered-list-item' && start !== null ? { start } : {}
        const task = taskState(child)
        const marker =
          task === null ? this.block(type, context, attrs) : this.block('task-list-item', context, task ? { checked: true } : {})
        this.container(child, marker, context)
        start = null
      } else {
        // Google Docs puts a nested list beside the item that it belongs to.
        const isList = child.localName === 'ul' || child.localName === 'ol'
        const owner = isList
          ? this.blocks.findLast(({ marker }) => marker.parents.length === context.parents.length)?.marker.type
          : undefined
        this.element(child, owner ? { ...context, parents: [...context.parents, owner] } : context)
      }
    }
  }

  /** The number a list has to say that it begins with: one that begins with 1 says so only right after another. */
  private startOf(element: Element, { parents }: Context): number | null {
    const written = Number.parseInt(element.getAttribute('start') ?? '1', 10)
    const start = Number.isSafeInteger(written) && written >= 0 ? Math.min(written, 999_999_999) : 1
    const before = this.blocks.findLast(({ marker }) => marker.parents.length <= parents.length)?.marker
    const followsList = before?.type === 'ordered-list-item' && before.parents.length === parents.length
    return start === 1 && !followsList ? null : start
  }

  private code(element: Element, context: Context): void {
    this.settle()
    const code = element.querySelector('code')
    const language = /(?:^|\s)lang(?:uage)?-([\w+#.-]+)/.exec(`${code?.className ?? ''} ${element.className}`)?.[1]
    const block = this.open(this.block('code-block', context, language ? { language } : {}))
    const text = textOf(element).replace(/\n$/, '')
    if (text !== '') block.runs.push({ text, marks: {} })
    // Not closed as other blocks are: the last line break of code counts.
    this.current = null
  }

  private figure(element: Element, context: Context): void {
    const image = element.querySelector('img')
    if (!image) return this.section(element, context)
    this.image(image, context)
    const caption = element.querySelector('figcaption')
    if (caption) this.children(caption, { ...context, ...marksOfElement(caption, context, this.origin) })
    this.close()
  }

  /** The image's block stays open for a caption; any other element closes it. */
  private image(element: Element, { parents }: Context): void {
    const src = (this.options.sourceOf ?? defaultSource)(element.getAttribute('src') ?? '', element.getAttribute('data-src'))
    if (src === null) return this.lose('image')
    this.settle()
    const width = Number(element.getAttribute('width') ?? Number.NaN)
    const attrs: Record<string, string | number> = { src }
    for (const name of ['alt', 'title']) if (element.getAttribute(name)) attrs[name] = element.getAttribute(name) ?? ''
    if (Number.isFinite(width) && width > 0) attrs.width = width
    this.open({ type: 'image', parents, attrs, isEmbed: true })
  }

  /** A row becomes a line, its cells set apart by tabs. */
  private table(element: Element, context: Context): void {
    this.lose('table')
    for (const row of element.querySelectorAll('tr')) {
      this.close()
      ;[...row.children].forEach((cell, index) => {
        if (index > 0) this.text('\t', { ...context, isPreserved: true })
        this.text(cell.textContent ?? '', context)
      })
      this.close()
    }
  }

  private input(element: Element): void {
    if (element.getAttribute('type') !== 'checkbox') this.lose('form')
  }

  private lose(kind: LostKind): void {
    this.lost.set(kind, (this.lost.get(kind) ?? 0) + 1)
  }

  // -------------------------------------------------------------- text

  private lineBreak({ parents, marks }: Context): void {
    // Between blocks a line break is only air.
    if (this.current || this.waiting) this.append('\n', parents, marks)
  }

  private text(text: string, { parents, marks, isPreserved }: Context): void {
    if (isPreserved) {
      const kept = text.replace(/\r\n?/g, '\n')
      if (this.current || this.waiting || /\S/.test(kept)) this.append(kept, parents, marks)
      return
    }
    const collapsed = text.replace(/[ \t\r\n\f]+/g, ' ')
    const last = this.current?.runs.at(-1)?.text
    const isAtStart = last === undefined || this.endsInSpace || last.endsWith('\n')
    const shown = isAtStart && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed
    if (shown === '') return
    this.append(shown, parents, marks)
    this.endsInSpace = shown.endsWith(' ')
  }

  private append(text: string, parents: readonly string[], marks: MarkSet): void {
    const block = this.current ?? this.open(this.waiting ?? { type: 'paragraph', parents, attrs: {}, isEmbed: false })
    const last = block.runs.at(-1)
    if (last && sameMarks(last.marks, marks)) last.text += text
    else block.runs.push({ text, marks })
    this.endsInSpace = false
  }
}

const sameMarks = (a: MarkSet, b: MarkSet) =>
  a === b || JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

const blockElements = new Set(
  'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main nav ol p pre section summary table ul'.split(
    ' ',
  ),
)

const isBlockElement = (element: Element) => blockElements.has(element.localName)

/** Whether a paragraph has a line of its own: text, a line break, or spaces that count. */
const showsText = (element: Element, { isPreserved }: Context) =>
  isPreserved ||
  /[^ \t\r\n\f]/.test(element.textContent ?? '') ||
  element.querySelector('br, input[type="checkbox"], [data-style*="white-space: pre"]') !== null

/** Text with its line breaks, as code has it. */
function textOf(element: Element): string {
  let text = ''
  const walk = (node: Node) => {
    if (node.nodeType === 3) text += node.nodeValue
    else if (node.nodeName === 'BR') text += '\n'
    else for (const child of node.childNodes) walk(child)
  }
  walk(element)
  return text.replace(/\r\n?/g, '\n')
}

/** Whether an item is a task, and ticked. */
function taskState(item: Element): boolean | null {
  if (item.getAttribute('role') === 'checkbox') return item.getAttribute('aria-checked') === 'true'
  const box = item.querySelector('input[type="checkbox"]')
  return box && box.closest('li') === item ? box.hasAttribute('checked') : null
}

/** Google Docs draws the box of a task, which says itself whether it is ticked. */
const isTaskPicture = (image: Element) => image.getAttribute('aria-roledescription') === 'checkbox'

/** Pictures from outside are named by their address and not loaded. */
const defaultSource = (src: string, original: string | null) => {
  if (original?.startsWith('automerge:')) return original
  return /^(automerge:|https:|data:image\/)/i.test(src) ? src : null
}
