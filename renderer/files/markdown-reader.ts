import MarkdownIt from 'markdown-it'
import { type FrontMatter, splitFrontMatter } from './front-matter.ts'
import { type HtmlContent, readHtml, type ReadOptions, withTitleFromHeading } from './html-reader.ts'

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
export function readMarkdown(text: string, options: ReadOptions = {}): HtmlContent & { frontMatter: FrontMatter | null } {
  const { frontMatter, body } = splitFrontMatter(text.replace(/^\uFEFF/, ''))
  const content = readHtml(markdownToHtml(body), options)
  const title = frontMatter?.title ?? null
  return { ...(title === null ? withTitleFromHeading(content) : { ...content, title }), frontMatter }
}

/** HTML of Markdown, for `readHtml`. */
export const markdownToHtml = (text: string): string => markdown.render(text)
