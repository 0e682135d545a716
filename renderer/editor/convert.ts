import { Fragment, type Mark, type Node } from 'prosemirror-model'
import {
  type Block,
  type BlockContent,
  implicitParagraph,
  type MarkSet,
  type MarkValue,
  noMarks,
  sameMarks,
  type TextRun,
} from '../../core/text/blocks.ts'
import { isKnownBlock, isKnownMark, schema } from './schema.ts'

/** Between blocks as they are stored and nodes and marks as they are shown. Nothing here knows of Automerge. */

const hardBreak = schema.nodes['hard-break']!

/** Attributes that a node type declares itself; the rest of a marker's attributes goes to `extra`. */
const declared = (type: string) =>
  Object.keys(schema.nodes[type]?.spec.attrs ?? {}).filter((name) => name !== 'parents' && name !== 'extra')

const declaredAttributes = new Map(Object.keys(schema.nodes).map((type) => [type, declared(type)]))

/** Attributes of the node that shows a marker. A value of the wrong type is shown as the default: what is stored stays until the block is edited. */
export function nodeAttributes(block: Block): Record<string, unknown> {
  if (!isKnownBlock(block.type)) return { parents: block.parents, extra: block.attrs, type: block.type, isEmbed: block.isEmbed }
  const names = declaredAttributes.get(block.type) ?? []
  const own: Record<string, unknown> = { parents: block.parents }
  const extra: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(block.attrs)) {
    if (!names.includes(name)) extra[name] = value
    else if (isValid(block.type, name, value)) own[name] = value
  }
  return { ...own, extra }
}

function isValid(type: string, name: string, value: unknown): boolean {
  if (type === 'heading') return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 6
  if (name === 'start' || name === 'width') return Number.isFinite(value)
  return typeof value === (name === 'checked' ? 'boolean' : 'string')
}

/** The marker that a node stands for. Attributes at their default are left out. */
export function blockOfNode(node: Node): Block {
  const { parents, extra, ...own } = node.attrs
  if (node.type.name === 'unknown') return { type: own.type, parents, attrs: extra, isEmbed: own.isEmbed }
  const attrs: Record<string, string | number | boolean | null> = { ...extra }
  for (const [name, value] of Object.entries(own)) {
    if (value !== node.type.spec.attrs?.[name]?.default || name === 'level') attrs[name] = value
  }
  const isEmbed = node.type.name === 'divider' || node.type.name === 'image'
  return { type: node.type.name, parents, attrs, isEmbed }
}

/** The marks that show a mark set, in the schema's order. */
export function marksOfSet(set: MarkSet): readonly Mark[] {
  let marks: readonly Mark[] = []
  for (const [name, value] of Object.entries(set)) {
    const mark = markOfValue(name, value)
    if (mark) marks = mark.addToSet(marks)
  }
  return marks
}

function markOfValue(name: string, value: MarkValue | null): Mark | null {
  if (value === null || value === false) return null
  if (!isKnownMark(name)) return schema.marks['unknown-mark'].create({ name, value })
  if (name === 'link') return linkOfValue(value)
  return schema.marks[name].create(name === 'highlight' || name === 'color' ? { value: String(value) } : null)
}

function linkOfValue(value: MarkValue): Mark | null {
  try {
    const { href, title } = JSON.parse(String(value)) as { href?: unknown; title?: unknown }
    if (typeof href !== 'string') return null
    return schema.marks.link.create({ href, title: typeof title === 'string' ? title : '' })
  } catch {
    // Not written by us, but a plain address is easily understood.
    return schema.marks.link.create({ href: String(value), title: '' })
  }
}

/** The mark set that marks stand for: the inverse of `marksOfSet`. */
export function setOfMarks(marks: readonly Mark[]): MarkSet {
  if (marks.length === 0) return noMarks
  const set: Record<string, MarkValue> = {}
  for (const mark of marks) {
    const name = mark.type.name
    if (name === 'unknown-mark') set[mark.attrs.name] = mark.attrs.value
    else if (name === 'link') set.link = JSON.stringify({ href: mark.attrs.href, title: mark.attrs.title })
    else set[name] = name === 'highlight' || name === 'color' ? mark.attrs.value : true
  }
  return set
}

/** Inline nodes for runs of text. `block` decides what a line break and a mark become. */
export function inlineContent(type: string, runs: readonly TextRun[]): Node[] {
  const isCode = type === 'code-block'
  const nodes: Node[] = []
  for (const run of runs) {
    const marks = isCode ? [] : marksOfSet(run.marks)
    const lines = isCode ? [run.text] : run.text.split('\n')
    lines.forEach((line, index) => {
      if (index > 0) nodes.push(hardBreak.create(null, null, marks))
      if (line !== '') nodes.push(schema.text(line, marks))
    })
  }
  return nodes
}

/** The node that shows one block. */
export function nodeOfBlock({ marker, runs }: BlockContent): Node {
  const block = marker ?? implicitParagraph
  const type = schema.nodes[isKnownBlock(block.type) ? block.type : 'unknown']!
  return type.create(nodeAttributes(block), Fragment.fromArray(inlineContent(block.type, runs)))
}

/** A whole document. No blocks at all are shown as one empty paragraph. */
export function nodeOfBlocks(blocks: readonly BlockContent[]): Node {
  const shown = blocks.length > 0 ? blocks : [{ marker: null, runs: [] }]
  return schema.node('doc', null, shown.map(nodeOfBlock))
}

/** Runs of text of one block node. */
export function runsOfNode(node: Node): TextRun[] {
  const runs: { text: string; marks: MarkSet }[] = []
  node.forEach((child) => {
    const marks = setOfMarks(child.marks)
    const text = child.isText ? (child.text ?? '') : '\n'
    const last = runs.at(-1)
    if (last && sameMarks(last.marks, marks)) last.text += text
    else runs.push({ text, marks })
  })
  return runs
}

/** The block that a node stands for. */
export const blockContentOfNode = (node: Node): BlockContent => ({ marker: blockOfNode(node), runs: runsOfNode(node) })

/** All blocks of a document node. */
export function blocksOfNode(doc: Node): BlockContent[] {
  const blocks: BlockContent[] = []
  doc.forEach((child) => blocks.push(blockContentOfNode(child)))
  return blocks
}
