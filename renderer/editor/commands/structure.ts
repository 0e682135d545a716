import { deleteSelection } from 'prosemirror-commands'
import type { Node } from 'prosemirror-model'
import { AllSelection, type Command, NodeSelection, Selection, TextSelection, type Transaction } from 'prosemirror-state'
import { endOfSubtree, isContainer, isListItem, maxDepth, parentsOf, pathOf, repairNesting, setParents } from '../nesting.ts'
import { schema } from '../schema.ts'
import { paragraphType, turnInto } from './blocks.ts'
import { blocksBetween, type PlacedBlock, selectedBlocks } from './selection.ts'

/** What Enter, Backspace, Tab and Shift-Tab do to the structure of a flat document. */

/** Puts the selected blocks, with all that stands in them, into the item before them. */
export const indent: Command = (state, dispatch) => {
  const blocks = selectedSubtrees(state.doc, selectedBlocks(state))
  const depth = shallowest(blocks)
  const first = blocks[0]!
  if (first.index === 0) return false
  const path = pathOf(state.doc.child(first.index - 1))
  const isPossible = path.length > depth && path[depth] !== 'blockquote' && blocks.every(({ node }) => parentsOf(node).length < maxDepth)
  if (!isPossible) return false
  const { tr } = state
  for (const { node, position } of blocks) setParents(tr, position, [...path.slice(0, depth + 1), ...parentsOf(node).slice(depth)])
  repairNesting(tr, blocks.at(-1)!.index + 1)
  dispatch?.(tr.scrollIntoView())
  return true
}

/** Takes the selected blocks, with all that stands in them, out of their innermost container; items that stand in none become paragraphs. */
export const outdent: Command = (state, dispatch) => {
  const selected = selectedBlocks(state)
  const blocks = selectedSubtrees(state.doc, selected)
  const depth = shallowest(blocks)
  if (depth === 0) return lift(selected)(state, dispatch)
  const { tr } = state
  for (const { node, position } of blocks) setParents(tr, position, parentsOf(node).toSpliced(depth - 1, 1))
  repairNesting(tr, blocks.at(-1)!.index + 1)
  dispatch?.(tr.scrollIntoView())
  return true
}

const lift =
  (blocks: PlacedBlock[]): Command =>
  (state, dispatch) => {
    const containers = blocks.filter(({ node }) => isContainer(node.type.name))
    if (containers.length === 0) return false
    dispatch?.(turnInto(state.tr, containers, 'paragraph').scrollIntoView())
    return true
  }

function selectedSubtrees(doc: Node, selected: readonly PlacedBlock[]): PlacedBlock[] {
  const end = Math.max(...selected.map(({ index }) => endOfSubtree(doc, index)))
  return blocksBetween(doc, selected[0]!.index, end)
}

const shallowest = (blocks: readonly PlacedBlock[]) => Math.min(...blocks.map(({ node }) => parentsOf(node).length))

/** Enter: an empty item or quote line goes one step out, anything else is split in two. */
export const splitBlock: Command = (state, dispatch) => {
  if (state.selection instanceof AllSelection) return deleteSelection(state, dispatch)
  const { $from } = state.selection
  const first = $from.node(1)
  if ($from.depth !== 1 || first.type.spec.code || first.type.isAtom) return false
  const isNested = isContainer(first.type.name) || parentsOf(first).length > 0
  if (isNested && first.content.size === 0) return stepOut(state, dispatch)
  if (!dispatch) return true
  const { tr } = state
  const marks = state.storedMarks ?? ($from.parentOffset > 0 ? $from.marks() : [])
  tr.deleteSelection()
  // Where the first block was selected from its start, it is gone, and the caret in the block after it.
  const { $from: $at } = tr.selection
  const block = $at.parent
  if ($at.depth === 1 && !block.type.spec.code) {
    const isAtEnd = $at.parentOffset === block.content.size
    const isAtStart = $at.parentOffset === 0 && !isAtEnd
    tr.split($at.pos, 1, [nextBlock(block, isAtStart, isAtEnd)])
    if (isAtStart) leaveBefore(tr, $at.before(), block)
  }
  dispatch(tr.ensureMarks(marks).scrollIntoView())
  return true
}

/** An item that is left empty above its text takes nothing of the text's state along. */
function leaveBefore(tr: Transaction, position: number, block: Node) {
  if (block.type.name === 'task-list-item') tr.setNodeAttribute(position, 'checked', false)
  if (block.type.name === 'heading') tr.setBlockType(position + 1, position + 1, paragraphType, { parents: parentsOf(block) })
}

/** The block that opens where another is split. */
function nextBlock(block: Node, isAtStart: boolean, isAtEnd: boolean) {
  const parents = parentsOf(block)
  const { name } = block.type
  if (name === 'blockquote') return { type: paragraphType, attrs: { parents: pathOf(block) } }
  if (name === 'task-list-item') return { type: block.type, attrs: { parents, checked: isAtStart && block.attrs.checked } }
  if (isListItem(name)) return { type: block.type, attrs: { parents } }
  if (name === 'heading' && !isAtEnd) return { type: block.type, attrs: { parents, level: block.attrs.level } }
  return { type: paragraphType, attrs: { parents } }
}

