import * as A from '@automerge/automerge/slim'
import { history } from 'prosemirror-history'
import { describe, expect, test } from 'vitest'
import type { Heads } from '../../core/ids.ts'
import type { TextDocument } from '../../core/text/document.ts'
import { changeText } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import { LiveDocument } from '../documents/live-document.ts'
import { restoreVersion } from '../documents/restoring.ts'
import { bindingPlugin } from './binding/index.ts'
import { TestEditor } from './binding/test-editor.ts'
import { bytesOf, p } from './binding/test-writer.ts'
import { noteRestored, redo, restoredVersions, undo } from './restored-versions.ts'

/** Somebody who writes, restores and takes back. Pieces are so small that restoring takes several frames. */
class Restorer {
  readonly handle = new LiveDocument(A.load<TextDocument>(bytesOf([p('first')])))
  readonly editor: TestEditor
  timesTold = 0
  private work: Promise<unknown> = Promise.resolve()

  constructor() {
    const { doc, plugin } = bindingPlugin(this.handle)
    const restored = restoredVersions(this.handle, () => this.timesTold++)
    this.editor = new TestEditor(doc, [plugin, restored, history({ newGroupDelay: 60_000 })])
  }

  get text() {
    return readText(this.handle.doc())
  }

  get heads() {
    return this.handle.heads as readonly string[] as Heads
  }

  /** Types at the end. */
  type(text: string) {
    const { state } = this.editor
    this.editor.dispatch(state.tr.insertText(text, state.doc.content.size - 1))
    return this
  }

  /** Writes at the start, as somebody else. */
  typeAsAnother(text: string) {
    const other = changeText(A.clone(this.handle.doc()), { time: 0 }, (theirs) => theirs.splice(1, 0, text))
    this.handle.update((doc) => A.merge(doc, other))
  }

  async restore(heads: Heads) {
    const before = this.heads
    const bringBack = (to: Heads) => {
      const { whole } = restoreVersion(this.handle, to, { waitForFrame: queueMicrotask, pieceSize: 2 })
      this.work = whole
      return whole
    }
    await bringBack(heads)
    noteRestored(this.editor.state, before, bringBack)
  }

  begin(command: typeof undo) {
    return command(this.editor.state, (tr) => this.editor.dispatch(tr))
  }

  async run(command: typeof undo) {
    expect(this.begin(command)).toBe(true)
    await this.settled()
    return this.text
  }

  async settled() {
    await this.work
    // What follows the work is noted after it.
    await Promise.resolve()
  }
}

/** A version of *first* has come in the place of *first and second*. */
async function restored() {
  const writer = new Restorer()
  const first = writer.heads
  writer.type(' and second')
  await writer.restore(first)
  expect(writer.text).toBe('first')
  return writer
}

describe('undo after a version was restored', () => {
  test('brings back what was there before, and redo restores it again', async () => {
    const writer = await restored()
    expect(await writer.run(undo)).toBe('first and second')
    expect(await writer.run(redo)).toBe('first')
    expect(await writer.run(undo)).toBe('first and second')
  })

  test('first takes back what was typed since', async () => {
    const writer = (await restored()).type(', then third')
    expect(writer.text).toBe('first, then third')
    expect(await writer.run(undo)).toBe('first')
    expect(await writer.run(undo)).toBe('first and second')
  })

  test('goes back through one restoring after another', async () => {
    const writer = new Restorer()
    const first = writer.heads
    const second = writer.type(' and second').heads
    await writer.restore(first)
    await writer.restore(second)
    await writer.restore(first)
    const back = ['first and second', 'first', 'first and second']
    for (const text of back) expect(await writer.run(undo)).toBe(text)
    for (const text of [...back].reverse().slice(1)) expect(await writer.run(redo)).toBe(text)
    expect(await writer.run(redo)).toBe('first')
  })

  test('takes away nothing that others have written, and says so once', async () => {
    const writer = await restored()
    writer.typeAsAnother('THEIRS ')
    expect(await writer.run(undo)).toBe('THEIRS first')
    expect(writer.timesTold).toBe(1)
    writer.begin(undo)
    expect(writer.timesTold).toBe(1)
    expect(writer.text).toContain('THEIRS ')
  })

  test('is not begun twice, and what is typed meanwhile stays', async () => {
    const writer = await restored()
    expect(writer.begin(undo)).toBe(true)
    const half = writer.text
    expect(writer.begin(undo)).toBe(true)
    expect(writer.text).toBe(half)
    writer.type('!')
    await writer.settled()
    expect(writer.text).toContain('!')
    expect(await writer.run(undo)).not.toContain('!')
  })

  test('cannot be done again once something else was typed', async () => {
    const writer = await restored()
    await writer.run(undo)
    writer.type('!')
    expect(writer.begin(redo)).toBe(false)
    expect(writer.text).toBe('first and second!')
  })
})
