import { type KeyboardEvent, useState } from 'react'
import type { Selection } from 'react-aria-components'
import type { DocumentId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { type Point, pointUnder } from './library-row.tsx'
import { documentOfKey, findRow, type Row } from './library-rows.ts'
import type { RowMenuPlace } from './row-menu.tsx'

/** What a person does with the rows of a tree, by pointer and by keyboard, and which of them are selected. */
export function useRowCommands(rows: readonly Row[], renaming: string | null, onRename: (key: string) => void) {
  const { actions, view } = useApp()
  const [selected, select] = useState<Selection>(new Set())
  const [menu, setMenu] = useState<RowMenuPlace | null>(null)

  /** The documents that a command on `row` is for: the whole selection when the row is part of it. */
  function documentsFor(row: Row): DocumentId[] {
    if (row.kind !== 'document') return []
    const keys = selected === 'all' ? [] : [...selected].map(String)
    return keys.includes(row.key) ? [...new Set(keys.flatMap((key) => documentOfKey(key) ?? []))] : [row.document.id]
  }

  function activate(row: Row) {
    if (row.kind === 'document') actions.openDocument(row.document.id)
    else if (row.kind === 'tag') view.sidebar.set({ show: 'tag', tag: row.name })
    else toggle(row.key)
  }

  function toggle(key: string) {
    const expanded = view.expanded.get()
    view.expanded.set(expanded.includes(key) ? expanded.filter((other) => other !== key) : [...expanded, key])
  }

  function actOnKey(event: KeyboardEvent) {
    const element = event.target instanceof Element ? event.target.closest('[data-key]') : null
    const row = findRow(rows, element?.getAttribute('data-key'))
    if (!element || !row || renaming !== null || !runKey(event, row, element)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function runKey(event: KeyboardEvent, row: Row, element: Element): boolean {
    if (row.kind !== 'folder' && row.kind !== 'document') return false
    if (event.key === 'F2') onRename(row.key)
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) openMenu(row, pointUnder(element))
    else if (event.key === 'Delete' || event.key === 'Backspace') throwAway(row)
    else return false
    return true
  }

  function throwAway(row: Row) {
    if (row.kind === 'folder') void actions.removeFolder(row.folder.id)
    else if (row.kind === 'document' && row.document.trashedAt === null) void actions.trash(documentsFor(row))
    else view.dialog.set({ name: 'delete', ids: documentsFor(row) })
  }

  function openMenu(row: Row, at: Point) {
    setMenu({ row, at, documents: documentsFor(row) })
  }

  return { selected, select, menu, openMenu, closeMenu: () => setMenu(null), activate, actOnKey }
}
