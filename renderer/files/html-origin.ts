/** Where HTML comes from, for what its makers write in their own way. */
export type HtmlOrigin = 'word' | 'google-docs' | 'other'

export function originOf(root: Element): HtmlOrigin {
  if (root.querySelector('[id^="docs-internal-guid-"]')) return 'google-docs'
  return root.querySelector('[class^="Mso"], [data-style*="mso-"]') ? 'word' : 'other'
}

/**
 * HTML without style sheets and event handlers, the styles of its elements renamed to `data-style`. Neither could do anything in a document that has no window, but the content
 * policy holds there too and reports each one.
 */
export function withoutStyles(html: string): string {
  return html.replace(/<style[\s\S]*?<\/style\s*>/gi, '').replace(startTag, (tag) => tag.replace(attributeOf, rewritten))
}

const startTag = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi
const attributeOf = /(\s)([^\s"'=<>/]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))/g

function rewritten(attribute: string, space: string, name: string, value: string): string {
  if (/^on/i.test(name)) return space
  return name.toLowerCase() === 'style' ? `${space}data-style${value}` : attribute
}

/** The declarations of a style by property. Read as text, because the browser's parser drops what it does not know, as `mso-list`. */
export function attributeStyles(element: Element): Map<string, string> {
  const styles = new Map<string, string>()
  for (const declaration of (element.getAttribute('data-style') ?? '').split(';')) {
    const colon = declaration.indexOf(':')
    if (colon > 0)
      styles.set(
        declaration.slice(0, colon).trim().toLowerCase(),
        declaration
          .slice(colon + 1)
          .trim()
          .toLowerCase(),
      )
  }
  return styles
}

/**
 * Word writes a list item as a paragraph with `mso-list: l0 level2 lfo1` and its bullet or number as text marked `mso-list: Ignore`. `content`
 * is a copy without that.
 */
export function wordListItem(paragraph: Element): { level: number; type: string; content: Element } | null {
  const level = /\blevel(\d)\b/.exec(attributeStyles(paragraph).get('mso-list') ?? '')?.[1]
  if (level === undefined) return null
  const content = paragraph.cloneNode(true) as Element
  let label = ''
  for (const span of content.querySelectorAll('span[data-style]')) {
    if (attributeStyles(span).get('mso-list') !== 'ignore') continue
    label += span.textContent
    span.remove()
  }
  const isNumbered = /^\s*\(?([0-9]+|[a-z]{1,4})[.)]/i.test(label)
  return { level: Number(level), type: isNumbered ? 'ordered-list-item' : 'unordered-list-item', content }
}
