/**
 * `npm start`: sets everything up and opens the app, in Electron where that is possible and in the browser otherwise.
 * `npm start -- [--web] [--port P] [--data-dir DIR] [--no-open]`; a port or `--no-open` only makes sense in the browser, and implies it.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findElectron } from './electron-runtime.mjs'
import { build, ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

const options = {
  web: { type: 'boolean' },
  port: { type: 'string' },
  'data-dir': { type: 'string' },
  'no-open': { type: 'boolean' },
}

function readOptions() {
  try {
    const { values } = parseArgs({ options })
    if (values['data-dir'] === '') throw new Error('--data-dir takes a folder, and got none')
    return values
  } catch (error) {
    console.error(`${error.message}\nUsage: npm start -- [--web] [--port P] [--data-dir DIR] [--no-open]`)
    process.exit(1)
  }
}

const given = readOptions()
const dataDir = given['data-dir'] === undefined ? [] : ['--data-dir', resolve(process.env['INIT_CWD'] ?? '.', given['data-dir'])]

async function startInBrowser() {
  const port = given.port === undefined ? [] : ['--port', given.port]
  const noOpen = given['no-open'] ? ['--no-open'] : []
  return run(node(), ['--enable-source-maps', join(root, 'out/web/host.js'), ...dataDir, ...port, ...noOpen], { ipc: true })
}

async function start() {
  await ensureInstalled()
  await build('engine', 'web', 'main', 'preload', 'renderer')
  if (given.web || given['no-open'] || given.port !== undefined) return startInBrowser()
  const electron = await findElectron()
  if (electron.program) {
    console.log('Opening Palimpsest in Electron.')
    return run(electron.program, [root, ...dataDir])
  }
  console.log(`Opening Palimpsest in the browser, because ${electron.why}.`)
  return startInBrowser()
}

process.exit(await start())
