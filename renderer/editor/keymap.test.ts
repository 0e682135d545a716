import { history } from 'prosemirror-history'
import { EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { expect, test } from 'vitest'
import { writingKeys } from './keymap.ts'
import { schema } from './schema.ts'

/** Presses Control with a key in an editor where one word was written. Answers whether it was taken, and with the text then. */
function press(key: string, shiftKey: boolean) {
  const doc = schema.node('doc', null, [schema.node('paragraph')])
  const start = EditorState.create({ doc, plugins: [history()] })
  const view = {
    state: start.apply(start.tr.insertText('word', 1)),
    dispatch(tr: EditorState['tr']) {
      this.state = this.state.apply(tr)
    },
  }
  const event = { key, keyCode: 90, ctrlKey: true, shiftKey, altKey: false, metaKey: false } as KeyboardEvent
  const plugin = writingKeys()
  const dispatching = { ...view, dispatch: (tr: EditorState['tr']) => view.dispatch(tr) } as unknown as EditorView
  const isTaken = plugin.props.handleKeyDown?.call(plugin, dispatching, event)
  return [isTaken, view.state.doc.textContent]
}

test('the key of redo never undoes, with caps lock or without', () => {
  expect(press('Z', true)).toEqual([true, 'word'])
  expect(press('z', true)).toEqual([true, 'word'])
})

test('the key of undo does', () => {
  expect(press('z', false)).toEqual([true, ''])
})
