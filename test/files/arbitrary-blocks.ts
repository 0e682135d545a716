import fc from 'fast-check'
import { type Attributes, type BlockContent, colorNames, type MarkSet, type TextRun } from '../../core/text/blocks.ts'

/** Documents as the editor makes them, of every block and mark, with texts that like to be taken for markup. */

const words = fc.constantFrom(
  ...[
    'river',
    'a',
    'Ä',
    '日本',
    '🌊',
    '1.',
    '2)',
    '-',
    '*',
    '_',
    '#',
    '>',
    '`',
    '~~',
    '<b>',
    '</i>',
    '&amp;',
    '[x]',
    '[ ]',
    '](',
    '!',
    '---',
    '===',
    '|',
    '\\',
    '“q”',
  ],
  ...[
    '\u00A0',
    ' ',
    '  ',
    '\n',
    '\t',
    '\u2003',
    '**',
    '***',
    '```',
    '<!--',
    '-->',
    'https://e.org',
    '<br>',
    '$',
    ':',
    'x*y',
    'snake_case',
    '+',
    '%',
    '"',
    "'",
  ],
)
const text = fc.array(words, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))

const link = fc
  .constantFrom('https://e.org/', 'https://e.org/a_(b)?c=d&e="f"', 'mailto:a@e.org', 'http://e.org/ä ö#x')
  .chain((href) => fc.constantFrom('', 'a "title"', "it's \\ [it]").map((title) => JSON.stringify({ href, title })))

const isOn = fc.constant(true as const)
const marks: fc.Arbitrary<MarkSet> = fc
  .record(
    {
      link,
      highlight: fc.constantFrom(...colorNames),
      color: fc.constantFrom(...colorNames),
      strong: isOn,
      em: isOn,
      underline: isOn,
      strikethrough: isOn,
      superscript: isOn,
      code: isOn,
    },
    { requiredKeys: [] },
  )
  .map((set) => (set.superscript && set.strong ? { ...withoutSuperscript(set), subscript: true as const } : set))

const withoutSuperscript = <Set extends { superscript?: true }>({ superscript: _dropped, ...rest }: Set) => rest

const runs: fc.Arbitrary<TextRun[]> = fc
  .array(fc.record({ text, marks: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: marks }) }), { maxLength: 4 })
  .map(joinAlike)

/** Neighbours with the same marks are one run. */
function joinAlike(list: { text: string; marks: MarkSet }[]): TextRun[] {
  const joined: { text: string; marks: MarkSet }[] = []
  for (const run of list) {
    const last = joined.at(-1)
    if (last && sorted(last.marks) === sorted(run.marks)) last.text += run.text
    else joined.push({ ...run })
  }
  return joined
}

const sorted = (set: MarkSet) => JSON.stringify(Object.entries(set).sort())

type Tree = { type: string; attrs: Attributes; runs: TextRun[]; children: Tree[] }

const leaf = (type: string, attrs: fc.Arbitrary<Attributes>, content: fc.Arbitrary<TextRun[]> = runs): fc.Arbitrary<Tree> =>
  fc.record({ type: fc.constant(type), attrs, runs: content, children: fc.constant([]) })

const none = fc.constant<Attributes>({})
const code = fc
  .oneof(text, fc.constantFrom('', '\n', 'a\n\n  b\n', '````\n```', '\ttab\n\t\ttab'))
  .map((value): TextRun[] => (value === '' ? [] : [{ text: value, marks: {} }]))
const image = fc
  .record({
    src: fc.constantFrom('automerge:3Xv', 'https://e.org/i (1).png?a=b&c'),
    alt: fc.constantFrom('', 'a [b] "c"'),
    title: fc.constantFrom('', 'a "t"'),
    width: fc.constantFrom(null, 280),
  })
  .map(({ src, alt, title, width }): Attributes => ({ src, ...(alt && { alt }), ...(title && { title }), ...(width && { width }) }))

const { tree } = fc.letrec<{ tree: Tree; children: Tree[] }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf('paragraph', none),
    leaf(
      'heading',
      fc.integer({ min: 1, max: 6 }).map((level) => ({ level })),
    ),
    leaf('code-block', fc.constantFrom<Attributes>({}, { language: 'ts' }, { language: 'c++' }), code),
    leaf('divider', none, fc.constant([])),
    leaf('image', image),
    container('blockquote', none, tie('children')),
    container('unordered-list-item', none, tie('children')),
    container('task-list-item', fc.constantFrom<Attributes>({}, { checked: true }), tie('children')),
    container('ordered-list-item', fc.constantFrom<Attributes>({}, {}, { start: 4 }, { start: 1 }), tie('children')),
  ),
  children: fc.array(tie('tree'), { maxLength: 3 }),
}))

function container(type: string, attrs: fc.Arbitrary<Attributes>, children: fc.Arbitrary<Tree[]>): fc.Arbitrary<Tree> {
  return fc.record({ type: fc.constant(type), attrs, runs, children })
}

export const documents: fc.Arbitrary<{ title: string; blocks: BlockContent[] }> = fc.record({
  title: fc.oneof(
    fc.constantFrom('', 'A plain title', ' spaces ', '# odd "one"'),
    text.map((title) => title.replaceAll('\n', ' ')),
  ),
  blocks: fc.array(tree, { maxLength: 5 }).map((trees) => flattenAll(trees, [])),
})

/** A list that begins with 1 says so only where it would otherwise go on counting. */
const flattenAll = (trees: readonly Tree[], parents: readonly string[]): BlockContent[] =>
  trees.flatMap((part, index) => {
    const isPlainStart = part.attrs.start === 1 && trees[index - 1]?.type !== part.type
    return flatten(isPlainStart ? { ...part, attrs: {} } : part, parents)
  })

function flatten({ type, attrs, runs: own, children }: Tree, parents: readonly string[]): BlockContent[] {
  const marker = { type, parents, attrs, isEmbed: type === 'divider' || type === 'image' }
  return [{ marker, runs: own }, ...flattenAll(children, [...parents, type])]
}
