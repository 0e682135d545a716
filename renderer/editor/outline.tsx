import { useStore } from '@nanostores/react'
import { TextSelection } from 'prosemirror-state'
import { activeEditor } from './active-editor.ts'
import { headings, positionOfHeading } from './headings.ts'
import './outline.css'

/** The headings of the active document; each jumps to its place. */
export function Outline() {
  const found = useStore(headings)
  if (found.length === 0)
    return <p className="outline-empty">Headings appear here. Type # and a space at the start of a line to make one.</p>
  const shallowest = Math.min(...found.map(({ level }) => level))
  return (
    <nav className="outline" aria-label="Outline">
      <ol>
        {found.map(({ text, level }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two headings may read alike; their place is the only key they have
          <li key={index} data-depth={level - shallowest}>
            <button type="button" onClick={() => jumpTo(index)}>
              {text || 'Empty heading'}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** Puts the caret into a heading and that heading at the top of the page. */
function jumpTo(number: number) {
  const view = activeEditor.get()?.view
  const position = view ? positionOfHeading(view.state.doc, number) : null
  if (!view || position === null) return
  view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, position + 1)))
  view.focus()
  const heading = view.nodeDOM(position)
  if (heading instanceof Element) heading.scrollIntoView({ block: 'start' })
}
