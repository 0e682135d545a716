import { closeHistory } from 'prosemirror-history'
import type { Node } from 'prosemirror-model'
import { Plugin, type PluginView } from 'prosemirror-state'
import { dropPoint } from 'prosemirror-transform'
import type { EditorView } from 'prosemirror-view'
import { moveBlockTo } from './commands/blocks.ts'
import { positionOfChild, endOfSubtree } from './nesting.ts'
import { formatShortcut } from '../app/shortcuts.ts'

/**
 * A handle beside the block under the pointer, to drag it elsewhere with what stands inside it. For the keyboard there are *Move block up* and
 * *down*; so the handle is hidden from those who do not point.
 */
export function blockHandle(): Plugin {
  let handle: BlockHandle | null = null
  return new Plugin({
    view(view) {
      handle = new BlockHandle(view)
      return handle
    },
    props: {
      handleDrop: (view, event) => handle?.drop(view, event) ?? false,
    },
  })
}

class BlockHandle implements PluginView {
  private readonly view: EditorView
  private readonly element = document.createElement('div')
  private readonly page: HTMLElement | null
  /** The block that the handle stands beside. */
  private block: HTMLElement | null = null
  private isDragging = false

  constructor(view: EditorView) {
    this.view = view
    this.page = view.dom.closest<HTMLElement>('.document-page')
    this.element.className = 'block-handle'
    this.element.draggable = true
    this.element.ariaHidden = 'true'
    this.element.title = `Drag to move. ${formatShortcut('Alt-ArrowUp')} and ${formatShortcut('Alt-ArrowDown')} do it too.`
    this.element.addEventListener('dragstart', this.start)
    this.element.addEventListener('dragend', this.end)
    this.page?.addEventListener('pointermove', this.follow)
    this.page?.addEventListener('pointerleave', this.hide)
    view.dom.parentElement?.append(this.element)
    this.hide()
  }

  /** Where blocks move the handle would stand beside another one. */
  update(view: EditorView, { doc }: { doc: Node }): void {
    if (view.state.doc !== doc && !this.isDragging) this.hide()
  }

  destroy(): void {
    this.page?.removeEventListener('pointermove', this.follow)
    this.page?.removeEventListener('pointerleave', this.hide)
    this.element.remove()
  }

  /**
   * Moves the dragged block to where it is let go, in a step of its own to undo. False when something else was dropped. A block that is not there any more moves nothing:
   * the editor would put its copy there, and delete what is selected.
   */
  drop(view: EditorView, event: DragEvent): boolean {
    if (!this.isDragging) return false
    const dragged = this.draggedIndex()
    const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
    const point = at && view.dragging && dropPoint(view.state.doc, at.pos, view.dragging.slice)
    if (dragged === null || typeof point !== 'number') return true
    moveBlockTo(dragged, view.state.doc.resolve(point).index(0))(view.state, (tr) => view.dispatch(closeHistory(tr)))
    view.focus()
    return true
  }

  private readonly follow = (event: PointerEvent) => {
    if (event.pointerType !== 'mouse' || event.buttons !== 0 || !this.view.editable) return
    const block = this.blockAt(event.clientY)
    if (block === this.block) return
    this.block = block
    this.element.hidden = block === null
    if (!block) return
    const { top } = block.getBoundingClientRect()
    const line = this.view.coordsAtPos(this.view.posAtDOM(block, 0))
    const middle = (Math.max(line.top, top) + Math.max(line.bottom, top)) / 2
    this.element.style.top = `${middle - (this.element.offsetParent?.getBoundingClientRect().top ?? 0)}px`
  }

  private readonly hide = () => {
    if (this.isDragging) return
    this.block = null
    this.element.hidden = true
  }

  private blockAt(y: number): HTMLElement | null {
    const text = this.view.dom.getBoundingClientRect()
    const under = document.elementFromPoint(text.left + text.width / 2, y)
    for (let element = under; element; element = element.parentElement) {
      if (element.parentElement === this.view.dom) return element as HTMLElement
    }
    return null
  }

  private readonly start = (event: DragEvent) => {
    const index = this.draggedIndex()
    if (index === null || !this.block || !event.dataTransfer) return event.preventDefault()
    const { doc } = this.view.state
    const slice = doc.slice(positionOfChild(doc, index), positionOfChild(doc, endOfSubtree(doc, index)))
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', slice.content.textBetween(0, slice.content.size, '\n'))
    event.dataTransfer.setDragImage(this.block, 0, 0)
    this.isDragging = true
    // The view draws its drop cursor for what is in here.
    this.view.dragging = { slice, move: true }
  }

  private readonly end = () => {
    this.isDragging = false
    this.view.dragging = null
    this.hide()
  }

  /** Where the block stands now; somebody else may have written, or deleted it, since. */
  private draggedIndex(): number | null {
    if (!this.block || !this.view.dom.contains(this.block)) return null
    return this.view.state.doc.resolve(this.view.posAtDOM(this.block, 0)).index(0)
  }
}
