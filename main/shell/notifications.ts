/** Notifications of the system, on behalf of a page. */
import { BrowserWindow, Notification } from 'electron'
import { showWindow, tell } from './windows.ts'

/** What is shown: without a reference it would be forgotten, and its click with it. */
const shown = new Set<Notification>()
const maxShown = 50

/** Shows a line; a click brings the window, and tells its page which one it was. */
export function showNotification(window: BrowserWindow, { id, text }: { id: string; text: string }) {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title: 'Palimpsest', body: text })
  const forget = () => void shown.delete(notification)
  notification.on('close', forget)
  notification.on('click', () => {
    forget()
    if (!BrowserWindow.getAllWindows().includes(window)) return
    showWindow(window)
    tell(window, { type: 'notification.followed', id })
  })
  shown.add(notification)
  for (const oldest of [...shown].slice(0, -maxShown)) shown.delete(oldest)
  notification.show()
}
