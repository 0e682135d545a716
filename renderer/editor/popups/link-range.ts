import { type EditorState, Plugin, PluginKey } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'

/**
 * The words whose address is being written. They stay marked while the focus is in the address, and stay the same words when somebody else
 * writes before them meanwhile.
 */
export interface LinkRange {
  readonly from: number
  readonly to: number
}

const key = new PluginKey<LinkRange | null>('link-range')

export const linkRangeOf = (state: EditorState): LinkRange | null => key.getState(state) ?? null

export function markLinkRange(view: EditorView, range: LinkRange | null): void {
  view.dispatch(view.state.tr.setMeta(key, range))
}

export const linkRange = (): Plugin =>
  new Plugin<LinkRange | null>({
    key,
    state: {
      init: () => null,
      apply(tr, range) {
        const marked = tr.getMeta(key) as LinkRange | null | undefined
        if (marked !== undefined) return marked
        return range && { from: tr.mapping.map(range.from, 1), to: Math.max(tr.mapping.map(range.from, 1), tr.mapping.map(range.to, -1)) }
      },
    },
    props: {
      decorations(state) {
        const range = linkRangeOf(state)
        return range && range.from < range.to
          ? DecorationSet.create(state.doc, [Decoration.inline(range.from, range.to, { class: 'link-range' })])
          : null
      },
    },
  })
