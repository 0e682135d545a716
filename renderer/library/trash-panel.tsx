import { useStore } from '@nanostores/react'
import { ArrowLeft } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from 'react-aria-components'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { trashIn } from './library-model.ts'
import { flatRows } from './library-rows.ts'
import { LibraryTree } from './library-tree.tsx'

/** What was thrown away: it can be read, taken out again, or deleted for good. */
export function TrashPanel() {
  const { library, view } = useApp()
  const { documents } = useStore(library)
  const rows = useMemo(() => {
    return flatRows(trashIn(documents), 'edited').sort((a, b) => (b.document.trashedAt ?? 0) - (a.document.trashedAt ?? 0))
  }, [documents])
  return (
    <>
      <div className="panel-header">
        <IconButton icon={ArrowLeft} label="Back to the library" onPress={() => view.sidebar.set({ show: 'library' })} />
        <h2>Trash</h2>
        {rows.length > 0 && (
          <Button className="text-button" onPress={() => view.dialog.set({ name: 'delete', ids: rows.map(({ document }) => document.id) })}>
            Empty the trash…
          </Button>
        )}
      </div>
      {rows.length > 0 ? (
        <LibraryTree label="Documents in the trash" rows={rows} />
      ) : (
        <p className="panel-empty panel-body">The trash is empty. What you throw away waits here until you delete it for good.</p>
      )}
    </>
  )
}
