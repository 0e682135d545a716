import MarkdownIt from 'markdown-it'
import { type HtmlContent, readHtml, type ReadOptions } from './html-reader.ts'

/**
 * Markdown is read as what it is a shorthand for: it becomes HTML, inline HTML in it included, and that goes through the same door as any
 * other. The HTML is parsed into a document without a window, so what markdown-it lets through cannot run.
 */
const markdown = new MarkdownIt({ html: true, linkify: false, typographer: false, breaks: false })

// Addresses stay as they are written; which of them may become links is decided where HTML is read.
markdown.validateLink = () => true
markdown.normalizeLink = (url) => url
markdown.normalizeLinkText = (text) => text

/** HTML swallows spaces at the edges of blocks and in rows; in Markdown those that are left were written on purpose, as entities. */
markdown.renderer.rules.text = (tokens, index) =>
  markdown.utils
    .escapeHtml(tokens[index]!.content)
    .replace(/^ +| +$| {2,}|\t+/g, (spaces) => `<span data-style="white-space: pre-wrap">${spaces}</span>`)

markdown.renderer.rules.code_inline = (tokens, index) =>
  `<code data-style="white-space: pre-wrap">${markdown.utils.escapeHtml(tokens[index]!.content)}</code>`

/** `[ ]` and `[x]` at the start of an item are the box of a task. */
markdown.core.ruler.after('inline', 'task-list', ({ tokens, Token }) => {
  tokens.forEach((token, index) => {
    if (token.type !== 'inline' || tokens[index - 1]?.type !== 'paragraph_open' || tokens[index - 2]?.type !== 'list_item_open') return
    const first = token.children?.[0]
    const box = first?.type === 'text' ? /^\[([ xX])\](?: |$)/.exec(first.content) : null
    if (!first || !box) return
    first.content = first.content.slice(box[0].length)
    const input = new Token('html_inline', '', 0)
    input.content = `<input type="checkbox"${box[1] === ' ' ? '' : ' checked'}>`
    token.children?.unshift(input)
  })
})

/** A Markdown file. Its title is what front matter calls one, else a heading of the first level that begins the text. */
export function readMarkdown(text: string, options: ReadOptions = {}): HtmlContent {
  const { title, body } = withoutFrontMatter(text.replace(/^\uFEFF/, ''))
  const content = readHtml(markdownToHtml(body), options)
  return title === null ? withTitleFromHeading(content) : { ...content, title }
}

/** HTML of Markdown, for `readHtml`. */
export const markdownToHtml = (text: string): string => markdown.render(text)

function withTitleFromHeading({ blocks, lost }: HtmlContent): HtmlContent {
  const [first, ...rest] = blocks
  const isTitle = first?.marker?.type === 'heading' && first.marker.attrs.level === 1 && first.marker.parents.length === 0
  if (!isTitle) return { blocks, lost, title: null }
  const title = first.runs.map(({ text }) => text.replaceAll('\n', ' ')).join('')
  return { blocks: rest, lost, title }
}

/** Of front matter only the title is kept. */
function withoutFrontMatter(text: string): { title: string | null; body: string } {
  const matter = /^---\r?\n([\w-]+:.*\r?\n(?:[\w-]+:.*\r?\n|[ \t#-].*\r?\n|\r?\n)*?)---[ \t]*(?:\r?\n|$)/.exec(text)
  if (!matter) return { title: null, body: text }
  const title = /^title:[ \t]*(.*?)[ \t\r]*$/m.exec(matter[1]!)?.[1]
  return { title: title === undefined ? null : unquoted(title), body: text.slice(matter[0].length) }
}

function unquoted(value: string): string {
  if (!/^".*"$/.test(value)) return value.replace(/^'(.*)'$/, '$1')
  try {
    return String(JSON.parse(value))
  } catch {
    // Quoted by other rules than JSON's: as it stands, without the quotes.
    return value.slice(1, -1)
  }
}
