import { useStore } from '@nanostores/react'
import { FilePlus2 } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { Button } from 'react-aria-components'
import type { Role } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import { DocumentEditor, useTextSettings } from '../editor/document-editor.tsx'
import { ReadOnlyText } from '../editor/read-only-text.tsx'
import type { OpenDocument } from '../documents/open-document.ts'
import { useApp } from './app-model.ts'
import type { OnDesk, OpenFocus, Preview } from './desk.ts'
import { laterComponent } from './later.tsx'
import { errorWords } from './notices.ts'

const VersionPage = laterComponent('The version was not opened.', async () => (await import('../panels/version-page.tsx')).VersionPage)

/** The middle column: the open document, one of its versions, or what to do when there is none. */
export function Page() {
  const { desk } = useApp()
  const onDesk = useStore(desk.onDesk)
  const version = useStore(desk.version)
  switch (onDesk.state) {
    case 'opening':
      return (
        <div className="page" aria-busy="true">
          {onDesk.preview && <PreviewText key={onDesk.id} {...onDesk.preview} label="Text, still being loaded" />}
        </div>
      )
    case 'open':
      return (
        <div className="page">
          <TrashedBanner id={onDesk.id} />
          <RoleBanner role={onDesk.document.role} />
          {version && <VersionPage document={onDesk.document} version={version} onMissing={() => desk.showVersion(null)} />}
          <PresentText key={onDesk.id} document={onDesk.document} focus={onDesk.focus} isHidden={version !== null} />
        </div>
      )
    case 'failed':
      return <FailedPage {...onDesk} />
    case 'empty':
      return <EmptyDesk />
  }
}

function FailedPage({ id, error, preview }: Extract<OnDesk, { state: 'failed' }>) {
  const { actions } = useApp()
  const words = `This document cannot be opened. ${errorWords(error)}`
  const again = (
    <Button className="button" onPress={() => actions.openDocument(id)}>
      Try again
    </Button>
  )
  if (!preview) {
    return (
      <div className="page page-empty" role="alert">
        <p>{words}</p>
        {again}
      </div>
    )
  }
  return (
    <div className="page">
      <p className="banner" role="alert">
        <span>{words} Here is its last known text, to read and to copy.</span>
        {again}
      </p>
      <PreviewText key={id} {...preview} label="Last known text" />
    </div>
  )
}

/** Stands exactly where the editor will. */
function PreviewText({ text, place, label }: Preview & { label: string }) {
  const { session } = useApp()
  const frame = useRef<HTMLDivElement>(null)
  useTextSettings(useStore(session.settings))
  useLayoutEffect(() => {
    if (frame.current) frame.current.scrollTop = place?.scrollTop ?? 0
  }, [place])
  return (
    <div ref={frame} className="page-present">
      <div className="document-page">
        <h1 className="document-title" dir="auto">
          {text.title || 'Untitled'}
        </h1>
        <ReadOnlyText blocks={text.blocks} label={label} />
      </div>
    </div>
  )
}

interface PresentTextProps {
  document: OpenDocument
  focus: OpenFocus
  isHidden: boolean
}

/** The editor, which keeps its place while a version is shown over it. */
function PresentText({ document, focus, isHidden }: PresentTextProps) {
  const { session } = useApp()
  const settings = useStore(session.settings)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const wanted = { title: 'textarea', text: '[role="textbox"]', stay: null }[focus]
    if (wanted) frame.current?.querySelector<HTMLElement>(wanted)?.focus({ preventScroll: true })
  }, [document, focus])
  // Whoever left a version by its own buttons goes on in the text; whoever walks through the list of versions stays there.
  const wasHidden = useRef(isHidden)
  useEffect(() => {
    const isBack = wasHidden.current && !isHidden
    wasHidden.current = isHidden
    const isNowhere = window.document.activeElement === window.document.body
    if (isBack && isNowhere) frame.current?.querySelector<HTMLElement>('[role="textbox"]')?.focus({ preventScroll: true })
  }, [isHidden])
  return (
    <div ref={frame} className="page-present" inert={isHidden}>
      <DocumentEditor document={document} settings={settings} />
    </div>
  )
}

function EmptyDesk() {
  const { actions, library } = useApp()
  const { isRead, documents } = useStore(library)
  if (!isRead) return <div className="page" />
  const isFirst = [...documents.values()].every(({ trashedAt }) => trashedAt !== null)
  return (
    <div className="page page-empty">
      <p>
        {isFirst ? 'Nothing stands here yet.' : 'Choose a document from the library, or begin a new one.'} Every word is kept on this
        computer as you write it.
      </p>
      <Button className="button primary" onPress={() => void actions.newDocument()}>
        <FilePlus2 aria-hidden="true" size={16} strokeWidth={1.75} />
        Begin writing
      </Button>
    </div>
  )
}

function RoleBanner({ role }: { role: Role }) {
  if (role === 'owner' || role === 'editor') return null
  return (
    <p className="banner" role="status">
      <span>{role === 'commenter' ? 'You can read this and comment on it, not change it.' : 'You can read this, not change it.'}</span>
    </p>
  )
}

function TrashedBanner({ id }: { id: DocumentId }) {
  const { actions, library } = useApp()
  const summary = useStore(library).documents.get(id)
  if (!summary || summary.trashedAt === null) return null
  return (
    <p className="banner" role="status">
      <span>This document is in the trash.</span>
      <Button className="button" onPress={() => void actions.restore([id])}>
        Take it out
      </Button>
    </p>
  )
}
