/** Notifications outside the window: of the system through the shell, or of the browser where there is no shell. */
import { shell, tellShell } from './shell.ts'

/** Whether notifications can be shown: yes, not before the person was asked, not any more, or never here. */
export type Allowance = 'allowed' | 'unasked' | 'refused' | 'impossible'

export interface Notifications {
  allowance(): Allowance
  /** Asks the person, where the browser wants that. Only in answer to something that they did. */
  ask(): Promise<Allowance>
  /** Shows a line. `open` is called when the person follows it, with the window in front. */
  show(text: string, open: () => void): void
  /** The shell says that the notification with this id was followed. */
  followed(id: string): void
}

export const createNotifications = (): Notifications => (shell ? systemNotifications() : browserNotifications())

/** Those that can still be followed. Older ones only bring the window. */
const maxFollowed = 50
const maxTextLength = 500

function systemNotifications(): Notifications {
  const opened = new Map<string, () => void>()
  let last = 0
  return {
    allowance: () => 'allowed',
    ask: async () => 'allowed',
    show(text, open) {
      // One that a former page of this window showed leads nowhere.
      const id = `${performance.timeOrigin} ${++last}`
      opened.set(id, open)
      for (const oldest of [...opened.keys()].slice(0, -maxFollowed)) opened.delete(oldest)
      tellShell({ type: 'notification.show', id, text: text.slice(0, maxTextLength) })
    },
    followed(id) {
      opened.get(id)?.()
      opened.delete(id)
    },
  }
}

const allowances: Record<NotificationPermission, Allowance> = { granted: 'allowed', default: 'unasked', denied: 'refused' }

function browserNotifications(): Notifications {
  const isThere = 'Notification' in window
  return {
    allowance: () => (isThere ? allowances[Notification.permission] : 'impossible'),
    ask: async () => (isThere ? allowances[await Notification.requestPermission()] : 'impossible'),
    show(text, open) {
      const shown = new Notification('Palimpsest', { body: text.slice(0, maxTextLength), dir: 'auto' })
      shown.addEventListener('click', () => {
        window.focus()
        shown.close()
        open()
      })
    },
    followed: () => {},
  }
}
