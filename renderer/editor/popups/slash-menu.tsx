import { useStore } from '@nanostores/react'
import { computed } from 'nanostores'
import type { EditorView } from 'prosemirror-view'
import { useEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { formatShortcut } from '../../app/shortcuts.ts'
import { activeState } from '../active-editor.ts'
import type { FormatCommand } from '../commands/format-commands.ts'
import { CommandIcon } from './command-icon.tsx'
import { useFloating } from './floating.ts'
import { chooseSlashItem, type SlashState, slashItemId, slashListId, slashState } from './slash-plugin.ts'

const openMenu = computed(activeState, (state) => (state ? slashState(state) : null))

/** What can be inserted or turned into, below the slash that was typed. */
export function SlashMenu({ view }: { view: EditorView }) {
  const menu = useStore(openMenu)
  if (!menu || menu.items.length === 0) return null
  return createPortal(<SlashList view={view} menu={menu} />, document.body)
}

function SlashList({ view, menu }: { view: EditorView; menu: SlashState }) {
  const list = useRef<HTMLDivElement>(null)
  useFloating(list, 'below', () => view.coordsAtPos(menu.from))
  const current = menu.items[menu.current]
  useEffect(() => {
    if (current) document.getElementById(slashItemId(current))?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    <div ref={list} id={slashListId} className="editor-popup slash-menu" role="listbox" aria-label="Insert or turn into">
      {menu.items.map((item) => (
        <SlashItem key={item.id} item={item} isCurrent={item === current} onChoose={() => chooseSlashItem(view, item)} />
      ))}
    </div>
  )
}

interface SlashItemProps {
  item: FormatCommand
  isCurrent: boolean
  onChoose(): void
}

function SlashItem({ item, isCurrent, onChoose }: SlashItemProps) {
  // The keyboard reaches an item through the text, which keeps the focus; the pointer must not take it away.
  return (
    <div
      id={slashItemId(item)}
      role="option"
      tabIndex={-1}
      aria-selected={isCurrent}
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
      onKeyDown={(event) => event.key === 'Enter' && onChoose()}
    >
      <CommandIcon id={item.id} />
      <span>{item.title}</span>
      {item.shortcut && <kbd>{formatShortcut(item.shortcut)}</kbd>}
    </div>
  )
}
