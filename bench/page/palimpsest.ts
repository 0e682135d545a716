import * as A from '@automerge/automerge/slim'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import { implicitParagraph } from '../../core/text/blocks.ts'
import { createTextDocument } from '../../core/text/create.ts'
import type { TextDoc, TextDocument } from '../../core/text/document.ts'
import { changeText } from '../../core/text/edit.ts'
import { textLength } from '../../core/text/read.ts'
import { LiveDocument } from '../../renderer/documents/live-document.ts'
import { bindingPlugin } from '../../renderer/editor/binding/index.ts'
import { inPieces, longEdits } from '../../renderer/editor/long-edits/long-edits.ts'
import { type Mount, type Subject, TimedBinding } from './subject.ts'

const author = 'ab'.repeat(32) as PersonKey
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId

/** A document of paragraphs, as it is on disk. */
export function savedDocument(paragraphs: readonly string[]): Uint8Array {
  const blocks = paragraphs.map((text) => ({ marker: implicitParagraph, runs: text === '' ? [] : [{ text, marks: {} }] }))
  return A.save(createTextDocument({ title: '', margin, author, time: Date.now(), blocks }))
}

/** Palimpsest's own stack: a document that the binding keeps an editor equal to. */
export const palimpsest: Mount = async (place, paragraphs) => open(place, savedDocument(paragraphs))

export function open(place: HTMLElement, saved: Uint8Array): Subject {
  const handle = new LiveDocument(A.load<TextDocument>(saved))
  const { doc, plugin } = bindingPlugin(handle)
  const binding = new TimedBinding(plugin)
  const view: EditorView = new EditorView(place, {
    state: EditorState.create({ doc, plugins: [plugin, longEdits()] }),
    dispatchTransaction(tr) {
      for (const piece of inPieces(view.state, tr)) view.updateState(view.state.apply(piece))
    },
  })
  let other: TextDoc | null = null
  let copy: TextDoc | null = null
  let changes: A.Change[] = []
  return {
    view,
    binding,
    writeElsewhere(positions) {
      other = other === null ? A.clone(handle.doc()) : A.merge(other, handle.doc())
      const indices = positions.map((position) => position - view.state.doc.resolve(position).index(0))
      for (const [before, index] of indices.entries()) {
        other = changeText(other, { time: Date.now() }, (text) => text.splice(index + before, 0, 'x'))
      }
      changes = A.getChangesSince(other, A.getHeads(handle.doc()))
      return () => handle.update((present) => A.applyChanges(present, changes)[0])
    },
    receiveAlone() {
      const backend = A.getBackend(A.clone(handle.doc()))
      const start = performance.now()
      backend.applyChanges(changes)
      return performance.now() - start
    },
    deleteAlone(fraction, length) {
      copy ??= A.clone(handle.doc())
      const from = Math.floor(textLength(copy) * fraction)
      const start = performance.now()
      copy = changeText(copy, { time: Date.now() }, (text) => text.splice(from, length))
      return performance.now() - start
    },
    destroy: () => view.destroy(),
  }
}
