import { colorNames, type MarkSet } from '../../core/text/blocks.ts'
import { isAllowedLink } from '../editor/commands/marks.ts'
import { inkColor, nearestColor } from './html-colors.ts'
import { attributeStyles, type HtmlOrigin } from './html-origin.ts'

interface Inherited {
  readonly marks: MarkSet
  readonly isPreserved: boolean
}

const markOfTag: Record<string, string> = {
  b: 'strong',
  strong: 'strong',
  i: 'em',
  em: 'em',
  cite: 'em',
  dfn: 'em',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  del: 'strikethrough',
  strike: 'strikethrough',
  sup: 'superscript',
  sub: 'subscript',
  code: 'code',
  kbd: 'code',
  samp: 'code',
  tt: 'code',
}

/** The marks inside an element, and whether its white space counts. */
export function marksOfElement(element: Element, inherited: Inherited, origin: HtmlOrigin): Inherited {
  const marks: Record<string, string | boolean | number> = { ...inherited.marks }
  const tag = element.localName
  const named = markOfTag[tag]
  if (named) marks[named] = true
  if (tag === 'a') addLink(element, marks)
  if (tag === 'mark') marks.highlight = colorName(element.getAttribute('data-highlight')) ?? 'yellow'
  const color = colorName(element.getAttribute('data-color'))
  if (color) marks.color = color
  if (!element.hasAttribute('data-style')) return { marks, isPreserved: inherited.isPreserved }
  const styles = attributeStyles(element)
  addStyles(styles, marks, tag, origin)
  return { marks, isPreserved: keepsSpace(styles.get('white-space') ?? styles.get('mso-spacerun'), inherited.isPreserved) }
}

const colorName = (value: string | null) => colorNames.find((name) => name === value)

function keepsSpace(value: string | undefined, inherited: boolean): boolean {
  if (value === undefined) return inherited
  return /^(pre|pre-wrap|break-spaces|yes)$/.test(value)
}

function addLink(element: Element, marks: Record<string, unknown>) {
  const href = element.getAttribute('href') ?? ''
  if (isAllowedLink(href)) marks.link = JSON.stringify({ href, title: element.getAttribute('title') ?? '' })
}

/** Marks that are written as styles: all of Google Docs', most of Word's. A style can also take back what the tag says. */
function addStyles(styles: ReadonlyMap<string, string>, marks: Record<string, unknown>, tag: string, origin: HtmlOrigin) {
  const set = (name: string, isOn: boolean) => {
    if (isOn) marks[name] = true
    else delete marks[name]
  }
  const weight = styles.get('font-weight')
  if (weight) set('strong', weight === 'bold' || weight === 'bolder' || Number(weight) >= 600)
  const slant = styles.get('font-style')
  if (slant) set('em', slant === 'italic' || slant.startsWith('oblique'))
  const decoration = styles.get('text-decoration') ?? styles.get('text-decoration-line') ?? ''
  if (decoration.includes('underline') && tag !== 'a' && !marks.link) marks.underline = true
  if (decoration.includes('line-through')) marks.strikethrough = true
  const rise = styles.get('vertical-align')
  if (rise === 'super') marks.superscript = true
  if (rise === 'sub') marks.subscript = true
  const background = styles.get('mso-highlight') ?? (origin === 'google-docs' ? styles.get('background-color') : undefined)
  const highlight = background ? nearestColor(background) : null
  if (highlight && tag !== 'mark') marks.highlight = highlight
  if (origin !== 'other') addColor(styles.get('color'), marks)
}

/** On the web everything has a colour; in Word and Google Docs a writer chose it. A link has its own. */
function addColor(css: string | undefined, marks: Record<string, unknown>) {
  if (css === undefined || css === 'inherit') return
  const color = marks.link ? null : inkColor(css)
  if (color) marks.color = color
  else delete marks.color
}
