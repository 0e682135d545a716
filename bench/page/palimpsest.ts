import * as A from '@automerge/automerge/slim'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import { implicitParagraph } from '../../core/text/blocks.ts'
import { createTextDocument } from '../../core/text/create.ts'
import type { TextDocument } from '../../core/text/document.ts'
import { changeText } from '../../core/text/edit.ts'
import { LiveDocument } from '../../renderer/documents/live-document.ts'
import { bindingPlugin } from '../../renderer/editor/binding/index.ts'
import { longPaste } from '../../renderer/editor/paste/long-paste.ts'
import type { Mount } from './subject.ts'

const author = 'ab'.repeat(32) as PersonKey
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId

/** Palimpsest's own stack: a document that the binding keeps an editor equal to. */
export const palimpsest: Mount = async (place, paragraphs) => {
  const blocks = paragraphs.map((text) => ({ marker: implicitParagraph, runs: text === '' ? [] : [{ text, marks: {} }] }))
  const created = createTextDocument({ title: '', margin, author, time: Date.now(), blocks })
  const handle = new LiveDocument(A.load<TextDocument>(A.save(created)))
  const { doc, plugin } = bindingPlugin(handle)
  const view = new EditorView(place, { state: EditorState.create({ doc, plugins: [plugin, longPaste()] }) })
  let other = A.clone(handle.doc())
  let changes: A.Change[] = []
  return {
    view,
    writeElsewhere(positions) {
      other = A.merge(other, handle.doc())
      const indices = positions.map((position) => position - view.state.doc.resolve(position).index(0))
      indices.forEach((index, before) => {
        other = changeText(other, { time: Date.now() }, (text) => text.splice(index + before, 0, 'x'))
      })
      changes = A.getChangesSince(other, A.getHeads(handle.doc()))
      return () => handle.update((present) => A.applyChanges(present, changes)[0])
    },
    floor() {
      const backend = A.getBackend(A.clone(handle.doc()))
      const start = performance.now()
      backend.applyChanges(changes)
      return performance.now() - start
    },
    destroy: () => view.destroy(),
  }
}
