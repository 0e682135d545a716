/** Permissions and spelling. Chromium is told what the app's handler decides for each permission that a page can ask for. */
import type { Session as BrowserSession } from './connection.ts'

type Decide = (isGranted: boolean) => void
type RequestHandler = (contents: null, permission: string, decide: Decide, details: object) => void

/** Electron's names, and Chromium's for the same. */
const permissions: Record<string, string[]> = {
  media: ['microphone', 'camera'],
  geolocation: ['geolocation'],
  notifications: ['notifications'],
  midi: ['midi'],
  'clipboard-read': ['clipboard-read'],
}

let requestHandler: RequestHandler | null = null

export const defaultSession = {
  isSpellCheckerEnabled: true,
  setSpellCheckerEnabled(isEnabled: boolean) {
    defaultSession.isSpellCheckerEnabled = isEnabled
  },
  setPermissionRequestHandler(handler: RequestHandler) {
    requestHandler = handler
  },
  setPermissionCheckHandler() {},
}

export async function applyPermissions(browser: BrowserSession): Promise<void> {
  for (const [permission, names] of Object.entries(permissions)) {
    let setting: 'granted' | 'denied' = 'granted'
    requestHandler?.(null, permission, (isGranted) => (setting = isGranted ? 'granted' : 'denied'), {})
    for (const name of names) await browser.send('Browser.setPermission', { permission: { name }, setting })
  }
}
