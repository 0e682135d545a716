import { EditorState, TextSelection } from 'prosemirror-state'
import { EditorView } from 'prosemirror-view'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Settings } from '../../core/contract/engine.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import { type AppModel, useApp } from '../app/app-model.ts'
import { registerCommands } from '../app/commands.ts'
import { errorWords } from '../app/notices.ts'
import { activateEditor, noteEditorState } from './active-editor.ts'
import { bindingPlugin, composedStretch } from './binding/index.ts'
import { CountLine } from './count-line.tsx'
import { editorCommands } from './editor-commands.ts'
import { editorPlugins } from './editor-plugins.ts'
import { FindBar } from './find/find-bar.tsx'
import { attachmentsOf } from './images/attachments.ts'
import type { ImageServices } from './images/insert-image.ts'
import { finish, inPieces } from './long-edits/long-edits.ts'
import { placeOf, selectionOf } from './place.ts'
import { ImageBar } from './popups/image-bar.tsx'
import { LinkPopover } from './popups/link-popover.tsx'
import { SelectionToolbar } from './popups/selection-toolbar.tsx'
import { SlashMenu } from './popups/slash-menu.tsx'
import { changedSince, restoredVersions } from './restored-versions.ts'
import { scrollerOf } from './scroller.ts'
import { TitleField } from './title-field.tsx'
import './editor.css'
import './popups/popups.css'

interface DocumentEditorProps {
  document: OpenDocument
  settings: Settings
}

/** The page: title and text of one open document. */
export function DocumentEditor({ document, settings }: DocumentEditorProps) {
  const mount = useRef<HTMLDivElement>(null)
  const app = useApp()
  const view = useDocumentView(app, document, settings, mount)
  useEffect(() => registerCommands(editorCommands(app.session)), [app])
  useTextSettings(settings)

  const enterText = () => {
    if (!view) return
    view.dispatch(view.state.tr.setSelection(TextSelection.atStart(view.state.doc)).scrollIntoView())
    view.focus()
  }

  return (
    <>
      <FindBar isEditable={mayWrite(document)} />
      <div className="document-page" data-typewriter={settings.typewriter || undefined}>
        <TitleField document={document} isEditable={mayWrite(document)} isNew={isNew(document, view)} onLeave={enterText} />
        <div ref={mount} className="document-mount" />
      </div>
      <CountLine />
      {view && (
        <>
          <SelectionToolbar view={view} />
          <LinkPopover view={view} />
          <ImageBar view={view} />
          <SlashMenu view={view} />
        </>
      )}
    </>
  )
}

const mayWrite = ({ role }: OpenDocument) => role === 'owner' || role === 'editor'

const isNew = (document: OpenDocument, view: EditorView | null) =>
  view !== null && mayWrite(document) && document.place === null && document.title.get() === '' && view.state.doc.textContent === ''

/** An editor view that lives as long as the document is shown. */
function useDocumentView(
  app: AppModel,
  document: OpenDocument,
  settings: Settings,
  mount: RefObject<HTMLElement | null>,
): EditorView | null {
  const [view, setView] = useState<EditorView | null>(null)
  const latest = useRef(settings)
  useLayoutEffect(() => {
    latest.current = settings
  }, [settings])

  // A layout effect: it ends while the page is still there to say how far it was scrolled.
  useLayoutEffect(() => {
    if (!mount.current) return
    const created = createView(document, mount.current, () => latest.current, app)
    const release = document.holdAround(() => composedStretch(created))
    const leave = document.beforeClose(() => finish(created))
    const scroller = scrollerOf(created)
    if (document.place) {
      created.dispatch(created.state.tr.setSelection(selectionOf(created.state, document.place)))
      // Also scrolling to where it is already makes the browser lay out the page, and React still draws into it.
      if (document.place.scrollTop > 0) scroller.scrollTop = document.place.scrollTop
    }
    const deactivate = activateEditor({ view: created, document })
    setView(created)
    return () => {
      document.remember(placeOf(created, scroller))
      deactivate()
      setView(null)
      release()
      leave()
      created.destroy()
    }
  }, [app, document, mount])

  // Setting properties also has the decorations of the focus mode drawn anew.
  const { spellCheck, focus } = settings
  useEffect(() => view?.setProps({ attributes: textAttributes(spellCheck) }), [view, spellCheck, focus])
  return view
}

const imageServices = ({ session, messages }: AppModel): ImageServices => ({
  attachments: attachmentsOf(session.engine),
  refuse: (name, error) => messages.tell(`“${name}” was not inserted. ${errorWords(error)}`),
})

function createView(document: OpenDocument, mount: HTMLElement, settings: () => Settings, app: AppModel): EditorView {
  const { doc, plugin } = bindingPlugin(document.handle, { canEdit: () => mayWrite(document) })
  const restored = restoredVersions(document.handle, () => app.messages.tell(changedSince))
  const view: EditorView = new EditorView(mount, {
    state: EditorState.create({ doc, plugins: [plugin, restored, ...editorPlugins(settings, imageServices(app))] }),
    editable: () => mayWrite(document),
    attributes: textAttributes(settings().spellCheck),
    // The line that is written on never sticks to the edge of the window.
    scrollThreshold: { top: 60, right: 0, bottom: 140, left: 0 },
    scrollMargin: { top: 80, right: 0, bottom: 160, left: 0 },
    dispatchTransaction(tr) {
      for (const piece of inPieces(view.state, tr)) view.updateState(view.state.apply(piece))
      noteEditorState(view)
    },
  })
  hideFromReact(view.dom)
  return view
}

/**
 * Before each commit React reads the selection of a focused contenteditable by walking through all its nodes, to put it back afterwards: a millisecond
 * for a few thousand paragraphs, at every keystroke that changes a word anywhere in the window. The view keeps its selection itself, so
 * the property by which React knows such an element says otherwise; the attribute, which the browser goes by, stays.
 */
function hideFromReact(dom: HTMLElement) {
  Object.defineProperty(dom, 'contentEditable', { value: 'inherit' })
}

const textAttributes = (spellCheck: boolean) => ({
  class: 'document-text',
  role: 'textbox',
  'aria-multiline': 'true',
  'aria-label': 'Document text',
  spellcheck: String(spellCheck),
})

/** Size, measure and face as custom properties, set through the CSSOM because the content policy forbids style attributes. */
/** Size, measure and face of the text, for the whole window. */
export function useTextSettings({ textSizePx, measure, face }: Settings) {
  useLayoutEffect(() => {
    const root = document.documentElement
    root.style.setProperty('--text-size', `${textSizePx}px`)
    root.style.setProperty('--measure', `${measure}`)
    root.dataset.face = face
  }, [textSizePx, measure, face])
}
