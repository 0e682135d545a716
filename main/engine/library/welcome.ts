import type { Attributes, BlockContent, TextRun } from '../../../core/text/blocks.ts'

/** The document that a person finds on their first start: short, and an example of what it speaks of. */
export const welcomeTitle = 'Welcome to Palimpsest'

const text = (words: string): TextRun => ({ text: words, marks: {} })
const strong = (words: string): TextRun => ({ text: words, marks: { strong: true } })
const emphasis = (words: string): TextRun => ({ text: words, marks: { em: true } })

const block = (type: string, runs: TextRun[], attrs: Attributes = {}): BlockContent => ({
  marker: { type, parents: [], attrs, isEmbed: false },
  runs,
})
const heading = (words: string) => block('heading', [text(words)], { level: 2 })
const paragraph = (...runs: TextRun[]) => block('paragraph', runs)
const task = (checked: boolean, ...runs: TextRun[]) => block('task-list-item', runs, { checked })

export const welcomeBlocks: readonly BlockContent[] = [
  paragraph(
    text('This page is a document like any other: '),
    strong('write in it'),
    text(', take it apart, throw it away. Nothing can go wrong, because nothing is lost.'),
  ),
  heading('Your words, on your own disk'),
  paragraph(
    text(
      'Everything you write is saved on this computer as you write it. You need no account and no network. When you want to write with others, ',
    ),
    emphasis('Share'),
    text(' gives you a link; what each of you writes comes together by itself, also when one of you was on a train.'),
  ),
  heading('Every version stays'),
  paragraph(
    text(
      'A palimpsest is a page that was written on, scraped clean and written on again, with the older text still showing through. Delete this sentence, open ',
    ),
    emphasis('History'),
    text(', and bring it back.'),
  ),
  heading('A few things to try'),
  task(true, text('Open Palimpsest')),
  task(false, text('Type '), { text: '/', marks: { code: true } }, text(' on an empty line to choose what it becomes')),
  task(
    false,
    text('Type '),
    { text: '# ', marks: { code: true } },
    text(' for a heading, or '),
    { text: '- ', marks: { code: true } },
    text(' for a list'),
  ),
  task(false, text('Press Ctrl+K (⌘K on a Mac) and type what you want to do')),
  block('blockquote', [text('The best time to write it down was yesterday. The second best is before lunch.')]),
]
