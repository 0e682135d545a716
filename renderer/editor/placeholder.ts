import { Plugin } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'

/** A sentence in the place of a text that has not been begun. */
export const placeholder = (sentence: string): Plugin =>
  new Plugin({
    props: {
      decorations({ doc }) {
        const { firstChild, childCount } = doc
        const isEmpty = childCount === 1 && firstChild?.type.name === 'paragraph' && firstChild.content.size === 0
        if (!isEmpty) return null
        return DecorationSet.create(doc, [Decoration.node(0, firstChild.nodeSize, { class: 'is-empty', 'data-placeholder': sentence })])
      },
    },
  })
