/**
 * One engine on a data folder. The lock is an exclusive transaction on a small SQLite file: the system lets go of it when the process ends,
 * however it ends, so a lock is never left behind. The holder's pid stands beside it, for the message to the second.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { PalimpsestError } from '../../../core/errors.ts'
import { diskProblem } from './durable-files.ts'

export interface DataLock {
  release(): void
}

/** Throws `locked` when another process has the folder, and `read-only` when there can be no lock because nothing can be written. */
export function lockDataFolder(dataDir: string): DataLock {
  let database: Database.Database | undefined
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
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
  if (/^(ENOTDIR|EEXIST|ENAMETOOLONG)/.test(code)) return new PalimpsestError('invalid', `${dataDir} is no folder: ${code}`, { cause })
  return new PalimpsestError('internal', `${dataDir} cannot be locked`, { cause })
}

function holder(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'lock.pid'), 'utf8')
  } catch {
    return 'unknown' // It has just started and not written its number yet.
  }
}
