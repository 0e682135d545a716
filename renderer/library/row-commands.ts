import { type KeyboardEvent, useRef, useState } from 'react'
import type { Selection } from 'react-aria-components'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { type Point, pointUnder } from './library-row.tsx'
import { documentOfKey, documentsIn, findRow, folderOfKey, openRows, type Row, rowNamed } from './library-rows.ts'
import type { RowMenuPlace } from './row-menu.tsx'

/** The beginning of a name: when its last letter was typed, and the row that it brought to. */
interface Typed {
  readonly text: string
  readonly at: number
  readonly found: Row | null
}

/** What is typed within this time is one beginning of a name. */
const typingMs = 1_000

/** What a person does with the rows of a tree, by pointer and by keyboard, and which of them are selected. `follow` puts the focus on a row. */
export function useRowCommands(rows: readonly Row[], follow: (key: string) => void) {
  const { actions, view } = useApp()
  const [selected, select] = useState<Selection>(new Set())
  const [menu, setMenu] = useState<RowMenuPlace | null>(null)
  const typed = useRef<Typed>({ text: '', at: 0, found: null })

  const isSelected = (row: Row) => selected === 'all' || selected.has(row.key)

  /** The documents that a command on `row` is for: those of the whole selection when the row is part of it. */
  function documentsFor(row: Row): DocumentId[] {
    if (!isSelected(row)) return row.kind === 'document' ? [row.document.id] : []
    if (selected === 'all') return documentsIn(rows)
    return [...new Set([...selected].flatMap((key) => documentOfKey(String(key)) ?? []))]
  }

  /** The same for folders. *Everything* means the documents: the folders stay for what comes next. */
  function foldersFor(row: Row): FolderId[] {
    if (selected === 'all') return []
    return isSelected(row) ? [...selected].flatMap((key) => folderOfKey(String(key)) ?? []) : row.kind === 'folder' ? [row.folder.id] : []
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
    if (event.target instanceof HTMLInputElement) return
    if (!goByKey(event, row) && !(row && element && runKey(event, row, element))) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** To rows that need not be drawn yet. While one is on its way to be drawn, the focus may be on none. */
  function goByKey({ key, ctrlKey, metaKey, altKey, shiftKey, timeStamp }: KeyboardEvent, row: Row | undefined): boolean {
    if (ctrlKey || metaKey || altKey) return false
    if (key === 'End' && !shiftKey) return goTo(rowsInOpen().at(-1))
    const before = timeStamp - typed.current.at < typingMs ? typed.current : null
    if (key.length !== 1 || (key === ' ' && before === null)) return false
    const text = `${before?.text ?? ''}${key}`
    const found = rowNamed(rowsInOpen(), text, (before?.found ?? row)?.key ?? '')
    typed.current = { text, at: timeStamp, found: found ?? before?.found ?? null }
    goTo(found)
    return true
  }

  const rowsInOpen = () => openRows(rows, view.expanded.get())

  function goTo(row: Row | undefined): boolean {
    if (!row) return false
    select(new Set([row.key]))
    follow(row.key)
    return true
  }

  function runKey(event: KeyboardEvent, row: Row, element: Element): boolean {
    if (row.kind !== 'folder' && row.kind !== 'document') return false
    if (event.key === 'F2') rename(row)
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) openMenu(row, pointUnder(element))
    else if (event.key === 'Delete' || event.key === 'Backspace') throwAway(row)
    else return false
    return true
  }

  function rename(row: Row) {
    if (row.kind === 'folder' || (row.kind === 'document' && row.document.trashedAt === null)) view.renaming.set(row.key)
  }

  function throwAway(row: Row) {
    const documents = documentsFor(row)
    if (row.kind === 'document' && row.document.trashedAt !== null) return view.dialog.set({ name: 'delete', ids: documents })
    followNext(row, documents)
    for (const folder of foldersFor(row)) void actions.removeFolder(folder)
    if (documents.length > 0) void actions.trash(documents)
  }

  /** Whoever throws one row away after the other stays where they are. */
  function followNext(row: Row, documents: readonly DocumentId[]) {
    const keys = rowsInOpen().map(({ key }) => key)
    const at = keys.indexOf(row.key)
    const stays = (key: string) => key !== row.key && !documents.includes(documentOfKey(key) ?? ('' as DocumentId))
    const next = keys.slice(at).find(stays) ?? keys.slice(0, at).findLast(stays)
    if (next !== undefined) follow(next)
  }

  function openMenu(row: Row, at: Point) {
    setMenu({ row, at, documents: documentsFor(row) })
  }

  return { selected, select, menu, openMenu, closeMenu: () => setMenu(null), activate, actOnKey }
}
