import { useStore } from '@nanostores/react'
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { type DropItem, type Key, ListLayout, type Selection, Tree, useDragAndDrop, Virtualizer } from 'react-aria-components'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { type Point, pointUnder, type RowSurroundings, Rows, rowStep } from './library-row.tsx'
import type { Row } from './library-rows.ts'
import { RowMenu, type RowMenuPlace } from './row-menu.tsx'

/** Of the data that a dragged row carries. */
const dragType = 'application/x-palimpsest-row'
const layoutOptions = { rowSize: 32, padding: 8 }

interface LibraryTreeProps {
  label: string
  rows: readonly Row[]
  /** Key of the row whose name is being typed, or null. */
  renaming: string | null
  onRename(key: string | null): void
}

/**
 * Rows of the library, by pointer and by keyboard: Enter opens, F2 renames, Delete throws away, the menu key shows the row's menu, arrows
 * walk and unfold. Only the rows in sight are drawn.
 */
export function LibraryTree({ label, rows, renaming, onRename }: LibraryTreeProps) {
  const { actions, desk, view } = useApp()
  const expanded = useStore(view.expanded)
  const onDesk = useStore(desk.onDesk)
  const [selected, setSelected] = useState<Selection>(new Set())
  const [reach, setReach] = useState<ReadonlyMap<string, number>>(new Map())
  const [menu, setMenu] = useState<RowMenuPlace | null>(null)
  const dragAndDropHooks = useRowDrag()
  const current = onDesk.state === 'empty' ? null : onDesk.id

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
    const isItem = row.kind === 'folder' || row.kind === 'document'
    if (!isItem) return false
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

  function drawMore(key: string) {
    setReach(new Map(reach).set(key, (reach.get(key) ?? rowStep) + rowStep))
  }

  const surroundings = useSurroundings({
    reach,
    onMore: drawMore,
    current,
    expanded,
    renaming,
    onActivate: activate,
    onRename,
    onMenu: openMenu,
  })
  return (
    <div className="library-frame" onKeyDownCapture={actOnKey}>
      <Virtualizer layout={ListLayout} layoutOptions={layoutOptions}>
        <Tree
          className="library-tree"
          aria-label={label}
          selectionMode="multiple"
          selectionBehavior="replace"
          selectedKeys={selected}
          onSelectionChange={setSelected}
          expandedKeys={expanded}
          onExpandedChange={(keys) => view.expanded.set([...keys].map(String))}
          dragAndDropHooks={dragAndDropHooks}
        >
          <Rows within="" rows={rows} tree={surroundings} />
        </Tree>
      </Virtualizer>
      {menu && <RowMenu place={menu} onClose={() => setMenu(null)} onRename={onRename} />}
    </div>
  )
}

/** Rows are drawn anew when what they show of their surroundings changes; the functions may be any render's. */
function useSurroundings(latest: RowSurroundings): RowSurroundings {
  const { current, expanded, renaming, reach } = latest
  const functions = useRef(latest)
  useLayoutEffect(() => {
    functions.current = latest
  })
  return useMemo(
    () => ({
      current,
      expanded,
      renaming,
      reach,
      onMore: (key) => functions.current.onMore(key),
      onActivate: (row) => functions.current.onActivate(row),
      onRename: (key) => functions.current.onRename(key),
      onMenu: (row, at) => functions.current.onMenu(row, at),
    }),
    [current, expanded, renaming, reach],
  )
}

/** The document of a row's key, or null for a folder, group or tag. */
const documentOfKey = (key: string) => (/^(pinned|recent|documents):/.test(key) ? (key.slice(key.indexOf(':') + 1) as DocumentId) : null)
const folderOfKey = (key: Key) => (String(key).startsWith('folder:') ? (String(key).slice('folder:'.length) as FolderId) : null)

function findRow(rows: readonly Row[], key: string | null | undefined): Row | undefined {
  for (const row of rows) {
    const found = row.key === key ? row : findRow('children' in row ? row.children : [], key)
    if (found) return found
  }
  return undefined
}

/** Documents and folders can be dropped on a folder, or on *Documents* to leave their folder. */
function useRowDrag() {
  const { actions } = useApp()
  async function drop(items: readonly DropItem[], parent: FolderId | null) {
    const texts = items.filter((item) => item.kind === 'text')
    const keys = await Promise.all(texts.map((item) => item.getText(dragType)))
    const documents = keys.flatMap((key) => documentOfKey(key) ?? [])
    if (documents.length > 0) await actions.move(documents, parent)
    for (const folder of keys.flatMap((key) => folderOfKey(key) ?? [])) if (folder !== parent) await actions.moveFolder(folder, parent)
  }

  const { dragAndDropHooks } = useDragAndDrop({
    getItems: (keys) =>
      [...keys].filter((key) => documentOfKey(String(key)) ?? folderOfKey(key)).map((key) => ({ [dragType]: String(key) })),
    getDropOperation: (target, types) => {
      const canTake = target.type === 'item' && (folderOfKey(target.key) !== null || target.key === 'documents')
      return types.has(dragType) && canTake && target.dropPosition === 'on' ? 'move' : 'cancel'
    },
    onItemDrop: ({ items, target }) => void drop(items, folderOfKey(target.key)),
  })
  return dragAndDropHooks
}
