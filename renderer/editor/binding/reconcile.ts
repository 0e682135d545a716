import { Fragment, type Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import type { Touched } from '../../../core/text/patches.ts'
import type { RangeReader } from '../../../core/text/read.ts'
import { nodeOfBlock } from '../convert.ts'
import { type BlockPlace, blockAt, placeOfBlock } from './positions.ts'

/**
 * Compares the blocks that some stretches lie in with what the sequence says, and brings them to it. Returns whether any block's text was
 * wrong.
 */
export function reconcileStretches(tr: Transaction, stretches: readonly Touched[], text: RangeReader, hasMarker: boolean): boolean {
  let hasFault = false
  let next = 0
  for (const { from, to } of [...stretches].sort((a, b) => a.from - b.from)) {
    let place: BlockPlace | null = blockAt(tr.doc, Math.min(Math.max(from, 0) + 1, text.length), hasMarker)
    while (place && (place.block < next || place.index < to)) {
      if (place.block >= next && reconcileBlock(tr, place.before, wantedNode(place, text, hasMarker))) hasFault = true
      next = Math.max(next, place.block + 1)
      place = placeOfBlock(tr.doc, next, hasMarker)
      if (place && place.index >= to) break
    }
  }
  return hasFault
}

function wantedNode({ block, index, node }: BlockPlace, text: RangeReader, hasMarker: boolean): Node {
  const end = index + node.content.size + (block === 0 && !hasMarker ? 0 : 1)
  return nodeOfBlock(text.range(index, end)[0] ?? { marker: null, runs: [] })
}

/**
 * Brings one block of the editor to what the sequence says, by the smallest steps: attributes alone where only they differ, marks alone where the text is the
 * same, so that selections and the undo history keep their places.
 *
 * Returns whether the text itself differed: after exact edits it never does.
 */
function reconcileBlock(tr: Transaction, before: number, wanted: Node): boolean {
  const node = tr.doc.nodeAt(before)
  if (!node || node.eq(wanted)) return false
  if (flatText(node) !== flatText(wanted)) {
    replaceWhole(tr, before, node, wanted)
    return true
  }
  if (!node.sameMarkup(wanted)) {
    const isShownAlike = wanted.type.validContent(node.content)
    if (!isShownAlike) replaceWhole(tr, before, node, wanted)
    else tr.setNodeMarkup(before, wanted.type, wanted.attrs)
  }
  reconcileMarks(tr, before, wanted)
  return false
}

/** What a block holds in the sequence. */
const flatText = (node: Node) => node.textBetween(0, node.content.size, '', '\n')

function replaceWhole(tr: Transaction, before: number, node: Node, wanted: Node): void {
  tr.replaceWith(before, before + node.nodeSize, wanted)
}

function reconcileMarks(tr: Transaction, before: number, wanted: Node): void {
  const node = tr.doc.nodeAt(before)
  if (!node) return
  const start = node.content.findDiffStart(wanted.content)
  const end = node.content.findDiffEnd(wanted.content)
  if (start === null || end === null) return
  const [from, to] = [before + 1 + Math.min(start, end.a), before + 1 + Math.max(start, end.a)]
  if (!hasSameLeaves(node, wanted)) {
    const content = wanted.content.cut(from - before - 1, to - before - 1)
    tr.replaceWith(from, to, content)
    return
  }
  tr.removeMark(from, to)
  wanted.forEach((child, offset) => {
    const [childFrom, childTo] = [Math.max(from, before + 1 + offset), Math.min(to, before + 1 + offset + child.nodeSize)]
    if (childFrom < childTo) for (const mark of child.marks) tr.addMark(childFrom, childTo, mark)
  })
}

/** Whether the same characters stand as text and the same as line breaks. */
function hasSameLeaves(a: Node, b: Node): boolean {
  return withoutMarks(a).eq(withoutMarks(b))
}

const withoutMarks = (node: Node) => {
  const children: Node[] = []
  node.forEach((child) => children.push(child.mark([])))
  return Fragment.from(children)
}
