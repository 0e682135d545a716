import { useStore } from '@nanostores/react'
import { ChevronDown } from 'lucide-react'
import { computed } from 'nanostores'
import { type EditorState, NodeSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button, MenuTrigger, Popover, Toolbar } from 'react-aria-components'
import { createPortal } from 'react-dom'
import { colorNames } from '../../../core/text/blocks.ts'
import { CommandMenu } from '../../app/command-menu.tsx'
import { runCommand } from '../../app/commands.ts'
import { formatShortcut } from '../../app/shortcuts.ts'
import { activeState } from '../active-editor.ts'
import { blockCommands, formatCommands } from '../commands/format-commands.ts'
import { markValueAt } from '../commands/marks.ts'
import { CommandIcon } from './command-icon.tsx'
import { useFloating } from './floating.ts'

const shownMarks = ['format.strong', 'format.em', 'format.underline', 'format.strikethrough', 'format.code']
const turnInto = blockCommands.map(({ id }) => id)

/** The state while words are selected: null while one writes, so that nothing is drawn then. */
const selectedText = computed(activeState, (state) => (state && hasText(state) ? state : null))

/** Appears over a selection of text when the hand that made it rests. Alt-F10 goes there by keyboard, Escape comes back. */
export function SelectionToolbar({ view }: { view: EditorView }) {
  const state = useStore(selectedText)
  const bar = useRef<HTMLDivElement>(null)
  const isResting = useRestingPointer(view)
  const isHere = useFocusNear(view, bar)
  const isShown = state !== null && isResting && isHere && view.editable
  useFloating(bar, 'above', () => selectionEdges(view))
  useToolbarKey(view, bar)
  if (!isShown) return null
  return createPortal(
    <div
      ref={bar}
      role="presentation"
      className="editor-popup selection-toolbar"
      onKeyDown={(event) => event.key === 'Escape' && view.focus()}
    >
      <Toolbar aria-label="Formatting">
        <TurnInto state={state} />
        {shownMarks.map((id) => (
          <FormatButton key={id} id={id} state={state} />
        ))}
        <ColorButton name="highlight" label="Highlight" state={state} />
        <ColorButton name="color" label="Text colour" state={state} />
        <ToolbarButton label="Link" shortcut="Mod-Shift-k" onPress={() => runCommand('insert.link')}>
          <CommandIcon id="insert.link" />
        </ToolbarButton>
      </Toolbar>
    </div>,
    document.body,
  )
}

function hasText({ doc, selection }: EditorState): boolean {
  if (selection instanceof NodeSelection || selection.empty || selection.$from.parent.type.spec.code) return false
  return doc.textBetween(selection.from, selection.to).trim() !== ''
}

function selectionEdges(view: EditorView) {
  const { from, to } = view.state.selection
  const start = view.coordsAtPos(from)
  const end = view.coordsAtPos(to, -1)
  const isOneLine = Math.abs(start.top - end.top) < 4
  const { left, right } = isOneLine ? { left: start.left, right: end.right } : view.dom.getBoundingClientRect()
  return { left, right, top: start.top, bottom: end.bottom }
}

/** False while the pointer is down in the text: nothing may move under a hand that selects. */
function useRestingPointer(view: EditorView): boolean {
  const [isResting, setResting] = useState(true)
  useEffect(() => {
    const press = () => setResting(false)
    const release = () => setResting(true)
    view.dom.addEventListener('pointerdown', press)
    window.addEventListener('pointerup', release)
    window.addEventListener('pointercancel', release)
    return () => {
      view.dom.removeEventListener('pointerdown', press)
      window.removeEventListener('pointerup', release)
      window.removeEventListener('pointercancel', release)
    }
  }, [view])
  return isResting
}

