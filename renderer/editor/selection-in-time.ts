import { Plugin } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'

/**
 * Lets every key and every paste act on the selection that the writer sees. The browser moves the caret at once and tells of it in a later
 * task, behind the keys that already wait; ProseMirror takes the selection from that message. On a page that was busy for a moment Enter
 * after ArrowLeft would part the paragraph at the old place, and a letter after Shift+Home would replace nothing. So the message is given
 * before the key. Must be the first plugin.
 */
export function selectionInTime(): Plugin {
  return new Plugin({ props: { handleDOMEvents: { keydown: tell, paste: tell, copy: tell, cut: tell } } })
}

function tell(view: EditorView): false {
  if (!view.composing) view.dom.ownerDocument.dispatchEvent(new Event('selectionchange'))
  return false
}
