import { useStore } from '@nanostores/react'
import { type SyntheticEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useApp } from '../app/app-model.ts'
import { drawnKeys, pathTo, type Reach, reachIn, type Row, rowStep } from './library-rows.ts'

/** Of a tree's layout, in pixels. */
interface RowSizes {
  rowSize: number
  padding: number
}

/**
 * Keeps one row in sight, and the focus on it, while rows move: the row whose name is typed, because a new folder may stand far from where it was asked for and moves
 * when it has its name, or the one that `follow` is given. That lasts until the person does something else in the tree. Returns what the tree's frame needs too,
 * the key of the row whose name is being typed, and how many rows are drawn.
 */
export function useFollowedRow(rows: readonly Row[], expanded: readonly string[], sizes: RowSizes) {
  const renaming = useStore(useApp().view.renaming)
  const [followed, follow] = useState<string | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  if (renaming !== null && renaming !== followed) follow(renaming)
  const { reach, onMore } = useReach(rows, followed)
  const place = useMemo(
    () => (followed === null ? -1 : drawnKeys(rows, expanded, reach).indexOf(followed)),
    [followed, rows, expanded, reach],
  )
  useLayoutEffect(() => {
    const tree = frame.current?.querySelector('.library-tree')
    if (place < 0 || !tree) return
    scrollToRow(tree, place, sizes)
    return keepInSight(tree, `[role="row"][data-key="${followed}"]`, () => scrollToRow(tree, place, sizes), renaming === null)
  }, [place, followed, renaming, sizes])
  const leave = ({ target }: SyntheticEvent) => {
    if (!(target instanceof HTMLInputElement)) follow(null)
  }
  return { frame, renaming, reach, onMore, follow, leave }
}

/** How many rows are drawn in each folder: as many as were scrolled to, and as it takes to draw one row. */
function useReach(rows: readonly Row[], followed: string | null) {
  const [reach, setReach] = useState<Reach>(new Map())
  const path = useMemo(() => (followed === null ? null : pathTo(rows, followed)), [followed, rows])
  const beyond = (path ?? []).filter(([within, count]) => count > reachIn(reach, within))
  if (beyond.length > 0) setReach(new Map([...reach, ...beyond.map(([within, count]) => [within, count + rowStep] as const)]))
  const onMore = (within: string) => setReach(new Map(reach).set(within, reachIn(reach, within) + rowStep))
  return { reach, onMore }
}

/** The tree lays its rows out in the next frames, and uses drawn ones again for others. */
const layoutFrames = 12

/**
 * Scrolls until a row is drawn (the tree may not be as high as that yet) and keeps the focus on it, if that is wanted, until all rows are where they belong, unless it
 * goes elsewhere meanwhile. Returns a function that stops.
 */
function keepInSight(tree: Element, selector: string, scroll: () => void, takesFocus: boolean): () => void {
  let frame = 0
  let left = layoutFrames
  let holder = document.activeElement
  const look = () => {
    const row = tree.querySelector<HTMLElement>(selector)
    const isElsewhere = document.activeElement !== holder && document.activeElement !== tree
    if (isElsewhere || !tree.contains(document.activeElement) || --left === 0) return
    if (!row) scroll()
    else if (takesFocus && row !== document.activeElement) row.focus()
    holder = document.activeElement
    frame = requestAnimationFrame(look)
  }
  frame = requestAnimationFrame(look)
  return () => cancelAnimationFrame(frame)
}

function scrollToRow(tree: Element, place: number, { rowSize, padding }: RowSizes) {
  const top = padding + place * rowSize
  const isInSight = top >= tree.scrollTop && top + rowSize <= tree.scrollTop + tree.clientHeight
  if (!isInSight) tree.scrollTop = top - tree.clientHeight / 2
}
