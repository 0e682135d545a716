import { isHistoryTransaction } from 'prosemirror-history'
import { Fragment, type Node, Slice } from 'prosemirror-model'
import { Plugin, PluginKey, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { browserFrame } from '../../documents/frame.ts'
import { PasteProgress } from './paste-progress.ts'

/**
 * Pastes long content piece by piece, one each frame, so that the window goes on living: a book takes seconds to write into the document.
 *
 * The first and the last block are pasted at once, as ProseMirror would paste the whole: they join what stands around. What lies between them are
 * whole blocks, which follow at a place that moves with everything else that happens. It is one event for undo.
 */

/** What is pasted in one go. Longer content than this would miss a frame. */
const pieceSize = 10_000
/** Content up to this length is pasted at once: there is nothing to see before it is there. */
const longSize = 3 * pieceSize

interface Task {
  /** Where the next piece goes. */
  readonly place: number
  readonly left: readonly Node[]
  readonly done: number
  readonly total: number
  /** The transaction that began it: the others belong to its event. */
  readonly first: Transaction
}

const key = new PluginKey<Task | null>('longPaste')

/** The blocks that come next. */
function nextPiece(blocks: readonly Node[]): Node[] {
  let size = 0
  const end = blocks.findIndex((block) => {
    size += block.nodeSize
    return size > pieceSize
  })
  return blocks.slice(0, end < 0 ? blocks.length : end + 1)
}

export const longPaste = (): Plugin<Task | null> =>
  new Plugin<Task | null>({
    key,
    state: {
      init: () => null,
      apply(tr, task) {
        const set = tr.getMeta(key) as Task | null | undefined
        if (set !== undefined) return set
        // Undoing what is still being written ends it.
        if (task === null || isHistoryTransaction(tr)) return null
        return tr.docChanged ? { ...task, place: tr.mapping.map(task.place) } : task
      },
    },
    props: {
      handlePaste: (view, _event, slice) => begin(view, slice),
      handleKeyDown(view, event) {
        if (event.key !== 'Escape' || !key.getState(view.state)) return false
        stop(view)
        return true
      },
    },
    view(view) {
      const progress = new PasteProgress(view.dom, () => stop(view))
      return {
        update() {
          const task = key.getState(view.state)
          progress.show(task ? task.done / task.total : null)
        },
        destroy: () => progress.destroy(),
      }
    },
  })

function begin(view: EditorView, slice: Slice): boolean {
  const { content, openStart, openEnd } = slice
  if (slice.size <= longSize || content.childCount < 3 || key.getState(view.state)) return false
  const ends = [content.firstChild!, content.lastChild!]
  const { selection } = view.state
  const first = view.state.tr.replaceSelection(new Slice(Fragment.fromArray(ends), openStart, openEnd))
  const place = gapBeforeEnd(first, first.mapping.map(selection.to), ends[1]!)
  if (place === null) return false
  const task: Task = { place, left: content.content.slice(1, -1), done: 0, total: slice.size, first }
  view.dispatch(first.setMeta(key, task).setMeta('paste', true).setMeta('uiEvent', 'paste').scrollIntoView())
  browserFrame(() => goOn(view))
  return true
}

/** The gap before the block in which the pasted content ends; null where the last block did not become the beginning of one. */
function gapBeforeEnd({ doc }: Transaction, end: number, last: Node): number | null {
  const $end = doc.resolve(end)
  if ($end.depth === 0 || !$end.parent.textContent.startsWith(last.textContent)) return null
  return $end.index(0) > 0 ? $end.before(1) : null
}

function goOn(view: EditorView): void {
  if (view.isDestroyed) return
  const task = key.getState(view.state)
  if (!task) return
  const piece = nextPiece(task.left)
  const tr = view.state.tr.insert(task.place, piece)
  const size = piece.reduce((sum, block) => sum + block.nodeSize, 0)
  const left = task.left.slice(piece.length)
  tr.setMeta(key, left.length === 0 ? null : { ...task, place: task.place + size, left, done: task.done + size })
  view.dispatch(tr.setMeta('appendedTransaction', task.first).setMeta('paste', true))
  if (left.length > 0) browserFrame(() => goOn(view))
}

/** What is there already stays: undo takes it back. */
function stop(view: EditorView): void {
  view.dispatch(view.state.tr.setMeta(key, null))
  view.focus()
}
