import {
  Baseline,
  Bold,
  Code,
  Heading1,
  Heading2,
  Heading3,
  Heading4,
  Heading5,
  Heading6,
  Highlighter,
  Image,
  Italic,
  Link,
  List,
  ListChecks,
  ListOrdered,
  type LucideIcon,
  Minus,
  Pilcrow,
  SquareCode,
  Strikethrough,
  TextQuote,
  Underline,
} from 'lucide-react'

const icons: Record<string, LucideIcon> = {
  'format.paragraph': Pilcrow,
  'format.heading-1': Heading1,
  'format.heading-2': Heading2,
  'format.heading-3': Heading3,
  'format.heading-4': Heading4,
  'format.heading-5': Heading5,
  'format.heading-6': Heading6,
  'format.bullet-list': List,
  'format.ordered-list': ListOrdered,
  'format.task-list': ListChecks,
  'format.quote': TextQuote,
  'format.code-block': SquareCode,
  'format.strong': Bold,
  'format.em': Italic,
  'format.underline': Underline,
  'format.strikethrough': Strikethrough,
  'format.code': Code,
  'format.highlight': Highlighter,
  'format.color': Baseline,
  'insert.link': Link,
  'insert.divider': Minus,
  'insert.image': Image,
}

/** The sign of a command; nothing for one without. */
export function CommandIcon({ id }: { id: string }) {
  const Icon = icons[id]
  return Icon ? <Icon aria-hidden="true" size={17} strokeWidth={1.75} /> : null
}
