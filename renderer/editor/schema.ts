import { type DOMOutputSpec, type MarkSpec, type NodeSpec, Schema } from 'prosemirror-model'
import { blockTypes, type MarkType, markExpand } from '../../core/text/blocks.ts'

/**
 * The editor's schema: a flat list of blocks, one node for each block marker of `core/text/blocks.ts`, under the same names.
 *
 * Because nothing nests, a position in the ProseMirror document and an index in the flat sequence differ only by the number of
 * blocks before it (a marker is one character, a node boundary two tokens), every sequence of blocks is valid, and an edit
 * replaces only the block it touches. Lists and quotes are drawn from `parents`; `renderer/files` turns them into nested
 * markup where HTML leaves the editor and back where it enters.
 *
 * Every node keeps the marker's unknown attributes in `extra`, so that a newer version's data survives an edit by this one.
 */
const common = { parents: { default: [] as readonly string[] }, extra: { default: {} } }

/** `data-` attributes that let the markup of one block be read back, and by which the styles draw its nesting. */
export const blockData = (parents: readonly string[]) => ({
  'data-parents': parents.length > 0 ? parents.join(' ') : null,
  'data-depth': String(parents.filter((parent) => parent !== 'blockquote').length),
  'data-level': String(parents.length),
  'data-quoted': parents[0] === 'blockquote' ? 'outer' : parents.includes('blockquote') ? 'inner' : null,
  // Each block runs in the direction of its own words.
  dir: 'auto',
})

const parentsOf = (dom: HTMLElement) => (dom.dataset.parents ?? '').split(' ').filter((parent) => parent !== '')

const textBlock = { group: 'block', content: 'inline*', defining: true } as const

const nodes: Record<string, NodeSpec> = {
  doc: { content: 'block+' },

  paragraph: {
    ...textBlock,
    defining: false,
    attrs: common,
    parseDOM: [{ tag: 'p', getAttrs: (dom) => ({ parents: parentsOf(dom) }) }],
    toDOM: (node) => ['p', blockData(node.attrs.parents), 0],
  },

  heading: {
    ...textBlock,
    attrs: { ...common, level: { default: 1, validate: 'number' } },
    parseDOM: [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, getAttrs: (dom) => ({ level, parents: parentsOf(dom) }) })),
    toDOM: (node) => [`h${node.attrs.level}`, blockData(node.attrs.parents), 0],
  },

  blockquote: {
    ...textBlock,
    attrs: common,
    parseDOM: [{ tag: 'blockquote', getAttrs: (dom) => ({ parents: parentsOf(dom) }), contentElement: 'p' }],
    toDOM: (node) => ['blockquote', blockData(node.attrs.parents), ['p', 0]],
  },

  'unordered-list-item': {
    ...textBlock,
    attrs: common,
    parseDOM: [{ tag: 'ul:not([data-task])', getAttrs: (dom) => ({ parents: parentsOf(dom) }), contentElement: 'li' }],
    toDOM: (node) => ['ul', blockData(node.attrs.parents), ['li', 0]],
  },

  'ordered-list-item': {
    ...textBlock,
    attrs: { ...common, start: { default: null } },
    parseDOM: [
      {
        tag: 'ol',
        getAttrs: (dom) => ({ parents: parentsOf(dom), start: dom.hasAttribute('start') ? Number(dom.getAttribute('start')) : null }),
        contentElement: 'li',
      },
    ],
    toDOM: (node) => ['ol', { ...blockData(node.attrs.parents), start: node.attrs.start }, ['li', 0]],
  },

  'task-list-item': {
    ...textBlock,
    attrs: { ...common, checked: { default: false, validate: 'boolean' } },
    parseDOM: [
      {
        tag: 'ul[data-task]',
        getAttrs: (dom) => ({ parents: parentsOf(dom), checked: dom.dataset.task === 'done' }),
        contentElement: '[data-task-text]',
      },
    ],
    toDOM: (node) => [
      'ul',
      { ...blockData(node.attrs.parents), 'data-task': node.attrs.checked ? 'done' : 'open' },
      [
        'li',
        ['input', { type: 'checkbox', contenteditable: 'false', 'aria-label': 'Done', ...(node.attrs.checked ? { checked: '' } : {}) }],
        ['div', { 'data-task-text': '' }, 0],
      ],
    ],
  },

  'code-block': {
    group: 'block',
    content: 'text*',
    marks: '',
    code: true,
    defining: true,
    attrs: { ...common, language: { default: '', validate: 'string' } },
    parseDOM: [
      {
        tag: 'pre',
        preserveWhitespace: 'full',
        getAttrs: (dom) => ({ parents: parentsOf(dom), language: dom.dataset.language ?? '' }),
      },
    ],
    toDOM: (node) => [
      'pre',
      { ...blockData(node.attrs.parents), 'data-language': node.attrs.language || null, dir: 'ltr', spellcheck: 'false' },
      ['code', 0],
    ],
  },

  // Text that a merge put into a divider is shown beneath it: nothing that was typed disappears.
  divider: {
    group: 'block',
    content: 'inline*',
    atom: true,
    isolating: true,
    attrs: common,
    parseDOM: [{ tag: 'div[data-divider]', getAttrs: (dom) => ({ parents: parentsOf(dom) }), contentElement: 'p' }, { tag: 'hr' }],
    toDOM: (node) => ['div', { ...blockData(node.attrs.parents), 'data-divider': '' }, ['hr'], ['p', 0]],
  },

  // The text of an image is its caption.
  image: {
    group: 'block',
    content: 'inline*',
    isolating: true,
    draggable: true,
    attrs: {
      ...common,
      src: { default: '', validate: 'string' },
      alt: { default: '', validate: 'string' },
      title: { default: '', validate: 'string' },
      width: { default: null },
    },
    parseDOM: [
      {
        tag: 'figure[data-src]',
        getAttrs: (dom) => ({
          parents: parentsOf(dom),
          src: dom.dataset.src ?? '',
          alt: dom.dataset.alt ?? '',
          title: dom.dataset.title ?? '',
          width: dom.dataset.width ? Number(dom.dataset.width) : null,
        }),
        contentElement: 'figcaption',
      },
    ],
    toDOM: ({ attrs }) => [
      'figure',
      {
        ...blockData(attrs.parents),
        'data-src': attrs.src,
        'data-alt': attrs.alt || null,
        'data-title': attrs.title || null,
        'data-width': attrs.width,
      },
      ['img', { alt: attrs.alt }],
      ['figcaption', 0],
    ],
  },

  // A block of a type that this version does not know: shown, kept, not edited.
  unknown: {
    group: 'block',
    content: 'inline*',
    atom: true,
    isolating: true,
    attrs: { ...common, type: { default: '' }, isEmbed: { default: false } },
    toDOM: (node) => ['div', { ...blockData(node.attrs.parents), 'data-unknown': node.attrs.type, contenteditable: 'false' }, ['p', 0]],
  },

  text: { group: 'inline' },

  // `\n` in the sequence. In a code block it stays a character.
  'hard-break': {
    group: 'inline',
    inline: true,
    selectable: false,
    linebreakReplacement: true,
    parseDOM: [{ tag: 'br' }],
    toDOM: (): DOMOutputSpec => ['br'],
    leafText: () => '\n',
  },
}

