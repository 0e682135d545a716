import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { whenOrphaned } from './orphan.mjs'
import { root } from './root.mjs'

const installed = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

export const hasNode = () => existsSync(installed)

/** The Node that the project brings along, whatever the machine has. */
export const node = () => (hasNode() ? installed : process.execPath)

/** Runs a program in the checkout with this terminal, passes signals on, and resolves with its exit code. */
export function run(command, args, { env, ipc = false, ...options } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    // With a channel the child notices when this process is gone.
    stdio: ipc ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: { ...process.env, ...env },
    ...options,
  })
  const pass = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
  whenOrphaned(() => pass('SIGTERM'))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, pass)
      done(code ?? 1)
    })
  })
}

/** As `run`, but ends this process where the program failed. */
export async function mustRun(command, args, options) {
  const code = await run(command, args, options)
  if (code !== 0) process.exit(code)
}
