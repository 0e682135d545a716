/**
 * One engine on a data folder. The lock is an exclusive transaction on a small SQLite file: the system lets go of it when the process ends,
 * however it ends, so a lock is never left behind. The holder's pid stands beside it, for the message to the second.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { PalimpsestError } from '../../../core/errors.ts'
import { diskProblem } from './durable-files.ts'

export interface DataLock {
  release(): void
}

/**
 * Throws `locked` when another process has the folder, `read-only` when there can be no lock because nothing can be written, and `invalid` when there is no
 * such folder and none can be made.
 */
export function lockDataFolder(dataDir: string): DataLock {
  makeFolder(dataDir)
  let database: Database.Database | undefined
  try {
    database = new Database(join(dataDir, 'lock'), { timeout: 0 })
    database.pragma('locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    noteHolder(dataDir)
  } catch (cause) {
    database?.close()
    throw refusal(dataDir, cause)
  }
  const held = database
  return { release: () => held.close() }
}

/** With those above it, one by one: Node's own way never ends in a folder that takes no other, as `/proc`. */
function makeFolder(path: string): void {
  try {
    if (isFolder(path)) return
    if (dirname(path) !== path) makeFolder(dirname(path))
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    if (cause instanceof PalimpsestError) throw cause
    const code = diskProblem(cause) === 'disk-full' ? 'disk-full' : 'invalid'
    throw new PalimpsestError(code, `${path} is no folder and cannot be made one`, { cause })
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** On a full disk the lock holds without it; only the message to a second process will be poorer. */
function noteHolder(dataDir: string): void {
  try {
    writeFileSync(join(dataDir, 'lock.pid'), String(process.pid))
  } catch (error) {
    if (diskProblem(error) !== 'disk-full') throw error
  }
}

function refusal(dataDir: string, cause: unknown): PalimpsestError {
  const code = (cause as { code?: string }).code ?? ''
  if (code.startsWith('SQLITE_BUSY')) {
    const pid = holder(dataDir)
    return new PalimpsestError('locked', `${dataDir} is in use by process ${pid}`, { cause, detail: pid })
  }
  if (/^(SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_FULL|EROFS|EACCES|EPERM|ENOENT|ENOSPC)/.test(code)) {
    return new PalimpsestError('read-only', `${dataDir} cannot be written: ${code}`, { cause })
  }
  return new PalimpsestError('internal', `${dataDir} cannot be locked`, { cause })
}

function holder(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'lock.pid'), 'utf8')
  } catch {
    return 'unknown' // It has just started and not written its number yet.
  }
}
