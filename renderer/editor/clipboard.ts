import { DOMParser, DOMSerializer, Fragment, type Node, type ParseOptions, type ResolvedPos, Slice } from 'prosemirror-model'
import { type NodeSelection, Plugin, TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { BlockContent } from '../../core/text/blocks.ts'
import { withoutStyles } from '../files/html-origin.ts'
import { readElement } from '../files/html-reader.ts'
import { writeBlocks } from '../files/html-writer.ts'
import { readPlainText, writePlainText } from '../files/plain-text.ts'
import { linkAddress, setLink } from './commands/marks.ts'
import { blockContentOfNode, nodeOfBlock } from './convert.ts'
import { schema } from './schema.ts'

/**
 * What enters and leaves by the clipboard and by dragging. Outside the editor lists nest and quotes wrap; inside, a block is a child of the
 * document. The parser gets markup that ProseMirror has put into a document without a window.
 */
export const clipboard = (): Plugin =>
  new Plugin({
    props: {
      clipboardParser: new ForeignParser(schema, DOMParser.fromSchema(schema).rules),
      clipboardSerializer: new NestedSerializer(DOMSerializer.nodesFromSchema(schema), DOMSerializer.marksFromSchema(schema)),
      // Half a surrogate pair cannot be stored.
      transformPastedText: (text) => text.toWellFormed(),
      transformPastedHTML: (html) => withoutStyles(html.toWellFormed()),
      clipboardTextParser: (text, $context) => sliceOf(readPlainText(text), $context),
      clipboardTextSerializer: plainText,
      handleDOMEvents: { drop: dropWhatIsThere },
      handlePaste(view, event) {
        const { selection } = view.state
        const address = addressOf(event.clipboardData?.getData('text/plain') ?? '')
        const isWords = selection instanceof TextSelection && !selection.empty && selection.$from.sameParent(selection.$to)
        if (!address || !isWords || selection.$from.parent.type.spec.code) return false
        return setLink(selection.from, selection.to, address)(view.state, view.dispatch)
      },
    },
  })

/** What ProseMirror keeps while a selection is dragged: what it held at the start, and the block if it was one. */
interface DraggedSelection {
  slice: Slice
  readonly node: NodeSelection | undefined
}

/**
 * The drop deletes the selection as it is now and puts in what it held at the start, so what others wrote in it meanwhile would be lost: what is put in is what is there.
 * A block that was changed meanwhile is not found any more, and stays where it is.
 */
function dropWhatIsThere({ dragging, state }: EditorView, event: DragEvent): boolean {
  // What the block's handle drags is not the selection.
  if (!dragging || !('node' in dragging)) return false
  const dragged = dragging as DraggedSelection
  const selection = dragged.node ?? state.selection
  if (dragged.slice.openStart === 0 && selection instanceof TextSelection) {
    event.preventDefault()
    return true
  }
  dragged.slice = selection.content()
  return false
}

class ForeignParser extends DOMParser {
  override parseSlice(dom: globalThis.Node, _options?: ParseOptions): Slice {
    return sliceOf(readElement(dom as Element).blocks)
  }
}

class NestedSerializer extends DOMSerializer {
  override serializeFragment(fragment: Fragment, options: { document?: Document } = {}): DocumentFragment {
    const template = (options.document ?? document).createElement('template')
    template.innerHTML = writeBlocks(blocksOf(fragment), { styleName: 'data-style' })
    return template.content
  }
}

function blocksOf(fragment: Fragment): BlockContent[] {
  const blocks: BlockContent[] = []
  fragment.forEach((node) => void blocks.push(blockContentOfNode(node)))
  return blocks
}

/** Text joins the block that it is put into, with that block's marks where it has none of its own. */
function sliceOf(blocks: readonly BlockContent[], $context?: ResolvedPos): Slice {
  const nodes = blocks.map(nodeOfBlock)
  const marks = $context?.marks() ?? []
  const marked = marks.length === 0 ? nodes : nodes.map((node) => node.mark([]).copy(withMarks(node.content, marks)))
  return Slice.maxOpen(Fragment.fromArray(marked), false)
}

function withMarks(content: Fragment, marks: Node['marks']): Fragment {
  const marked: Node[] = []
  content.forEach((node) => void marked.push(node.mark(marks)))
  return Fragment.fromArray(marked)
}

/** The signs of a list or a heading belong to whole blocks, not to a few words out of one. */
function plainText({ content, openStart, openEnd }: Slice): string {
  const isPart = content.childCount === 1 && openStart + openEnd > 0
  return isPart ? content.textBetween(0, content.size, '\n', '\n') : writePlainText(blocksOf(content))
}

/** An address that is all there is, with its protocol; two words are not one. */
function addressOf(text: string): string | null {
  const trimmed = text.trim()
  return /^(https?:\/\/|mailto:)\S+$/i.test(trimmed) ? linkAddress(trimmed) : null
}
