import * as A from '@automerge/automerge/slim'
import { history } from 'prosemirror-history'
import { type Command, type Plugin, TextSelection } from 'prosemirror-state'
import { expect } from 'vitest'
import { type DocumentId, documentUrl, type PersonKey } from '../../../core/ids.ts'
import type { BlockContent, MarkSet } from '../../../core/text/blocks.ts'
import { createTextDocument } from '../../../core/text/create.ts'
import type { TextDocument } from '../../../core/text/document.ts'
import { createSegment } from '../../../core/text/edit.ts'
import { layOut } from '../../../core/text/layout.ts'
import { readBlocks } from '../../../core/text/read.ts'
import { backendOf } from '../../../core/text/segments.ts'
import { LiveDocument } from '../../documents/live-document.ts'
import { bindingPlugin, documentNode } from './index.ts'
import { positionAt } from './positions.ts'
import { TestEditor } from './test-editor.ts'

/** Builders of documents and replicas of them for the binding's tests. */

const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId
export const block = (type: string, ...runs: (string | [string, MarkSet])[]): BlockContent => ({
  marker: { type, parents: [], attrs: type === 'heading' ? { level: 1 } : {}, isEmbed: false },
  runs: runs.map((run) => (typeof run === 'string' ? { text: run, marks: {} } : { text: run[0], marks: run[1] })),
})
export const p = (...runs: (string | [string, MarkSet])[]) => block('paragraph', ...runs)
export const h = (...runs: (string | [string, MarkSet])[]) => block('heading', ...runs)
export const strong = { strong: true }

/** One replica: a handle and an editor bound to it. */
export class Writer {
  readonly handle: LiveDocument
  readonly editor: TestEditor

  constructor(bytes: Uint8Array, canEdit: boolean | (() => boolean) = true, plugins: readonly Plugin[] = []) {
    this.handle = new LiveDocument(A.load<TextDocument>(bytes))
    const { doc, plugin } = bindingPlugin(this.handle, {
      canEdit: () => (typeof canEdit === 'function' ? canEdit() : canEdit),
      now: () => 1000,
    })
    this.editor = new TestEditor(doc, [plugin, ...plugins, history({ newGroupDelay: 0 })])
  }

  /** The same document in a new window: nothing of the old one's undo history is left. */
  restarted(): Writer {
    this.editor.destroy()
    return new Writer(A.save(this.doc))
  }

  get doc() {
    return this.handle.doc()
  }

  get blocks() {
    this.check()
    return readBlocks(this.doc)
  }

  check() {
    expect(this.editor.state.doc.toJSON()).toEqual(documentNode(this.doc).toJSON())
  }

  select(from: number, to = from) {
    const { doc, tr } = this.editor.state
    const at = (index: number) => doc.resolve(positionAt(doc, index, true))
    this.editor.dispatch(tr.setSelection(TextSelection.between(at(from), at(to))))
    return this
  }

  run(command: Command) {
    expect(command(this.editor.state, (tr) => this.editor.dispatch(tr))).toBe(true)
    this.check()
    return this
  }

  type(text: string) {
    for (const letter of text) this.editor.dispatch(this.editor.state.tr.insertText(letter))
    this.check()
    return this
  }

  /** Takes all that another writer has. */
  take(other: Writer) {
    const changes = A.getChangesSince(
      other.doc,
      A.getHeads(this.doc).filter((head) => A.hasHeads(other.doc, [head])),
    )
    this.handle.update((doc) => A.applyChanges(doc, changes)[0])
    this.check()
    return this
  }
}

/** A saved document. */
export const bytesOf = (blocks: readonly BlockContent[]): Uint8Array =>
  A.save(createTextDocument({ title: '', margin, author: 'ab'.repeat(32) as PersonKey, time: 0, blocks }))

/** The same in segments of a few members, one of them empty, so that everything happens across their boundaries. */
export function bytesInSegments(blocks: readonly BlockContent[], size: number): Uint8Array {
  const doc = A.change(A.init<TextDocument>({ author: 'ab'.repeat(32) }), (draft) => {
    draft.schema = 1
    draft.title = ''
    draft.margin = documentUrl(margin)
    draft.segments = []
    layOut(blocks, size).forEach((stretch, index) => createSegment(backendOf(draft), index, stretch))
    createSegment(backendOf(draft), draft.segments.length >> 1, [])
  })
  return A.save(doc)
}

/** Two replicas of one document. */
export function writers(...blocks: BlockContent[]): [Writer, Writer] {
  const bytes = bytesOf(blocks)
  return [new Writer(bytes), new Writer(bytes)]
}

export const writer = (...blocks: BlockContent[]) => writers(...blocks)[0]
