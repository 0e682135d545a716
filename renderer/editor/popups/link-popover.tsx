import { useStore } from '@nanostores/react'
import { ExternalLink, Pencil, Unlink } from 'lucide-react'
import { atom, computed } from 'nanostores'
import type { EditorView } from 'prosemirror-view'
import { type FocusEvent, type FormEvent, useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { activeEditor, activeState } from '../active-editor.ts'
import { isAllowedLink, linkAddress, linkAt, setLink } from '../commands/marks.ts'
import { openLink } from '../open-link.ts'
import { useFloating } from './floating.ts'
import { linkRangeOf, markLinkRange } from './link-range.ts'
import { ToolbarButton } from './selection-toolbar.tsx'

/** The address that is being changed, empty for a new one; null while none is. Its words are the link range. */
const editing = atom<{ href: string } | null>(null)

/** Lets the person write an address for the selection or for the link around the caret. */
export function editLink(): void {
  const view = activeEditor.get()?.view
  if (!view?.editable) return
  const { from, to, empty } = view.state.selection
  const link = linkAt(view.state, from)
  const isChanged = link !== null && (empty || to <= link.to)
  markLinkRange(view, isChanged ? { from: link.from, to: link.to } : { from, to })
  editing.set({ href: isChanged ? link.mark.attrs.href : '' })
}

/** The link around the caret: where it leads, and what to do with it. */
export function LinkPopover({ view }: { view: EditorView }) {
  const link = useStore(linkAtCaret)
  const edited = useStore(editing)
  if (edited) return createPortal(<LinkForm view={view} href={edited.href} />, document.body)
  if (!link || !view.hasFocus()) return null
  return createPortal(<LinkBar view={view} from={link.from} to={link.to} href={link.mark.attrs.href} />, document.body)
}

/** The link that the caret is inside of, and not only beside. */
const linkAtCaret = computed(activeState, (state) => {
  const caret = state?.selection.empty ? state.selection.from : null
  const link = state && caret !== null ? linkAt(state, caret) : null
  return link && caret !== null && caret > link.from && caret < link.to ? link : null
})

interface LinkBarProps {
  view: EditorView
  from: number
  to: number
  href: string
}

function LinkBar({ view, from, to, href }: LinkBarProps) {
  const bar = useRef<HTMLDivElement>(null)
  useFloating(bar, 'below', () => view.coordsAtPos(from))
  return (
    <div ref={bar} className="editor-popup link-bar" role="group" aria-label="Link">
      <span className="link-address">{href.replace(/^(https?:\/\/|mailto:)/, '')}</span>
      {isAllowedLink(href) && (
        <ToolbarButton label="Open link" onPress={() => openLink(href)}>
          <ExternalLink aria-hidden="true" size={15} />
        </ToolbarButton>
      )}
      {view.editable && (
        <>
          <ToolbarButton label="Edit link" shortcut="Mod-Shift-k" onPress={editLink}>
            <Pencil aria-hidden="true" size={15} />
          </ToolbarButton>
          <ToolbarButton label="Remove link" onPress={() => setLink(from, to, null)(view.state, view.dispatch)}>
            <Unlink aria-hidden="true" size={15} />
          </ToolbarButton>
        </>
      )}
    </div>
  )
}

function LinkForm({ view, href }: { view: EditorView; href: string }) {
  const form = useRef<HTMLFormElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const [typed, setTyped] = useState(href)
  const [isWrong, setWrong] = useState(false)
  useFloating(form, 'below', () => belowRange(view))

  // Also when the document is closed meanwhile.
  useEffect(
    () => () => {
      editing.set(null)
      if (!view.isDestroyed) markLinkRange(view, null)
    },
    [view],
  )

  const leave = () => {
    editing.set(null)
    view.focus()
  }
  const leaveBy = (event: FocusEvent) => {
    if (!form.current?.contains(event.relatedTarget)) editing.set(null)
  }
  const keep = (event: FormEvent) => {
    event.preventDefault()
    const address = linkAddress(typed)
    if (typed.trim() !== '' && address === null) return setWrong(true)
    const range = linkRangeOf(view.state)
    if (range) setLink(range.from, range.to, address)(view.state, view.dispatch)
    leave()
  }
  return (
    <form ref={form} className="editor-popup link-form" onSubmit={keep}>
      <input
        ref={field}
        aria-label="Address of the link"
        aria-invalid={isWrong}
        placeholder="Paste or type an address"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setWrong(false)
        }}
        onBlur={leaveBy}
        onKeyDown={(event) => event.key === 'Escape' && leave()}
      />
      <button type="submit" onBlur={leaveBy}>
        Apply
      </button>
      {isWrong && <p role="alert">A link begins with https:, http: or mailto:.</p>}
    </form>
  )
}

/** Under the last of the words, so that none of them is covered. */
function belowRange(view: EditorView) {
  const range = linkRangeOf(view.state)
  if (!range) return null
  const [start, end] = [view.coordsAtPos(range.from), view.coordsAtPos(range.to, -1)]
  return { ...end, left: start.top === end.top ? start.left : end.left }
}
