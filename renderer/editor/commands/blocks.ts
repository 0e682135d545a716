import type { Attrs, Node, NodeType } from 'prosemirror-model'
import { type Command, type EditorState, TextSelection, type Transaction } from 'prosemirror-state'
import { endOfSubtree, parentsOf, pathOf, positionOfChild, repairNesting, setParents } from '../nesting.ts'
import { schema } from '../schema.ts'
import { blocksBetween, type PlacedBlock, selectedBlocks } from './selection.ts'

/** Turning blocks into blocks of another kind. Each keeps its text and its nesting. */

const types = schema.nodes as Record<string, NodeType>
export const paragraphType = types.paragraph!

const isText = ({ node }: PlacedBlock) => node.type.spec.defining === true || node.type === paragraphType

/** Turns the selected blocks into `type`, or back into paragraphs where they all are that already. */
export function toggleBlock(type: string, attrs: Attrs = {}): Command {
  if (type === 'blockquote') return toggleQuote
  if (type === 'code-block') return toggleCode
  return (state, dispatch) => {
    const blocks = selectedBlocks(state).filter(isText)
    if (blocks.length === 0) return false
    const isOn = blocks.every(({ node }) => isBlock(node, type, attrs))
    dispatch?.(turnInto(state.tr, blocks, isOn ? 'paragraph' : type, isOn ? {} : attrs).scrollIntoView())
    return true
  }
}

/** Turns the selected blocks into `type`, whatever they are. */
export function setBlock(type: string, attrs: Attrs = {}): Command {
  return (state, dispatch) => {
    const blocks = selectedBlocks(state).filter(isText)
    if (blocks.length === 0) return false
    dispatch?.(turnInto(state.tr, blocks, type, attrs).scrollIntoView())
    return true
  }
}

/** Whether all selected blocks are of the type. */
export function isBlockActive(state: EditorState, type: string, attrs: Attrs = {}): boolean {
  const blocks = selectedBlocks(state)
  if (type === 'blockquote') return blocks.every(({ node }) => pathOf(node).includes('blockquote'))
  return blocks.every(({ node }) => isBlock(node, type, attrs))
}

const isBlock = (node: Node, type: string, attrs: Attrs) =>
  node.type.name === type && Object.entries(attrs).every(([name, value]) => node.attrs[name] === value)

/** Sets type and attributes of blocks. Positions stay as they are: only markup changes. */
export function turnInto(tr: Transaction, blocks: readonly PlacedBlock[], type: string, attrs: Attrs = {}): Transaction {
  for (const { position, node } of blocks) setMarkup(tr, position, node, type, attrs)
  const last = blocks.at(-1)
  if (last) repairNesting(tr, blocks[0]!.index + 1)
  return tr
}

function setMarkup(tr: Transaction, position: number, node: Node, type: string, attrs: Attrs) {
  const start = tr.mapping.map(position)
  tr.setBlockType(start + 1, start + 1, types[type]!, { parents: node.attrs.parents, ...attrs })
}

const toggleQuote: Command = (state, dispatch) => {
  const blocks = selectedBlocks(state)
  if (blocks.length === 0) return false
  const { tr } = state
  if (isBlockActive(state, 'blockquote')) unquote(tr, blocks)
  else quote(tr, blocks)
  repairNesting(tr, blocks.at(-1)!.index + 1)
  dispatch?.(tr.scrollIntoView())
  return true
}

/** The first block opens the quote if it is plain text, the others stand inside it. */
function quote(tr: Transaction, blocks: readonly PlacedBlock[]) {
  const depth = Math.min(...blocks.map(({ node }) => parentsOf(node).length))
  blocks.forEach(({ node, position }, order) => {
    const parents = parentsOf(node)
    if (order === 0 && node.type === paragraphType && parents.length === depth) setMarkup(tr, position, node, 'blockquote', {})
    else setParents(tr, position, [...parents.slice(0, depth), 'blockquote', ...parents.slice(depth)])
  })
}

function unquote(tr: Transaction, blocks: readonly PlacedBlock[]) {
  for (const { node, position } of blocks) {
    const parents = parentsOf(node)
    const innermost = parents.lastIndexOf('blockquote')
    if (node.type.name === 'blockquote') setMarkup(tr, position, node, 'paragraph', {})
    else if (innermost >= 0) setParents(tr, position, parents.toSpliced(innermost, 1))
  }
}

/** Several blocks become the lines of one code block; a code block becomes a paragraph for each line. */
const toggleCode: Command = (state, dispatch) => {
  const blocks = selectedBlocks(state).filter(isText)
  if (blocks.length === 0) return false
  const { tr } = state
  if (blocks.every(({ node }) => node.type.spec.code)) linesToParagraphs(tr, blocks)
  else if (blocks.length === 1) turnInto(tr, blocks, 'code-block')
  else blocksToCode(tr, blocks)
  dispatch?.(tr.scrollIntoView())
  return true
}

function blocksToCode(tr: Transaction, blocks: readonly PlacedBlock[]) {
  const first = blocks[0]!
  const last = blocks.at(-1)!
  const text = blocks.map(({ node }) => node.textBetween(0, node.content.size, '\n', '\n')).join('\n')
  const code = types['code-block']!.create({ parents: parentsOf(first.node) }, text === '' ? null : schema.text(text))
  tr.replaceWith(first.position, last.position + last.node.nodeSize, code)
  tr.setSelection(TextSelection.create(tr.doc, first.position + 1 + text.length))
  repairNesting(tr, first.index + 1)
}

