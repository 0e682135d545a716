import type { Node } from 'prosemirror-model'
import type { EditorView, NodeView, ViewMutationRecord } from 'prosemirror-view'
import { drawNesting } from '../nesting.ts'
import { type Attachments, isAttachment } from './attachments.ts'

const firstPauseMs = 250
const longestPauseMs = 15_000

/** A picture with its caption. The picture comes from the engine; one from elsewhere is named, not loaded. */
export function createImageView(node: Node, view: EditorView, attachments: Attachments): NodeView {
  const dom = document.createElement('figure')
  const image = document.createElement('img')
  const note = document.createElement('p')
  const caption = document.createElement('figcaption')
  note.className = 'image-note'
  note.contentEditable = 'false'
  image.draggable = false
  dom.append(image, note, caption)
  let src = ''
  let retry: ReturnType<typeof setTimeout> | undefined
  let pauseMs = firstPauseMs

  function tell(text: string) {
    note.textContent = text
    note.hidden = text === ''
    image.hidden = text !== ''
  }

  async function load(wanted: string) {
    src = wanted
    clearTimeout(retry)
    if (!isAttachment(wanted)) return tell(`Picture at ${hostOf(wanted)}. Palimpsest loads nothing from outside.`)
    try {
      const address = await attachments.show(wanted)
      if (src !== wanted) return
      tell('')
      image.src = address
    } catch {
      // Reported where the picture would be, and looked for again: it may be on its way.
      if (src !== wanted) return
      tell('This picture is not on this computer yet.')
      retry = setTimeout(() => void load(wanted), pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  function draw({ attrs, content }: Node) {
    drawNesting(dom, attrs.parents)
    caption.toggleAttribute('data-empty', content.size === 0)
    image.alt = attrs.alt
    image.title = attrs.title
    image.style.width = attrs.width === null ? '' : `${attrs.width}px`
    if (attrs.src !== src) void load(attrs.src)
  }

  tell('')
  draw(node)
  image.addEventListener('load', () => view.hasFocus() && view.updateState(view.state))

  return {
    dom,
    contentDOM: caption,
    update(next) {
      if (next.type !== node.type) return false
      draw(next)
      return true
    },
    destroy() {
      src = ''
      clearTimeout(retry)
    },
    ignoreMutation: (mutation: ViewMutationRecord) => mutation.type !== 'selection' && !caption.contains(mutation.target),
  }
}

function hostOf(src: string): string {
  if (!URL.canParse(src)) return 'an address that is none'
  const { host, protocol } = new URL(src)
  return host || protocol
}
