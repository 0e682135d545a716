import type { Node } from 'prosemirror-model'
import type { BlockContent } from '../../../core/text/blocks.ts'
import { blockOfNode, runsOfNode } from '../convert.ts'

/**
 * Positions in the editor's document and indices in the flat sequence.
 *
 * Block number `k` stands for one marker and its text, and takes an opening and a closing token where the marker takes one index. So a position and an index differ by the
 * number of blocks before: `index = position - k`, inside the block, at its end, and in the gap after it alike. A closing token stands for nothing.
 *
 * Text before the first marker is shown as a paragraph whose opening token stands for nothing either; then every index but 0 is one
 * less. `hasMarker` says whether the first block has a marker.
 */

export function indexAt(doc: Node, position: number, hasMarker: boolean): number {
  const blocksBefore = doc.resolve(position).index(0)
  return hasMarker || position === 0 ? position - blocksBefore : position - blocksBefore - 1
}

/** Where a block lies: its number, the position before it, and the index of its marker (or of its text, where it has none). */
export interface BlockPlace {
  block: number
  before: number
  index: number
  node: Node
}

/**
 * The block that an insertion at `index` goes into: the last one whose marker lies before it, or the first block. Beyond the end it is the last block.
 */
export function blockAt(doc: Node, index: number, hasMarker: boolean): BlockPlace {
  let before = 0
  let start = hasMarker ? 0 : -1
  for (let block = 0; ; block++) {
    const node = doc.child(block)
    const next = start + 1 + node.content.size
    if (index <= next || block === doc.childCount - 1) return { block, before, index: Math.max(start, 0), node }
    before += node.nodeSize
    start = next
  }
}

/** As `blockAt`, for when many places of one document are asked for. */
export class BlockTable {
  private readonly doc: Node
  private readonly hasMarker: boolean
  /** Of each block, the position before it. */
  private readonly befores: number[] = []

  constructor(doc: Node, hasMarker: boolean) {
    this.doc = doc
    this.hasMarker = hasMarker
    let before = 0
    doc.forEach((node) => {
      this.befores.push(before)
      before += node.nodeSize
    })
  }

  at(index: number): BlockPlace {
    let [first, last] = [0, this.befores.length - 1]
    while (first < last) {
      const middle = (first + last) >> 1
      if (this.start(middle + 1) >= index) last = middle
      else first = middle + 1
    }
    return { block: first, before: this.befores[first]!, index: Math.max(this.start(first), 0), node: this.doc.child(first) }
  }

  /** As the function of that name. */
  positionAt(index: number): number {
    return positionIn(this.at(index), index, this.hasMarker)
  }

  /** Index of a block's marker; one less than that of its text where it has none. */
  private start(block: number): number {
    return this.befores[block]! - block - (this.hasMarker ? 0 : 1)
  }
}

/** The block with a number, or null when there are not so many. */
export function placeOfBlock(doc: Node, block: number, hasMarker: boolean): BlockPlace | null {
  const node = doc.maybeChild(block)
  if (!node) return null
  let before = 0
  for (let number = 0; number < block; number++) before += doc.child(number).nodeSize
  return { block, before, index: indexAt(doc, before, hasMarker), node }
}

/** The position inside a block where what is inserted at `index` goes. Index 0 before a first marker is the start of the first block's text. */
export function positionAt(doc: Node, index: number, hasMarker: boolean): number {
  return positionIn(blockAt(doc, index, hasMarker), index, hasMarker)
}

function positionIn({ block, before, node }: BlockPlace, index: number, hasMarker: boolean): number {
  const position = index + block + (hasMarker ? 0 : 1)
  return Math.min(Math.max(position, before + 1), before + 1 + node.content.size)
}

/** Length of the flat sequence that a document stands for. */
export const flatLength = (doc: Node, hasMarker: boolean): number => doc.content.size - doc.childCount - (hasMarker ? 0 : 1)

/**
 * What lies between two positions, as the flat sequence has it: a marker for each block whose opening token lies between them, and the text.
 */
export function contentBetween(doc: Node, from: number, to: number, hasMarker: boolean): BlockContent[] {
  const content: BlockContent[] = []
  const $from = doc.resolve(from)
  let before = $from.depth > 0 ? $from.before(1) : from
  for (let block = $from.index(0); block < doc.childCount && before < to; block++) {
    const node = doc.child(block)
    const isOpened = before >= from && (block > 0 || hasMarker)
    const start = Math.min(Math.max(from - before - 1, 0), node.content.size)
    const stop = Math.min(Math.max(to - before - 1, 0), node.content.size)
    const runs = stop > start ? runsOfNode(node.cut(start, stop)) : []
    if (isOpened || runs.length > 0) content.push({ marker: isOpened ? blockOfNode(node) : null, runs })
    before += node.nodeSize
  }
  return content
}
