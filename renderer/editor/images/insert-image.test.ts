import { Slice } from 'prosemirror-model'
import { TextSelection } from 'prosemirror-state'
import { expect, test } from 'vitest'
import { TestEditor } from '../binding/test-editor.ts'
import { schema } from '../schema.ts'
import { images } from './insert-image.ts'

const p = (text: string) => schema.node('paragraph', null, schema.text(text))
const picture = schema.node('image', { src: 'data:image/png;base64,AAAA' })

const never = () => Promise.reject(new Error('nobody asks for it'))

/** An editor into which a picture with words around it was just pasted after `First`, and which waits for the picture to be kept. */
function pasting() {
  let keep = (_src: string) => {}
  const create = () => new Promise<string>((resolve) => (keep = resolve))
  const plugin = images({ attachments: { create, show: never, read: never }, refuse: () => {} })
  const editor = new TestEditor(schema.node('doc', null, [p('First'), p('Second')]), [plugin])
  const select = (from: number, to = from) =>
    editor.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, from, to)))
  select(6)
  const slice = new Slice(schema.node('doc', null, [p('before'), picture, p('after')]).content, 1, 1)
  expect(plugin.props.handlePaste!.call(plugin, editor as never, {} as ClipboardEvent, slice)).toBe(true)
  const kept = async () => {
    keep('automerge:kept')
    await new Promise((resolve) => setTimeout(resolve))
    return Array.from({ length: editor.state.doc.childCount }, (_, index) => editor.state.doc.child(index).textContent)
  }
  return { editor, select, kept }
}

const pasted = ['Firstbefore', '', 'after', 'Second']

test('what is pasted with a picture replaces nothing that is selected while the picture is kept', async () => {
  const { editor, select, kept } = pasting()
  select(8, 14)
  expect(await kept()).toEqual(pasted)
  const { from, to } = editor.state.selection
  expect(editor.state.doc.textBetween(from, to)).toBe('Second')
})

test('it comes to where it was pasted, whatever is written before, and is pasted once', async () => {
  const { editor, kept } = pasting()
  editor.dispatch(editor.state.tr.insertText('The ', 1))
  expect(await kept()).toEqual(['The Firstbefore', '', 'after', 'Second'])
  editor.dispatch(editor.state.tr.insertText('!'))
  expect(editor.state.doc.textContent).toBe('The Firstbeforeafter!Second')
})
