import { useStore } from '@nanostores/react'
import { Trash2 } from 'lucide-react'
import { computed } from 'nanostores'
import { type EditorState, NodeSelection, TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { useRef } from 'react'
import { createPortal } from 'react-dom'
import { activeState } from '../active-editor.ts'
import { useFloating } from './floating.ts'
import { ToolbarButton } from './selection-toolbar.tsx'

const widths = [
  { label: 'Small', width: 280 },
  { label: 'Medium', width: 460 },
  { label: 'Full width', width: null },
]

const atImage = computed(activeState, (state) => (state && positionOfImage(state) !== null ? state : null))

/** For the picture that is selected or whose caption has the caret: its description, its size, and its removal. */
export function ImageBar({ view }: { view: EditorView }) {
  const state = useStore(atImage)
  const position = state && view.editable ? positionOfImage(state) : null
  if (!state || position === null) return null
  return createPortal(<Bar key={position} view={view} state={state} position={position} />, document.body)
}

function positionOfImage({ selection }: EditorState): number | null {
  if (selection instanceof NodeSelection) return selection.node.type.name === 'image' ? selection.from : null
  return selection instanceof TextSelection && selection.$from.parent.type.name === 'image' ? selection.$from.before() : null
}

function Bar({ view, state, position }: { view: EditorView; state: EditorState; position: number }) {
  const bar = useRef<HTMLDivElement>(null)
  const node = state.doc.nodeAt(position)
  useFloating(bar, 'above', () => {
    const dom = view.nodeDOM(position)
    return dom instanceof Element ? dom.getBoundingClientRect() : null
  })
  if (!node) return null
  const set = (name: string, value: unknown) => view.dispatch(view.state.tr.setNodeAttribute(position, name, value))
  return (
    <div ref={bar} className="editor-popup image-bar" role="group" aria-label="Image">
      <input
        aria-label="Description for those who cannot see the image"
        placeholder="Describe the image"
        defaultValue={node.attrs.alt}
        onBlur={(event) => event.target.value !== node.attrs.alt && set('alt', event.target.value)}
        onKeyDown={(event) => (event.key === 'Enter' || event.key === 'Escape') && view.focus()}
      />
      {widths.map(({ label, width }) => (
        <ToolbarButton key={label} label={label} isOn={node.attrs.width === width} onPress={() => set('width', width)}>
          <span className="image-width">{label[0]}</span>
        </ToolbarButton>
      ))}
      <ToolbarButton
        label="Remove image"
        onPress={() => {
          view.dispatch(view.state.tr.delete(position, position + node.nodeSize))
          view.focus()
        }}
      >
        <Trash2 aria-hidden="true" size={15} />
      </ToolbarButton>
    </div>
  )
}
