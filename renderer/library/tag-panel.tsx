import { useStore } from '@nanostores/react'
import { ArrowLeft } from 'lucide-react'
import { useMemo } from 'react'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { flatRows } from './library-rows.ts'
import { LibraryTree } from './library-tree.tsx'

/** The documents with one tag. */
export function TagPanel({ tag }: { tag: string }) {
  const { library, session, view } = useApp()
  const { documents } = useStore(library)
  const { sort } = useStore(session.settings)
  const rows = useMemo(() => {
    const tagged = [...documents.values()].filter((document) => document.trashedAt === null && document.tags.includes(tag))
    return flatRows(tagged, sort)
  }, [documents, tag, sort])
  return (
    <>
      <div className="panel-header">
        <IconButton icon={ArrowLeft} label="Back to the library" onPress={() => view.sidebar.set({ show: 'library' })} />
        <h2># {tag}</h2>
      </div>
      {rows.length > 0 ? (
        <LibraryTree label={`Documents tagged ${tag}`} rows={rows} />
      ) : (
        <p className="panel-empty panel-body">No document has this tag any more.</p>
      )}
    </>
  )
}
