import * as A from '@automerge/automerge/slim'
import { Repo } from '@automerge/automerge-repo/slim'
import { init } from '@automerge/prosemirror'
import { Schema } from 'prosemirror-model'
import { EditorState } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { initProseMirrorDoc, prosemirrorToYXmlFragment, ySyncPlugin } from 'y-prosemirror'
import * as Y from 'yjs'
import { schema } from '../../renderer/editor/schema.ts'
import { type Mount, TimedBinding } from './subject.ts'

/** What Palimpsest's editor is measured against: ProseMirror with no binding (the floor) and the two published bindings. */

const documentOf = (of: Schema, paragraphs: string[]) =>
  of.node(
    'doc',
    null,
    paragraphs.map((text) => of.node('paragraph', null, text === '' ? [] : [of.text(text)])),
  )

export const proseMirrorAlone: Mount = async (place, paragraphs) => {
  const view = new EditorView(place, { state: EditorState.create({ doc: documentOf(schema, paragraphs) }) })
  return { view, destroy: () => view.destroy() }
}

/** The same schema, less the attributes that Yjs cannot hold. */
const plainSchema = new Schema({
  nodes: {
    doc: { content: 'paragraph+' },
    paragraph: { content: 'text*', toDOM: () => ['p', 0] },
    text: {},
  },
  marks: { strong: { toDOM: () => ['strong', 0] } },
})

export const yProseMirror: Mount = async (place, paragraphs) => {
  const document = new Y.Doc()
  const fragment = document.getXmlFragment('text')
  prosemirrorToYXmlFragment(documentOf(plainSchema, paragraphs), fragment)
  const { doc, mapping } = initProseMirrorDoc(fragment, plainSchema)
  const plugin = ySyncPlugin(fragment, { mapping })
  const binding = new TimedBinding(plugin)
  const view = new EditorView(place, { state: EditorState.create({ doc, plugins: [plugin] }) })
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(document))
  // What was written is encoded, as it is for a provider, and reaches the other when it is their turn.
  let updates: Uint8Array[] = []
  document.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'other') updates.push(update)
  })
  return {
    view,
    binding,
    writeElsewhere(positions) {
      for (const update of updates) Y.applyUpdate(other, update, 'document')
      updates = []
      const before = Y.encodeStateVector(other)
      for (const position of positions) {
        const theirs = other.getXmlFragment('text').get(view.state.doc.resolve(position).index(0)) as Y.XmlElement
        ;(theirs.get(0) as Y.XmlText).insert(0, 'x')
      }
      const update = Y.encodeStateAsUpdate(other, before)
      return () => Y.applyUpdate(document, update, 'other')
    },
    destroy() {
      view.destroy()
      document.destroy()
      other.destroy()
    },
  }
}

export const automergeProseMirror: Mount = async (place, paragraphs) => {
  const repo = new Repo({})
  const handle = repo.create<{ text: string }>({ text: '' })
  handle.change((draft) => {
    A.splice(draft, ['text'], 0, 0, paragraphs.join(''))
    let end = paragraphs.join('').length
    for (const text of [...paragraphs].reverse()) {
      end -= text.length
      A.splitBlock(draft, ['text'], end, { type: new A.ImmutableString('paragraph'), parents: [], attrs: {} })
    }
  })
  const bound = init(handle, ['text'])
  const view = new EditorView(place, { state: EditorState.create({ schema: bound.schema, doc: bound.pmDoc, plugins: [bound.plugin] }) })
  let other = A.clone(handle.doc())
  return {
    view,
    writeElsewhere(positions) {
      other = A.merge(other, handle.doc())
      const before = other
      for (const position of positions) {
        const index = position - view.state.doc.resolve(position).index(0)
        other = A.change(other, (draft) => A.splice(draft, ['text'], index, 0, 'x'))
      }
      const changes = A.getChanges(before, other)
      return () => handle.update((doc) => A.applyChanges(doc, changes)[0])
    },
    destroy: () => view.destroy(),
  }
}
