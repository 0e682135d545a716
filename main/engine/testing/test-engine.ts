/** A real engine on a real folder, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createEngine, type Engine, type EngineOptions } from '../engine.ts'

export { connect, OpenText, shareByLink } from './open-text.ts'

export const silentLog = { info: () => {}, error: () => {} }

/** A folder of its own, removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts an engine that is closed when the test is over, if the test has not done so. */
export async function startEngine(dataDir: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await createEngine({
    dataDir,
    version: '0.0.0',
    log: silentLog,
    welcome: false,
    ...options,
    timing: { indexMs: 5, ...options.timing },
  })
  let closing: Promise<void> | null = null
  const close = () => (closing ??= engine.close())
  onTestFinished(close)
  return { accept: engine.accept, close }
}

/** Resolves when `check` holds; looks again whenever the event loop has nothing else to do. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 2))
}