/** Whether the focus is in the text, in the toolbar or in a menu that it opened. */
function useFocusNear(view: EditorView, bar: { readonly current: HTMLElement | null }): boolean {
  const [isNear, setNear] = useState(view.hasFocus())
  useEffect(() => {
    const look = () => {
      const focused = document.activeElement
      setNear(view.hasFocus() || bar.current?.contains(focused) === true || focused?.closest('.toolbar-menu') != null)
    }
    // A focus that moves is nowhere for a moment.
    const lookSoon = () => queueMicrotask(look)
    document.addEventListener('focusin', look)
    document.addEventListener('focusout', lookSoon)
    return () => {
      document.removeEventListener('focusin', look)
      document.removeEventListener('focusout', lookSoon)
    }
  }, [view, bar])
  return isNear
}

function useToolbarKey(view: EditorView, bar: { readonly current: HTMLElement | null }) {
  useEffect(() => {
    const enter = (event: KeyboardEvent) => {
      if (event.key !== 'F10' || !event.altKey) return
      event.preventDefault()
      bar.current?.querySelector('button')?.focus()
    }
    view.dom.addEventListener('keydown', enter)
    return () => view.dom.removeEventListener('keydown', enter)
  }, [view, bar])
}

/** Kind of the selected blocks, and what else they can be. */
function TurnInto({ state }: { state: EditorState }) {
  const current = blockCommands.find(({ isActive }) => isActive?.(state))
  return (
    <MenuTrigger>
      <Button className="toolbar-turn-into" aria-label={`Turn into. Now ${current?.title ?? 'mixed'}`}>
        {current?.title ?? 'Mixed'}
        <ChevronDown aria-hidden="true" size={14} />
      </Button>
      <Popover className="popover menu-popover toolbar-menu" placement="bottom start">
        <CommandMenu label="Turn into" groups={[turnInto]} />
      </Popover>
    </MenuTrigger>
  )
}

function FormatButton({ id, state }: { id: string; state: EditorState }) {
  const command = formatCommands.find((candidate) => candidate.id === id)
  if (!command) return null
  return (
    <ToolbarButton label={command.title} shortcut={command.shortcut} isOn={command.isActive?.(state)} onPress={() => runCommand(id)}>
      <CommandIcon id={id} />
    </ToolbarButton>
  )
}

/** A palette of the eight names. */
function ColorButton({ name, label, state }: { name: 'highlight' | 'color'; label: string; state: EditorState }) {
  const [isOpen, setOpen] = useState(false)
  const current = markValueAt(state, name)
  const choose = (id: string) => {
    setOpen(false)
    runCommand(id)
  }
  return (
    <span className="color-choice">
      <ToolbarButton label={label} isOn={current !== null} isExpanded={isOpen} onPress={() => setOpen(!isOpen)}>
        <CommandIcon id={`format.${name}`} />
      </ToolbarButton>
      {isOpen && (
        <span className="editor-popup color-swatches document-text" role="group" aria-label={label}>
          {colorNames.map((color) => (
            <ToolbarButton key={color} label={color} isOn={current === color} onPress={() => choose(`format.${name}-${color}`)}>
              <span className="color-swatch" data-color={color} />
            </ToolbarButton>
          ))}
          <ToolbarButton label="None" onPress={() => choose(`format.${name}-none`)}>
            <span className="color-swatch color-none" />
          </ToolbarButton>
        </span>
      )}
    </span>
  )
}

interface ToolbarButtonProps {
  label: string
  shortcut?: string
  isOn?: boolean
  isExpanded?: boolean
  onPress(): void
  children: ReactNode
}

/** A button that leaves the focus and the selection in the text when the pointer presses it. */
export function ToolbarButton({ label, shortcut, isOn, isExpanded, onPress, children }: ToolbarButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={isExpanded === undefined ? isOn : undefined}
      aria-expanded={isExpanded}
      data-on={isOn || undefined}
      title={shortcut ? `${label} (${formatShortcut(shortcut)})` : label}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {children}
    </button>
  )
}
