import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/** A click on a task's box ticks it; the box is drawn again from the document, so what the click did to it is taken back. */
export const taskClicks = (): Plugin =>
  new Plugin({
    props: {
      handleDOMEvents: {
        mousedown: (_view, event) => {
          if (!boxOf(event)) return false
          event.preventDefault()
          return true
        },
        click: (view, event) => {
          const box = boxOf(event)
          if (!box) return false
          event.preventDefault()
          return toggleAt(view, box)
        },
      },
    },
  })

const boxOf = ({ target }: Event) => (target instanceof HTMLInputElement && target.type === 'checkbox' ? target : null)

function toggleAt(view: EditorView, box: HTMLInputElement): boolean {
  const item = box.closest('[data-task]')
  if (!item || !view.editable) return false
  const position = view.posAtDOM(item, 0) - 1
  const node = view.state.doc.nodeAt(position)
  if (node?.type.name !== 'task-list-item') return false
  const isFocused = box.ownerDocument.activeElement === box
  view.dispatch(view.state.tr.setNodeAttribute(position, 'checked', !node.attrs.checked))
  // The box that was ticked is no longer there; who ticked it by its key stays at the one in its place.
  const drawn = view.nodeDOM(position)
  if (isFocused && drawn instanceof HTMLElement) drawn.querySelector('input')?.focus()
  return true
}
