import { Plugin } from 'prosemirror-state'
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view'
import type { Settings } from '../../core/contract/engine.ts'

/** Marks the block, or the sentence in it, that the caret is in; the styles let the rest step back. */
export const focusMode = (settings: () => Settings): Plugin =>
  new Plugin({
    props: {
      decorations({ doc, selection }) {
        const { focus } = settings()
        if (focus !== 'paragraph' && focus !== 'sentence') return null
        const { $head } = selection
        if ($head.depth === 0) return null
        const block = Decoration.node($head.before(1), $head.after(1), { class: 'in-focus' })
        if (focus === 'paragraph') return DecorationSet.create(doc, [block])
        const text = $head.parent.textBetween(0, $head.parent.content.size, undefined, '\n')
        const [start, end] = sentenceAround(text, $head.parentOffset)
        return DecorationSet.create(doc, [
          block,
          Decoration.inline($head.start() + start, $head.start() + end, { class: 'sentence-in-focus' }),
        ])
      },
    },
  })

const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' })

/** Where the sentence begins and ends that a caret at `offset` writes in. */
export function sentenceAround(text: string, offset: number): [number, number] {
  for (const { index, segment } of sentences.segment(text)) {
    if (offset < index + segment.length || index + segment.length === text.length) return [index, index + segment.length]
  }
  return [0, text.length]
}

/** Where on the screen the line stays that is written on, as a part of the height. */
const typewriterLine = 0.45

/** Keeps the line of the caret where it is on the screen while the text moves behind it. */
export const typewriter = (settings: () => Settings, scrollerOf: (view: EditorView) => Element | null): Plugin =>
  new Plugin({
    props: {
      handleScrollToSelection(view) {
        const scroller = settings().typewriter ? scrollerOf(view) : null
        if (!scroller) return false
        const line = view.coordsAtPos(view.state.selection.head)
        const { top, height } = scroller.getBoundingClientRect()
        scroller.scrollTop += (line.top + line.bottom) / 2 - (top + height * typewriterLine)
        return true
      },
    },
  })
