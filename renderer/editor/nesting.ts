import type { Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { containerTypes } from '../../core/text/blocks.ts'
import { blockData } from './schema.ts'

/**
 * Nesting in a flat document: a block's `parents` name the containers it stands in. The last block before it that is itself a container at
 * that depth is the one it belongs to, so the container chain that a block leaves open is its *path*: its parents, and itself if it can hold
 * others.
 */

/** Deeper than this is not offered; what a merge or an import nests deeper is kept. */
export const maxDepth = 8

export const isContainer = (type: string) => (containerTypes as readonly string[]).includes(type)
export const isListItem = (type: string) => isContainer(type) && type !== 'blockquote'

export const parentsOf = (node: Node): readonly string[] => node.attrs.parents

/** The containers that are open after a block: what the next block may stand in. */
export const pathOf = (node: Node): readonly string[] =>
  isContainer(node.type.name) ? [...parentsOf(node), node.type.name] : parentsOf(node)

/** Index after the last block that stands inside the block at `index`. */
export function endOfSubtree(doc: Node, index: number): number {
  const depth = parentsOf(doc.child(index)).length
  let end = index + 1
  while (end < doc.childCount && parentsOf(doc.child(end)).length > depth) end++
  return end
}

/** Position before the child at `index`. */
export function positionOfChild(doc: Node, index: number): number {
  let position = 0
  for (let i = 0; i < index; i++) position += doc.child(i).nodeSize
  return position
}

/** Sets the parents of one block. */
export function setParents(tr: Transaction, position: number, parents: readonly string[]): void {
  tr.setNodeAttribute(position, 'parents', parents)
}

/**
 * Brings the blocks from `index` on back under containers that exist, after a command changed what stands before them: a container of
 * another kind is taken over, a missing one is left out. A quote needs no block of its own to open it. Stops at the first block that
 * stands in nothing, for nothing after it can depend on what changed.
 */
export function repairNesting(tr: Transaction, index: number): void {
  const { doc } = tr
  if (index >= doc.childCount) return
  let path = index > 0 ? pathOf(doc.child(index - 1)) : []
  let position = positionOfChild(doc, index)
  for (let i = index; i < doc.childCount; i++) {
    const node = doc.child(i)
    const parents = parentsOf(node)
    if (parents.length === 0) return
    const kept = parentsUnder(path, parents)
    if (kept.join() !== parents.join()) setParents(tr, position, kept)
    path = isContainer(node.type.name) ? [...kept, node.type.name] : kept
    position += node.nodeSize
  }
}

function parentsUnder(path: readonly string[], parents: readonly string[]): string[] {
  const kept: string[] = []
  for (const parent of parents) {
    const open = kept.every((container, depth) => container === path[depth]) ? path[kept.length] : undefined
    if (parent === 'blockquote' || open === parent) kept.push(parent)
    else if (open !== undefined) kept.push(open)
    else break
  }
  return kept
}

/** Writes a block's nesting on an element, as the schema does for blocks without a view of their own. */
export function drawNesting(dom: HTMLElement, parents: readonly string[]): void {
  for (const [name, value] of Object.entries(blockData(parents))) {
    if (value === null) dom.removeAttribute(name)
    else dom.setAttribute(name, value)
  }
}
