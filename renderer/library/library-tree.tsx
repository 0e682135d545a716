import { useStore } from '@nanostores/react'
import { useLayoutEffect, useMemo, useRef } from 'react'
import { type DropItem, ListLayout, Tree, useDragAndDrop, Virtualizer } from 'react-aria-components'
import type { FolderId } from '../../core/ids.ts'
import { useApp } from '../app/app-model.ts'
import { type RowSurroundings, Rows } from './library-row.tsx'
import { useFollowedRow } from './followed-row.ts'
import { documentOfKey, folderOfKey, type Row } from './library-rows.ts'
import { useRowCommands } from './row-commands.ts'
import { RowMenu } from './row-menu.tsx'

/** Of the data that a dragged row carries. */
const dragType = 'application/x-palimpsest-row'
const layoutOptions = { rowSize: 32, padding: 8 }

interface LibraryTreeProps {
  label: string
  rows: readonly Row[]
}

/**
 * Rows of the library, by pointer and by keyboard: Enter opens, F2 renames, Delete throws away, the menu key shows the row's menu, arrows
 * walk and unfold. Only the rows in sight are drawn.
 */
export function LibraryTree({ label, rows }: LibraryTreeProps) {
  const { desk, view } = useApp()
  const expanded = useStore(view.expanded)
  const onDesk = useStore(desk.onDesk)
  const { frame, renaming, reach, onMore, follow, leave } = useFollowedRow(rows, expanded, layoutOptions)
  const commands = useRowCommands(rows, follow)
  const dragAndDropHooks = useRowDrag()
  const surroundings = useSurroundings({
    current: onDesk.state === 'empty' ? null : onDesk.id,
    expanded,
    renaming,
    reach,
    onMore,
    onActivate: commands.activate,
    onRename: (key) => view.renaming.set(key),
    onMenu: commands.openMenu,
  })
  return (
    <div
      ref={frame}
      className="library-frame"
      onPointerDownCapture={leave}
      onKeyDownCapture={(event) => {
        leave(event)
        commands.actOnKey(event)
      }}
    >
      <Virtualizer layout={ListLayout} layoutOptions={layoutOptions}>
        <Tree
          className="library-tree"
          aria-label={label}
          selectionMode="multiple"
          selectionBehavior="replace"
          selectedKeys={commands.selected}
          onSelectionChange={commands.select}
          expandedKeys={expanded}
          onExpandedChange={(keys) => view.expanded.set([...keys].map(String))}
          dragAndDropHooks={dragAndDropHooks}
        >
          <Rows within="" rows={rows} tree={surroundings} />
        </Tree>
      </Virtualizer>
      {commands.menu && <RowMenu place={commands.menu} onClose={commands.closeMenu} />}
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
      [...keys].filter((key) => documentOfKey(String(key)) ?? folderOfKey(String(key))).map((key) => ({ [dragType]: String(key) })),
    getDropOperation: (target, types) => {
      const canTake = target.type === 'item' && (folderOfKey(String(target.key)) !== null || target.key === 'documents')
      return types.has(dragType) && canTake && target.dropPosition === 'on' ? 'move' : 'cancel'
    },
    onItemDrop: ({ items, target }) => void drop(items, folderOfKey(String(target.key))),
  })
  return dragAndDropHooks
}
