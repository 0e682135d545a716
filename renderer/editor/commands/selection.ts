import type { Node } from 'prosemirror-model'
import type { EditorState } from 'prosemirror-state'

/** A child of the document, with where it stands. */
export interface PlacedBlock {
  readonly node: Node
  readonly index: number
  readonly position: number
}

/** The blocks that the selection touches, in order. */
export function selectedBlocks({ doc, selection }: EditorState): PlacedBlock[] {
  const first = doc.resolve(selection.from).index(0)
  const last = doc.resolve(selection.to)
  // A selection that ends before a block's first token does not touch that block.
  const end = last.depth === 0 && selection.to > selection.from ? last.index(0) : last.index(0) + 1
  return blocksBetween(doc, first, Math.max(end, first + 1))
}

/** The children from `start` up to and not including `end`. */
export function blocksBetween(doc: Node, start: number, end: number): PlacedBlock[] {
  const blocks: PlacedBlock[] = []
  let position = 0
  for (let index = 0; index < Math.min(end, doc.childCount); index++) {
    const node = doc.child(index)
    if (index >= start) blocks.push({ node, index, position })
    position += node.nodeSize
  }
  return blocks
}
