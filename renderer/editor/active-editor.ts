import { atom, type ReadableAtom } from 'nanostores'
import type { Command as EditorCommand, EditorState } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import type { OpenDocument } from '../documents/open-document.ts'

/** The editor that commands, the find bar, the outline and the counts speak to. */
export interface ActiveEditor {
  readonly view: EditorView
  readonly document: OpenDocument
}

const active = atom<ActiveEditor | null>(null)
const state = atom<EditorState | null>(null)

/** The editor on the screen, or null where there is none. */
export const activeEditor: ReadableAtom<ActiveEditor | null> = active

/** Its state, after each transaction. Listeners run at every keystroke: they compare, and put off what costs. */
export const activeState: ReadableAtom<EditorState | null> = state

/** Makes an editor the active one. Returns a function that ends that, unless another has taken over. */
export function activateEditor(editor: ActiveEditor): () => void {
  active.set(editor)
  state.set(editor.view.state)
  return () => {
    if (active.get() !== editor) return
    active.set(null)
    state.set(null)
  }
}

/** Tells that a view has a new state. */
export function noteEditorState(view: EditorView): void {
  if (active.get()?.view === view) state.set(view.state)
}

/** Runs an editor command on the active editor and puts the caret back into the text. */
export function runInEditor(command: EditorCommand): boolean {
  const editor = active.get()
  if (!editor) return false
  const done = command(editor.view.state, editor.view.dispatch, editor.view)
  editor.view.focus()
  return done
}

/** Whether an editor command could run now. */
export function canRunInEditor(command: EditorCommand): boolean {
  const editor = active.get()
  return editor !== null && editor.view.editable && command(editor.view.state)
}
