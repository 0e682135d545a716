import { useStore } from '@nanostores/react'
import { Info, TriangleAlert, X } from 'lucide-react'
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components'
import { useApp } from './app-model.ts'
import { IconButton } from './controls.tsx'

/** Lines that stay, between the bar and the page. */
export function Banners() {
  const { messages, session } = useApp()
  const banners = useStore(messages.banners)
  const connection = useStore(session.connection)
  const hasStarted = useStore(session.info) !== null
  return (
    <div className="banners">
      {hasStarted && connection !== 'connected' && (
        <p className="banner" role="status">
          <Info aria-hidden="true" size={16} />
          <span>
            Palimpsest’s engine is being started again. Go on writing: what you write is kept here and saved as soon as it is back.
          </span>
        </p>
      )}
      {banners.map((banner) => (
        <p key={banner.text} className="banner" data-tone={banner.tone} role="alert">
          <TriangleAlert aria-hidden="true" size={16} />
          <span>{banner.text}</span>
          <IconButton icon={X} label="Dismiss" onPress={() => messages.dismiss(banner)} />
        </p>
      ))}
    </div>
  )
}

/** Lines that pass by. F6 reaches them by keyboard. */
export function Toasts() {
  const { messages } = useApp()
  return (
    <ToastRegion className="toasts" queue={messages.toasts} aria-label="Messages">
      {({ toast }) => (
        <Toast className="toast" toast={toast} data-tone={toast.content.tone}>
          <ToastContent className="toast-content">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.action && (
            <Button
              className="toast-action"
              onPress={() => {
                toast.content.action?.run()
                messages.toasts.close(toast.key)
              }}
            >
              {toast.content.action.label}
            </Button>
          )}
          <Button slot="close" className="icon-button" aria-label="Dismiss">
            <X aria-hidden="true" size={16} />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  )
}
