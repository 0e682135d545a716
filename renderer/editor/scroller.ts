import type { EditorView } from 'prosemirror-view'

/** The element that scrolls the page of an editor: the nearest that can, else the whole window. */
export function scrollerOf({ dom }: Pick<EditorView, 'dom'>): Element {
  for (let parent = dom.parentElement; parent; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent
  }
  return document.scrollingElement ?? document.documentElement
}

/** Room that is left above and below what is brought into sight. */
const revealMarginPx = 96

/** Scrolls to a place in the text if it is out of sight. The view itself does so only while it has the focus, and the find bar keeps that. */
export function reveal(view: EditorView, position: number): void {
  const scroller = scrollerOf(view)
  const line = view.coordsAtPos(position)
  const page = scroller.getBoundingClientRect()
  const isInSight = line.top >= page.top + revealMarginPx && line.bottom <= page.bottom - revealMarginPx
  if (!isInSight) scroller.scrollTop += (line.top + line.bottom - page.top - page.bottom) / 2
}
