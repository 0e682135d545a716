import { useStore } from '@nanostores/react'
import { type SyntheticEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useApp } from '../app/app-model.ts'
import { drawnKeys, type Row } from './library-rows.ts'

/** Of a tree's layout, in pixels. */
interface RowSizes {
  rowSize: number
  padding: number
}

/**
 * Keeps the row whose name is typed in sight, and the focus on it: a new folder may stand far from where it was asked for, and moves when it has its name.
 * That lasts until the person does something else in the tree. Returns what the tree's frame needs, and the key of the row whose name is being typed.
 */
export function useNamedRow(rows: readonly Row[], expanded: readonly string[], sizes: RowSizes) {
  const renaming = useStore(useApp().view.renaming)
  const [named, setNamed] = useState<string | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  if (renaming !== null && renaming !== named) setNamed(renaming)
  const place = useMemo(() => (named === null ? -1 : drawnKeys(rows, expanded).indexOf(named)), [named, rows, expanded])
  useLayoutEffect(() => {
    const tree = frame.current?.querySelector('.library-tree')
    if (place < 0 || !tree) return
    scrollToRow(tree, place, sizes)
    // Drawn rows are used again for others, so the focus may be on another row than before. The row is there after the next frame.
    const mayFocus = renaming === null && tree.contains(document.activeElement)
    if (mayFocus) requestAnimationFrame(() => tree.querySelector<HTMLElement>(`[role="row"][data-key="${named}"]`)?.focus())
  }, [place, named, renaming, sizes])
  const leave = ({ target }: SyntheticEvent) => {
    if (!(target instanceof HTMLInputElement)) setNamed(null)
  }
  return { frame, renaming, leave }
}

function scrollToRow(tree: Element, place: number, { rowSize, padding }: RowSizes) {
  const top = padding + place * rowSize
  const isInSight = top >= tree.scrollTop && top + rowSize <= tree.scrollTop + tree.clientHeight
  if (!isInSight) tree.scrollTop = top - tree.clientHeight / 2
}
