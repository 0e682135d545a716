import { useStore } from '@nanostores/react'
import { useEffect } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { tellShell } from '../client/shell.ts'
import { FileCenter } from '../files/file-center.tsx'
import { Sidebar } from '../library/sidebar.tsx'
import { Margin } from '../panels/margin.tsx'
import { type AppModel, AppModelContext, useApp } from './app-model.ts'
import { plainName } from './format.ts'
import { laterComponent } from './later.tsx'
import { narrow, useMedia } from './media.ts'
import { Banners, Toasts } from './messages-view.tsx'
import { Page } from './page.tsx'
import { Palette } from './palette.tsx'
import { TopBar } from './top-bar.tsx'
import { useQuietWhileTyping } from './quiet.ts'
import { remember } from './view.ts'

const Dialogs = laterComponent('The dialog was not opened.', async () => (await import('./dialogs/dialogs.tsx')).Dialogs)

export function App({ model }: { model: AppModel }) {
  return (
    <AppModelContext value={model}>
      <Window />
      <OpenDialog />
      <FileCenter />
      <Toasts />
    </AppModelContext>
  )
}

function OpenDialog() {
  const { view } = useApp()
  const dialog = useStore(view.dialog)
  if (dialog === null) return null
  // People type on as soon as they have called the palette, so it may not come a moment later: what they type would go into the text.
  if (dialog.name === 'palette') return <Palette />
  return <Dialogs onMissing={() => view.dialog.set(null)} />
}

/** Three columns: library, page, margin. */
function Window() {
  const { session, view } = useApp()
  const settings = useStore(session.settings)
  const hasStarted = useStore(session.info) !== null
  const margin = useStore(view.margin)
  const isNarrow = useMedia(narrow)
  const isQuiet = useQuietWhileTyping()
  useAppearance()
  useWindowTitle()
  if (!hasStarted) return <div className="window" aria-busy="true" />
  const isAlone = settings.focus !== 'off'
  return (
    <div className="window" data-focus={settings.focus} data-quiet={isQuiet || undefined}>
      {!isNarrow && settings.sidebarOpen && !isAlone && <Sidebar />}
      {isNarrow && <SidebarDrawer />}
      <main className="desk">
        <TopBar />
        <Banners />
        <Page />
      </main>
      {margin !== 'none' && !isAlone && <Margin panel={margin} />}
    </div>
  )
}

function SidebarDrawer() {
  const { view } = useApp()
  const isOpen = useStore(view.drawer)
  return (
    <ModalOverlay className="drawer-overlay" isOpen={isOpen} isDismissable onOpenChange={(open) => view.drawer.set(open)}>
      <Modal className="drawer">
        <Dialog className="drawer-content" aria-label="Library">
          <Sidebar />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

/** Puts what the person chose for the whole window on its root, where the styles read it. */
function useAppearance() {
  const { session } = useApp()
  const { theme, face } = useStore(session.settings)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.dataset.face = face
    // The next start shows the theme before the engine has answered.
    remember('theme', theme)
  }, [theme, face])
}

function useWindowTitle() {
  const { desk, session } = useApp()
  const onDesk = useStore(desk.onDesk)
  useEffect(() => {
    const show = (title: string) => {
      const shown = title === '' ? 'Palimpsest' : `${title} · Palimpsest`
      document.title = shown
      tellShell({ type: 'window.title', title: shown })
    }
    if (onDesk.state === 'open') return onDesk.document.title.subscribe((title) => show(plainName(title) || 'Untitled'))
    show('')
    return undefined
  }, [onDesk, session])
}
