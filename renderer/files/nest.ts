import type { BlockContent } from '../../core/text/blocks.ts'
import { isContainer } from '../editor/nesting.ts'

/** Flat blocks as the tree that markup needs: see `Block.parents` in `core/text/blocks.ts`. */
export type Nested = BlockContent | Container

/** A list item or a quote with what stands in it. */
export interface Container {
  readonly container: string
  /** The block that opens it and whose text comes first; null for a quote or an item that only what stands in it tells of. */
  readonly own: BlockContent | null
  readonly children: Nested[]
}

export const isNestedContainer = (nested: Nested): nested is Container => 'container' in nested

/** Each block goes into the innermost of its `parents` that is open; those that are not are opened without a text of their own. */
export function nest(blocks: readonly BlockContent[]): Nested[] {
  const top: Nested[] = []
  let open: Container[] = []
  const siblings = () => open.at(-1)?.children ?? top
  for (const block of blocks) {
    const parents = block.marker?.parents ?? []
    open = open.slice(0, sharedDepth(open, parents))
    for (const container of parents.slice(open.length)) enter({ container, own: null, children: [] })
    const type = block.marker?.type ?? 'paragraph'
    if (isContainer(type)) enter({ container: type, own: block, children: [] })
    else siblings().push(block)
  }
  return top

  function enter(container: Container) {
    siblings().push(container)
    open.push(container)
  }
}

function sharedDepth(open: readonly Container[], parents: readonly string[]): number {
  let depth = 0
  while (depth < open.length && depth < parents.length && open[depth]!.container === parents[depth]) depth++
  return depth
}

/** Neighbours that share one list element. Bullets and tasks do; a number that restarts begins a new list. */
export function groupLists(nested: readonly Nested[]): (Nested | { readonly list: 'ul' | 'ol'; readonly items: Container[] })[] {
  const groups: (Nested | { list: 'ul' | 'ol'; items: Container[] })[] = []
  for (const part of nested) {
    const list = isNestedContainer(part) ? listOf(part) : null
    const last = groups.at(-1)
    if (!list || !isNestedContainer(part)) groups.push(part)
    else if (last && 'list' in last && last.list === list && !restarts(part)) last.items.push(part)
    else groups.push({ list, items: [part] })
  }
  return groups
}

function listOf({ container }: Container): 'ul' | 'ol' | null {
  if (container === 'ordered-list-item') return 'ol'
  return container === 'blockquote' ? null : 'ul'
}

const restarts = ({ own }: Container) => typeof own?.marker?.attrs.start === 'number'

/** The number a list begins with. */
export function startOfList(items: readonly Container[]): number | null {
  const start = items[0]?.own?.marker?.attrs.start
  return typeof start === 'number' ? start : null
}
