import { useStore } from '@nanostores/react'
import { RotateCcw } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { Button } from 'react-aria-components'
import { restoreTo } from '../../core/history/restore.ts'
import { readBlocks, readTitle } from '../../core/text/read.ts'
import { useApp } from '../app/app-model.ts'
import type { ShownVersion } from '../app/desk.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import { ReadOnlyText } from '../editor/read-only-text.tsx'

interface VersionPageProps {
  document: OpenDocument
  version: ShownVersion
}

/** The document as it was, in the place of the present text. */
export function VersionPage({ document, version }: VersionPageProps) {
  const { desk, messages, session } = useApp()
  const { face } = useStore(session.settings)
  const doc = document.handle.doc()
  const title = useMemo(() => readTitle(doc, version.heads), [doc, version])
  const blocks = useMemo(() => readBlocks(doc, version.heads), [doc, version])
  const backToNow = () => desk.showVersion(null)

  useEffect(() => {
    const leaveOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) desk.showVersion(null)
    }
    window.addEventListener('keydown', leaveOnEscape)
    return () => window.removeEventListener('keydown', leaveOnEscape)
  }, [desk])

  function restore() {
    document.handle.update((present) => restoreTo(present, version.heads))
    desk.showVersion(null)
    messages.tell('This version is the present text again. What was there before is kept in the history.')
  }

  return (
    <div className="version">
      <div className="version-bar" role="status">
        <span>You are reading an earlier version.</span>
        <Button className="button" onPress={backToNow}>
          Back to now
        </Button>
        <Button className="button primary" onPress={restore}>
          <RotateCcw aria-hidden="true" size={16} strokeWidth={1.75} />
          Restore this version
        </Button>
      </div>
      <div className="version-scroll">
        <div className="document-page" data-face={face}>
          <h1 className="document-title">{title || 'Untitled'}</h1>
          <ReadOnlyText blocks={blocks} />
        </div>
      </div>
    </div>
  )
}
