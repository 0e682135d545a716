import { useStore } from '@nanostores/react'
import { RotateCcw } from 'lucide-react'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { Button, Switch } from 'react-aria-components'
import { equals, getHeads } from '@automerge/automerge/slim'
import { type ComparedBlock, compareBlocks } from '../../core/history/compare.ts'
import { restoreTo } from '../../core/history/restore.ts'
import type { Heads } from '../../core/ids.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import { readBlocks, readTitle } from '../../core/text/read.ts'
import { useApp } from '../app/app-model.ts'
import type { ShownVersion } from '../app/desk.ts'
import { formatDateAndTime } from '../app/format.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import { ReadOnlyText } from '../editor/read-only-text.tsx'

interface VersionPageProps {
  document: OpenDocument
  version: ShownVersion
}

/** The document as it was, in the place of the present text. */
export function VersionPage({ document, version: { sitting, before } }: VersionPageProps) {
  const { desk, messages, view } = useApp()
  const areChangesShown = useStore(view.changesShown)
  const doc = document.handle.doc()
  const title = useMemo(() => readTitle(doc, sitting.heads), [doc, sitting])
  const blocks = useMemo(() => readBlocks(doc, sitting.heads), [doc, sitting])
  const comparison = useMemo(
    () => (areChangesShown ? compareBlocks(readBlocks(doc, before), blocks) : undefined),
    [areChangesShown, doc, before, blocks],
  )
  useLeaveOnEscape()

  function restore() {
    const before = getHeads(document.handle.doc()) as readonly string[] as Heads
    document.handle.update((present) => restoreTo(present, sitting.heads))
    const restored = getHeads(document.handle.doc())
    const undo = () => {
      const onDesk = desk.onDesk.get()
      const isAsRestored = onDesk.state === 'open' && onDesk.document === document && equals(getHeads(document.handle.doc()), restored)
      if (isAsRestored) document.handle.update((present) => restoreTo(present, before))
      else messages.tell('The text was changed since. What was there before is in its history.')
    }
    desk.showVersion(null)
    messages.tell('This version is the present text again. What was there before is kept in the history.', { label: 'Undo', run: undo })
  }

  return (
    <div className="version">
      <div className="version-bar">
        <p role="status">
          The text as it was at the end of{' '}
          <time dateTime={new Date(sitting.endedAt).toISOString()}>{formatDateAndTime(sitting.endedAt)}</time>
        </p>
        <Switch className="switch" isSelected={areChangesShown} onChange={(isOn) => view.changesShown.set(isOn)}>
          <span className="switch-track" aria-hidden="true" />
          Show what changed
        </Switch>
        <Button className="button" onPress={() => desk.showVersion(null)}>
          Back to now
        </Button>
        <Button className="button primary" onPress={restore} isDisabled={document.role !== 'owner' && document.role !== 'editor'}>
          <RotateCcw aria-hidden="true" size={16} strokeWidth={1.75} />
          Restore this version
        </Button>
      </div>
      <VersionText title={title} blocks={blocks} comparison={comparison} />
    </div>
  )
}

interface VersionTextProps {
  title: string
  blocks: readonly BlockContent[]
  comparison?: readonly ComparedBlock[]
}

/** Set as the present text is. */
function VersionText({ title, blocks, comparison }: VersionTextProps) {
  const { session } = useApp()
  const { face, textSizePx, measure } = useStore(session.settings)
  const page = useRef<HTMLDivElement>(null)
  // Through the CSSOM, because the content policy forbids style attributes.
  useLayoutEffect(() => {
    page.current?.style.setProperty('--text-size', `${textSizePx}px`)
    page.current?.style.setProperty('--measure', String(measure))
  }, [textSizePx, measure])
  return (
    <div className="version-scroll">
      <div ref={page} className="document-page" data-face={face}>
        <h1 className="document-title" dir="auto">
          {title || 'Untitled'}
        </h1>
        <ReadOnlyText blocks={blocks} comparison={comparison} />
      </div>
    </div>
  )
}

function useLeaveOnEscape() {
  const { desk } = useApp()
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) desk.showVersion(null)
    }
    window.addEventListener('keydown', leave)
    return () => window.removeEventListener('keydown', leave)
  }, [desk])
}
