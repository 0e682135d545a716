/**
 * The desktop app: opens windows on the page, joins each to the engine, and holds no product logic.
 * `palimpsest [--data-dir DIR] [palimpsest:LINK]`
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { app, dialog } from 'electron'
import { defaultDataDir } from '../host/data-dir.ts'
import { describeStartFailure } from '../host/start-failure.ts'
import { createDesktop } from './desktop.ts'
import { findLink } from './links.ts'
import { registerPageScheme } from './page-scheme.ts'

// Electron and Chromium have arguments of their own, which are not ours to refuse.
const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } }, strict: false, allowPositionals: true })
const customDataDir = typeof values['data-dir'] === 'string' && values['data-dir'] !== '' ? values['data-dir'] : null
const dataDir = resolve(customDataDir ?? defaultDataDir())
// One app for each data folder: Electron's own files and its single-instance lock go with it.
if (customDataDir) app.setPath('userData', join(dataDir, 'desktop'))

app.enableSandbox()
registerPageScheme()

async function start() {
  app.setAsDefaultProtocolClient('palimpsest')
  // Windows shows notifications only of an app that says which it is: the id of its installer.
  app.setAppUserModelId('org.palimpsest.app')
  const desktop = createDesktop(dataDir)
  app.on('second-instance', (_, argv) => desktop.open(findLink(argv)))
  app.on('open-url', (event, url) => {
    event.preventDefault()
    desktop.open(findLink([url]))
  })
  app.on('activate', () => desktop.open(null))
  // Closing windows takes a moment and calls off the quitting that asked for it, which goes on when they are gone.
  let isQuitting = false
  app.on('before-quit', () => {
    isQuitting = true
  })
  app.on('window-all-closed', () => {
    if (isQuitting || process.platform !== 'darwin') app.quit()
  })
  await app.whenReady()
  await desktop.start(findLink(process.argv))
}

if (app.requestSingleInstanceLock()) {
  start().catch((thrown: unknown) => {
    dialog.showErrorBox('Palimpsest cannot start', describeStartFailure(thrown, dataDir))
    app.exit(1)
  })
} else {
  // The instance that runs has been told, and shows its window.
  console.error(`Palimpsest is already running on this data folder: ${dataDir}. Nothing was touched.`)
  app.exit(1)
}