const colorMark = (name: string, tag: string): MarkSpec => ({
  attrs: { value: { validate: 'string' } },
  parseDOM: [{ tag: `${tag}[data-${name}]`, getAttrs: (dom) => ({ value: dom.getAttribute(`data-${name}`) ?? '' }) }],
  toDOM: (mark) => [tag, { [`data-${name}`]: mark.attrs.value }, 0],
})

const tagMark = (tag: string, ...also: string[]): MarkSpec => ({
  parseDOM: [tag, ...also].map((name) => ({ tag: name })),
  toDOM: () => [tag, 0],
})

const marks: Record<MarkType | 'unknown-mark', MarkSpec> = {
  link: {
    attrs: { href: { validate: 'string' }, title: { default: '', validate: 'string' } },
    inclusive: false,
    parseDOM: [{ tag: 'a[href]', getAttrs: (dom) => ({ href: dom.getAttribute('href') ?? '', title: dom.getAttribute('title') ?? '' }) }],
    toDOM: ({ attrs }) => ['a', { href: attrs.href, title: attrs.title || null, rel: 'noopener noreferrer' }, 0],
  },
  highlight: colorMark('highlight', 'mark'),
  color: colorMark('color', 'span'),
  strong: tagMark('strong', 'b'),
  em: tagMark('em', 'i'),
  underline: tagMark('u'),
  strikethrough: tagMark('s', 'del', 'strike'),
  superscript: { ...tagMark('sup'), excludes: 'superscript subscript' },
  subscript: { ...tagMark('sub'), excludes: 'superscript subscript' },
  code: { ...tagMark('code'), inclusive: false, code: true },
  // A mark that this version does not know: kept and shown as a dotted line.
  'unknown-mark': {
    attrs: { name: {}, value: {} },
    excludes: '',
    toDOM: (mark) => ['span', { 'data-unknown-mark': mark.attrs.name }, 0],
  },
}

export const schema = new Schema({ nodes, marks })

/** Whether `type` names a block this schema has a node for. */
export const isKnownBlock = (type: string) => (blockTypes as readonly string[]).includes(type)
/** Whether `name` names a mark this schema has a mark for. */
export const isKnownMark = (name: string): name is MarkType => Object.hasOwn(markExpand, name)
