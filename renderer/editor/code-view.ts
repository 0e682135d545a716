import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView, ViewMutationRecord } from 'prosemirror-view'

import { drawNesting } from './nesting.ts'

/** A code block with a field for its language, which shows when the pointer or the caret is in the block. */
export function createCodeView(node: Node, view: EditorView, getPos: () => number | undefined): NodeView {
  const dom = document.createElement('pre')
  const code = document.createElement('code')
  const corner = document.createElement('span')
  const field = document.createElement('input')
  dom.spellcheck = false
  corner.className = 'code-language'
  corner.contentEditable = 'false'
  field.setAttribute('aria-label', 'Language of the code')
  field.placeholder = 'Language'
  field.spellcheck = false
  corner.append(field)
  // Not after the code: a caret that leaves its end would come to the field, from where it gets lost at the start of the whole text.
  dom.append(corner, code)

  function draw({ attrs }: Node) {
    drawNesting(dom, attrs.parents)
    if (document.activeElement !== field) field.value = attrs.language
    field.readOnly = !view.editable
  }

  function keep() {
    const position = getPos()
    const language = field.value.trim().slice(0, 40)
    if (position === undefined || view.state.doc.nodeAt(position)?.attrs.language === language) return
    view.dispatch(view.state.tr.setNodeAttribute(position, 'language', language))
  }

  field.addEventListener('change', keep)
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    view.focus()
  })
  draw(node)

  return {
    dom,
    contentDOM: code,
    update(next) {
      if (next.type !== node.type) return false
      draw(next)
      return true
    },
    stopEvent: (event) => event.target === field,
    ignoreMutation: (mutation: ViewMutationRecord) => mutation.type !== 'selection' && !code.contains(mutation.target),
  }
}
