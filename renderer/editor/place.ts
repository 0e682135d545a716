import { type EditorState, type Selection, TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { Place } from '../../core/contract/engine.ts'

/**
 * Where a person is in a document. In the flat text a marker is one character where the editor has a closing and an opening token, so a
 * position inside the block number `i` is `i` greater than its index.
 */
export function placeOf(view: EditorView, scroller: Element): Place {
  const { doc, selection } = view.state
  const index = (position: number) => position - doc.resolve(position).index(0)
  return { anchor: index(selection.anchor), head: index(selection.head), scrollTop: Math.round(scroller.scrollTop) }
}

/** The selection of a place, as far as the document still reaches. */
export function selectionOf({ doc }: EditorState, place: Place): Selection {
  const position = (index: number) => {
    let start = 0
    for (let i = 0; i < doc.childCount; i++) {
      const size = doc.child(i).nodeSize
      if (index + i < start + size) return index + i
      start += size
    }
    return doc.content.size
  }
  return TextSelection.between(doc.resolve(position(place.anchor)), doc.resolve(position(place.head)))
}