function linesToParagraphs(tr: Transaction, blocks: readonly PlacedBlock[]) {
  for (const { node, position } of blocks.toReversed()) {
    const lines = node.textContent.split('\n')
    const paragraphs = lines.map((line) => paragraphType.create({ parents: parentsOf(node) }, line === '' ? null : schema.text(line)))
    tr.replaceWith(position, position + node.nodeSize, paragraphs)
    tr.setSelection(TextSelection.near(tr.doc.resolve(position + 1)))
  }
}

/** Ticks the selected tasks, or unticks them if all are ticked; turns other blocks into tasks first. */
export const toggleTask: Command = (state, dispatch) => {
  const tasks = selectedBlocks(state).filter(({ node }) => node.type.name === 'task-list-item')
  if (tasks.length === 0) return toggleBlock('task-list-item')(state, dispatch)
  const checked = !tasks.every(({ node }) => node.attrs.checked)
  const { tr } = state
  for (const { position } of tasks) tr.setNodeAttribute(position, 'checked', checked)
  dispatch?.(tr)
  return true
}

/** Puts `node` in the place of an empty block, else after the block of the caret. The caret goes into an image's caption, or else into a paragraph after it. */
export function insertBlock(node: Node): Command {
  return (state, dispatch) => {
    const block = selectedBlocks(state).at(-1)
    if (!block) return false
    const isReplaced = isText(block) && block.node.content.size === 0
    const parents = isReplaced ? parentsOf(block.node) : pathOf(block.node)
    const end = block.position + block.node.nodeSize
    const start = isReplaced ? block.position : end
    const inserted = node.type.create({ ...node.attrs, parents }, node.content)
    const hasCaption = node.type.name === 'image'
    const next = state.doc.maybeChild(block.index + 1)
    const isFollowed = hasCaption || (next?.type === paragraphType && next.content.size === 0)
    const { tr } = state
    tr.replaceWith(start, end, isFollowed ? [inserted] : [inserted, paragraphType.create({ parents })])
    tr.setSelection(TextSelection.near(tr.doc.resolve(start + (hasCaption ? 1 : inserted.nodeSize)), 1))
    dispatch?.(tr.scrollIntoView())
    return true
  }
}

/** Moves the selected blocks, with what stands inside the last, above the block before or below the block after them. */
export function moveBlocks(direction: -1 | 1): Command {
  return (state, dispatch) => {
    const selected = selectedBlocks(state)
    const first = selected[0]
    if (!first) return false
    const { doc } = state
    const end = Math.max(...selected.map(({ index }) => endOfSubtree(doc, index)))
    const target = direction < 0 ? startOfPrevious(doc, first.index) : end < doc.childCount ? endOfSubtree(doc, end) : -1
    if (target < 0) return false
    if (dispatch) {
      const [from, middle, to] = direction < 0 ? [target, first.index, end] : [first.index, end, target]
      const { tr, before, after } = exchange(state, from, middle, to)
      const shift = direction < 0 ? -before : after
      const { anchor, head } = state.selection
      tr.setSelection(TextSelection.between(tr.doc.resolve(anchor + shift), tr.doc.resolve(head + shift)))
      repairNesting(tr, from)
      dispatch(tr.scrollIntoView())
    }
    return true
  }
}

/** Moves the block at `index`, with what stands inside it, before the block that is at `target` now; the caret goes with it. */
export function moveBlockTo(index: number, target: number): Command {
  return (state, dispatch) => {
    const end = endOfSubtree(state.doc, index)
    if (target >= index && target <= end) return false
    const isUp = target < index
    const { tr, after } = isUp ? exchange(state, target, index, end) : exchange(state, index, end, target)
    const start = positionOfChild(state.doc, isUp ? target : index) + (isUp ? 0 : after)
    tr.setSelection(TextSelection.near(tr.doc.resolve(start + 1)))
    const count = end - index
    const moved = isUp ? target : target - count
    for (const place of [Math.min(index, target), moved, moved + count]) repairNesting(tr, place)
    dispatch?.(tr)
    return true
  }
}

/**
 * The blocks from `from` to `middle` and those from there to `to` change places. Answers with their sizes too. Only the shorter are taken out and put in again: what others
 * write at the same time in blocks that stay is not torn out of them, and nobody is named for text that they only moved something past.
 */
function exchange({ doc, tr }: EditorState, from: number, middle: number, to: number): { tr: Transaction; before: number; after: number } {
  const start = positionOfChild(doc, from)
  const between = positionOfChild(doc, middle)
  const end = positionOfChild(doc, to)
  const [before, after] = [between - start, end - between]
  const nodes = (first: number, last: number) => blocksBetween(doc, first, last).map(({ node }) => node)
  if (before < after) tr.insert(end, nodes(from, middle)).delete(start, between)
  else tr.delete(between, end).insert(start, nodes(middle, to))
  return { tr, before, after }
}

/** Index of the block before `index` that is no deeper than the one at `index`, or -1. */
function startOfPrevious(doc: Node, index: number): number {
  const depth = parentsOf(doc.child(index)).length
  let start = index - 1
  while (start > 0 && parentsOf(doc.child(start)).length > depth) start--
  return start
}
