import { useStore } from '@nanostores/react'
import { RotateCcw } from 'lucide-react'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { EditorView } from 'prosemirror-view'
import { Button, Switch } from 'react-aria-components'
import { equals, getHeads } from '@automerge/automerge/slim'
import { type ComparedBlock, compareBlocks } from '../../core/history/compare.ts'
import type { Heads } from '../../core/ids.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import { readBlocks, readTitle } from '../../core/text/read.ts'
import { useApp } from '../app/app-model.ts'
import type { ShownVersion } from '../app/desk.ts'
import { formatDateAndTime } from '../app/format.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import { type Restoring, restoreVersion } from '../documents/restoring.ts'
import { activeEditor } from '../editor/active-editor.ts'
import { ReadOnlyText } from '../editor/read-only-text.tsx'
import { changedSince, noteRestored, takeBackRestored } from '../editor/restored-versions.ts'

interface VersionPageProps {
  document: OpenDocument
  version: ShownVersion
}

/** The document as it was, in the place of the present text. */
export function VersionPage({ document, version: { sitting, before } }: VersionPageProps) {
  const { desk, messages, view } = useApp()
  const areChangesShown = useStore(view.changesShown)
  // A version stays as it is whatever happens to the document.
  const { handle } = document
  const title = useMemo(() => readTitle(handle.doc(), sitting.heads), [handle, sitting])
  const blocks = useMemo(() => readBlocks(handle.doc(), sitting.heads), [handle, sitting])
  const comparison = useMemo(
    () => (areChangesShown ? compareBlocks(readBlocks(handle.doc(), before), blocks) : undefined),
    [areChangesShown, handle, before, blocks],
  )
  const [restoring, setRestoring] = useState<Restoring | null>(null)
  const bar = useRef<HTMLProgressElement>(null)
  useLeaveOnEscape()
  // Who leaves the page stops it.
  useEffect(() => () => restoring?.stop(), [restoring])

  async function restore() {
    const before = getHeads(handle.doc()) as readonly string[] as Heads
    const onProgress = (share: number) => {
      if (bar.current) bar.current.value = share
    }
    const begun = restoreVersion(handle, sitting.heads, { onProgress })
    setRestoring(begun)
    const isWhole = await begun.whole
    const restored = getHeads(handle.doc())
    const editor = editorOf(document)
    if (editor && !equals([...before], restored)) noteRestored(editor.state, before, (heads) => bringBack(document, heads))
    const undo = () => {
      const onDesk = desk.onDesk.get()
      const isAsRestored = onDesk.state === 'open' && onDesk.document === document && equals(getHeads(handle.doc()), restored)
      if (!isAsRestored) messages.tell(changedSince)
      else if (!takeBackIn(editorOf(document))) void bringBack(document, before)
    }
    if (isWhole) desk.showVersion(null)
    const words = isWhole ? 'This version is the present text again.' : 'A part of the text is as it was in this version again.'
    messages.tell(`${words} What was there before is kept in the history.`, { label: 'Undo', run: undo })
    setRestoring(null)
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
        {restoring ? (
          <>
            <label>
              Restoring <progress ref={bar} value={0} />
            </label>
            <Button className="button" onPress={() => restoring.stop()}>
              Stop
            </Button>
          </>
        ) : (
          <Button
            className="button primary"
            onPress={() => void restore()}
            isDisabled={document.role !== 'owner' && document.role !== 'editor'}
          >
            <RotateCcw aria-hidden="true" size={16} strokeWidth={1.75} />
            Restore this version
          </Button>
        )}
      </div>
      <VersionText title={title} blocks={blocks} comparison={comparison} />
    </div>
  )
}

const editorOf = (document: OpenDocument) => {
  const editor = activeEditor.get()
  return editor?.document === document ? editor.view : null
}

/** What was there before a restoring comes back to its end, also where the document is left meanwhile: nobody would hear that it stopped half way. */
function bringBack(document: OpenDocument, heads: Heads): Promise<boolean> {
  const { whole, finish } = restoreVersion(document.handle, heads)
  const end = document.beforeClose(finish)
  return whole.finally(end)
}

/** Whether the editor knew of it; one that was made anew since does not. */
const takeBackIn = (editor: EditorView | null) => editor !== null && takeBackRestored(editor.state, editor.dispatch)

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
