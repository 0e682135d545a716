/** What no page may do, ours included: go elsewhere, open windows, embed others, or get at the machine. */
import { app, session, shell } from 'electron'
import { mayOpenOutside } from './links.ts'
import { isPageAddress } from './page-scheme.ts'

/** Copying text that the person selected is all that the page needs; everything else is denied, and so is what browsers add later. */
const allowedPermissions = new Set(['clipboard-sanitized-write', 'fullscreen'])

export function guardPages() {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isPageAddress(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}

export function guardPermissions() {
  session.defaultSession.setPermissionRequestHandler((_, permission, decide) => decide(allowedPermissions.has(permission)))
  session.defaultSession.setPermissionCheckHandler((_, permission) => allowedPermissions.has(permission))
}
