import { ChevronRight, FileText, Folder, Hash, MoreHorizontal, Pin, Users } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from 'react'
import { Button, Collection, TreeItem, TreeItemContent, TreeLoadMoreItem } from 'react-aria-components'
import type { DocumentId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { type Reach, reachIn, type Row } from './library-rows.ts'

/** Where a menu appears, in the window's coordinates. */
export interface Point {
  x: number
  y: number
}

export function pointUnder(element: Element): Point {
  const box = element.getBoundingClientRect()
  return { x: box.left + 32, y: box.bottom }
}

/** What all rows of one tree share. */
export interface RowSurroundings {
  /** The document on the desk. */
  readonly current: DocumentId | null
  readonly expanded: readonly string[]
  /** Key of the row whose name is being typed. */
  readonly renaming: string | null
  readonly reach: Reach
  onMore(key: string): void
  onActivate(row: Row): void
  onRename(key: string | null): void
  onMenu(row: Row, at: Point): void
}

/** The rows within a folder, or within the whole tree: as many as were scrolled to. A large library would take seconds to draw whole. */
export function Rows({ within, rows, tree }: { within: string; rows: readonly Row[]; tree: RowSurroundings }) {
  const reach = reachIn(tree.reach, within)
  return (
    <>
      <Collection items={rows.length > reach ? rows.slice(0, reach) : rows} dependencies={[tree]}>
        {(child) => <LibraryRow row={child} tree={tree} />}
      </Collection>
      {rows.length > reach && <TreeLoadMoreItem onLoadMore={() => tree.onMore(within)} />}
    </>
  )
}

/** One row with, when it is unfolded, the rows in it. */
export function LibraryRow({ row, tree }: { row: Row; tree: RowSurroundings }) {
  const { current, expanded, renaming, onActivate, onRename, onMenu } = tree
  const children = 'children' in row ? row.children : []
  // A closed folder costs one row, not all that is in it; with none the tree would take it for something that cannot be opened.
  const drawn = expanded.includes(row.key) ? children : children.slice(0, 1)
  const isCurrent = row.kind === 'document' && row.document.id === current
  const canRename = row.kind === 'folder' || row.kind === 'document'

  function showMenuAtPointer(event: MouseEvent) {
    if (!canRename) return
    event.preventDefault()
    onMenu(row, { x: event.clientX, y: event.clientY })
  }

  return (
    <TreeItem
      id={row.key}
      textValue={row.name}
      className={`row row-${row.kind}`}
      data-current={isCurrent ? (row.key.startsWith('documents:') ? 'here' : 'elsewhere') : undefined}
      aria-current={isCurrent ? 'page' : undefined}
      onAction={() => onActivate(row)}
      onPress={({ pointerType, ctrlKey, metaKey, shiftKey }) => {
        if (pointerType !== 'keyboard' && !ctrlKey && !metaKey && !shiftKey) onActivate(row)
      }}
      onContextMenu={showMenuAtPointer}
    >
      <TreeItemContent>
        {children.length > 0 || row.kind === 'folder' ? (
          <Button slot="chevron" className="row-chevron" isDisabled={children.length === 0}>
            <ChevronRight aria-hidden="true" size={14} />
          </Button>
        ) : (
          <span className="row-chevron" />
        )}
        <RowIcon row={row} />
        {renaming === row.key ? <NameField row={row} onDone={() => onRename(null)} /> : <span className="row-name">{row.name}</span>}
        {row.kind === 'document' && row.document.pinned && <Pin className="row-pin" aria-label="pinned" size={12} />}
        {row.kind === 'folder' && row.folder.shared && <Users className="row-pin" aria-label="shared" size={12} />}
        {canRename && renaming !== row.key && (
          <Button className="row-more" aria-label="More" onPress={({ target }) => onMenu(row, pointUnder(target))}>
            <MoreHorizontal aria-hidden="true" size={16} />
          </Button>
        )}
      </TreeItemContent>
      <Rows within={row.key} rows={drawn} tree={tree} />
    </TreeItem>
  )
}

const icons = { folder: Folder, document: FileText, tag: Hash }

/** What can be dragged is dragged by its icon too, so that the keyboard has something to take hold of. */
function RowIcon({ row }: { row: Row }) {
  if (row.kind === 'group') return null
  const Icon = icons[row.kind]
  const icon = <Icon aria-hidden="true" size={16} strokeWidth={1.75} />
  if (row.kind === 'tag') return icon
  return (
    <Button slot="drag" className="row-icon">
      {icon}
    </Button>
  )
}

/** The name as a field: Enter and leaving keep it, Escape does not. */
function NameField({ row, onDone }: { row: Row; onDone(): void }) {
  const { actions } = useApp()
  const field = useRef<HTMLInputElement>(null)
  const isDone = useRef(false)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])

  function end(name: string | null) {
    if (isDone.current) return
    isDone.current = true
    onDone()
    if (name === null || name === row.name) return
    if (row.kind === 'folder' && name !== '') void actions.renameFolder(row.folder.id, name)
    if (row.kind === 'document') void actions.renameDocument(row.document.id, name)
  }

  function actOnKey(event: KeyboardEvent<HTMLInputElement>) {
    // The tree would take letters, arrows and Space for itself.
    event.stopPropagation()
    if (event.nativeEvent.isComposing) return
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    const treeRow = event.currentTarget.closest<HTMLElement>('[role="row"]')
    end(event.key === 'Enter' ? event.currentTarget.value.trim() : null)
    treeRow?.focus()
  }

  return (
    <input
      ref={field}
      className="row-field"
      aria-label="Name"
      defaultValue={row.kind === 'document' ? row.document.title : row.name}
      onKeyDown={actOnKey}
      onPointerDown={(event) => event.stopPropagation()}
      // The tree would put the focus on its first row.
      onFocus={(event) => event.stopPropagation()}
      onBlur={(event) => end(event.currentTarget.value.trim())}
    />
  )
}