/** One step towards plain text: a nested block goes one level out, an item at the margin becomes a paragraph. */
const stepOut: Command = (state, dispatch) => {
  const [block] = selectedBlocks(state)
  if (!block) return false
  if (parentsOf(block.node).length === 0) return lift([block])(state, dispatch)
  return outdent(state, dispatch)
}

/** Backspace at the start of a block: first it becomes a paragraph, then it goes out level by level; then it joins the one before. */
export const backspaceAtStart: Command = (state, dispatch) => {
  const { $cursor } = state.selection as TextSelection
  if (!$cursor || $cursor.parentOffset > 0 || $cursor.depth !== 1) return false
  const [block] = selectedBlocks(state)
  if (!block) return false
  const { node } = block
  const becomesParagraph = node.type.spec.defining && (!node.type.spec.code || node.content.size === 0)
  if (becomesParagraph) {
    dispatch?.(turnInto(state.tr, [block], 'paragraph').scrollIntoView())
    return true
  }
  if (node.type !== paragraphType || parentsOf(node).length === 0) return false
  return outdent(state, dispatch)
}

/** Backspace and Delete beside a block that this version does not know select it first: what it holds can't be written again here. */
const selectUnknown =
  (side: -1 | 1): Command =>
  (state, dispatch) => {
    const { $cursor } = state.selection as TextSelection
    if (!$cursor || $cursor.depth !== 1 || $cursor.parentOffset !== (side < 0 ? 0 : $cursor.parent.content.size)) return false
    const index = $cursor.index(0) + side
    if (state.doc.maybeChild(index)?.type.name !== 'unknown') return false
    dispatch?.(state.tr.setSelection(NodeSelection.create(state.doc, $cursor.posAtIndex(index, 0))).scrollIntoView())
    return true
  }

export const selectUnknownBefore = selectUnknown(-1)
export const selectUnknownAfter = selectUnknown(1)

/** Enter on a selected divider or image: a paragraph after it. */
export const paragraphAfter: Command = (state, dispatch) => {
  const { $from, $to } = state.selection
  const block = state.doc.maybeChild($from.index(0))
  if (!block || !(block.type.isAtom || block.type.name === 'image')) return false
  const after = $to.depth === 0 ? $to.pos : $to.after(1)
  const tr = state.tr.insert(after, paragraphType.create({ parents: parentsOf(block) }))
  dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
  return true
}

/** Enter in a code block: a new line with the indentation of this one; on a second empty line at the end, out of the block. */
export const newLineInCode: Command = (state, dispatch) => {
  const { $from, $to } = state.selection
  if (!$from.parent.type.spec.code || !$from.sameParent($to)) return false
  const before = $from.parent.textBetween(0, $from.parentOffset)
  const isAtEnd = $to.parentOffset === $to.parent.content.size
  const empty = /\n[ \t]*\n[ \t]*$/.exec(before)
  if (isAtEnd && empty) return leaveCode(empty[0].length)(state, dispatch)
  const indentation = /[ \t]*$/.exec(/(?:^|\n)([ \t]*)[^\n]*$/.exec(before)?.[1] ?? '')?.[0] ?? ''
  dispatch?.(state.tr.insertText(`\n${indentation}`).scrollIntoView())
  return true
}

/** Takes the empty lines at the end along, which are `length` long. */
const leaveCode =
  (length: number): Command =>
  (state, dispatch) => {
    const { $from, $to } = state.selection
    const start = $from.pos - length
    const tr = state.tr.delete(start, $to.pos)
    const after = tr.doc.resolve(start).after(1)
    tr.insert(after, paragraphType.create({ parents: parentsOf($from.parent) }))
    dispatch?.(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
    return true
  }

/** From the start of a code block. To the browser the field for its language is a place for the caret as well, so that it would go a letter too far. */
export const leftFromCode: Command = (state, dispatch, view) => {
  const { $from, empty } = state.selection
  const isAtStart = empty && $from.parent.type.spec.code === true && $from.parentOffset === 0
  const before = isAtStart && view?.endOfTextblock('left') ? Selection.findFrom(state.doc.resolve($from.before()), -1) : null
  if (before) dispatch?.(state.tr.setSelection(before).scrollIntoView())
  return before !== null
}

/** A line break that stays in the block. */
export const insertLineBreak: Command = (state, dispatch) => {
  const { $from } = state.selection
  if (!$from.parent.inlineContent) return false
  const { tr } = state
  dispatch?.(
    ($from.parent.type.spec.code ? tr.insertText('\n') : tr.replaceSelectionWith(schema.nodes['hard-break']!.create())).scrollIntoView(),
  )
  return true
}

/** Tab where nothing can be indented: the character, for code and for writers who set their first lines in. */
export const insertTab: Command = (state, dispatch) => {
  const { $from, $to } = state.selection
  if (!$from.parent.inlineContent || !$from.sameParent($to)) return false
  const isInList = isListItem($from.parent.type.name)
  if (!isInList) dispatch?.(state.tr.insertText('\t').scrollIntoView())
  return true
}
