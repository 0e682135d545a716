/** Whether the desktop app can open here, and the program it runs in. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { node } from './run.mjs'
import { root } from './root.mjs'

const electronDir = join(root, 'node_modules/electron')
const reachMs = 5_000
const downloadMs = 300_000

/** `{ program }`, or `{ why }` it cannot be. Downloads the runtime where it is missing, which `electron` leaves to its first use. */
export async function findElectron() {
  const obstacle = findObstacle()
  if (obstacle) return { why: obstacle }
  const present = runtime()
  if (present) return { program: present }
  const program = (await canDownload()) && (await download()) ? runtime() : null
  return program ? { program } : { why: "Electron's runtime cannot be downloaded here" }
}

function findObstacle() {
  if (process.platform !== 'linux') return null
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'there is no screen for a window'
  if (process.getuid?.() === 0) return 'Electron does not run as root'
  return null
}

function runtime() {
  const pathFile = join(electronDir, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const program = join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(electronDir, 'dist'), name)
  return existsSync(program) ? program : null
}

/** A machine behind a closed network should not wait for a long download to fail. */
async function canDownload() {
  if (process.env['ELECTRON_MIRROR']) return true
  try {
    await fetch('https://github.com/electron/electron/releases', { method: 'HEAD', signal: AbortSignal.timeout(reachMs) })
    return true
  } catch {
    return false
  }
}

function download() {
  console.log("Downloading Electron's runtime.")
  const child = spawn(node(), [join(electronDir, 'install.js')], { stdio: 'ignore', timeout: downloadMs })
  return new Promise((done) => {
    child.once('error', () => done(false))
    child.once('exit', (code) => done(code === 0))
  })
}
