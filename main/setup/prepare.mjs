/** Brings a checkout into a state in which it can run: dependencies as in the lockfile, and everything built. Needs any Node from 20 on. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasNode, mustRun, node } from './run.mjs'
import { root } from './root.mjs'

const lockfile = join(root, 'package-lock.json')
const installedLockfile = join(root, 'node_modules/.package-lock.json')
const stampFile = join(root, 'node_modules/.palimpsest-installed')

/** Installs the dependencies where they are missing or older than the lockfile. */
export async function ensureInstalled() {
  const stamp = createHash('sha256').update(readFileSync(lockfile)).digest('hex')
  if (isInstalled(stamp)) return
  console.log('Installing the dependencies, which takes about a minute.')
  // Only the package that brings our own Node needs its script; older versions of npm would run all of them.
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error')
  await npm('rebuild', 'node', '--loglevel=error')
  writeFileSync(stampFile, stamp)
}

function isInstalled(stamp) {
  // An installation that was cut off may lack it.
  if (!existsSync(installedLockfile) || !hasNode()) return false
  if (existsSync(stampFile)) return readFileSync(stampFile, 'utf8') === stamp
  // Installed by hand.
  return statSync(installedLockfile).mtimeMs >= statSync(lockfile).mtimeMs
}

function npm(...args) {
  const { npm_execpath: script, npm_node_execpath: itsNode = process.execPath } = process.env
  // Not the Node that runs this: a script of the package runs under the project's own, which an installation removes.
  if (script?.endsWith('.js')) return mustRun(itsNode, [script, ...args])
  return mustRun('npm', args, { shell: process.platform === 'win32' })
}

/** Builds what is stale, or only the named parts. */
export const build = (...parts) => mustRun(node(), [join(root, 'main/setup/build.mjs'), '--quiet', ...parts])
