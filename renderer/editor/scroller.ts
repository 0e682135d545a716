import type { EditorView } from 'prosemirror-view'

/** The element that scrolls the page of an editor: the nearest that can, else the whole window. */
export function scrollerOf({ dom }: Pick<EditorView, 'dom'>): Element {
  for (let parent = dom.parentElement; parent; parent = parent.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(parent).overflowY)) return parent
  }
  return document.scrollingElement ?? document.documentElement
}
