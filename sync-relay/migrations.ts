/**
 * The tables of a SQLite file, step by step. The file's `user_version` says how many steps it has taken. A step and its number are one transaction, flushed to the
 * disk: a process that is killed in the middle of one leaves the file as it was before that step, and the next to open it takes the step again.
 */
import type Database from 'better-sqlite3'

export const versionOf = (db: Database.Database): number => db.pragma('user_version', { simple: true }) as number

/** Takes the steps that the file has not taken. A step that was released is never changed. Throws on a file that a newer relay wrote. */
export function migrate(db: Database.Database, steps: readonly string[], file: string): void {
  const version = versionOf(db)
  if (version > steps.length) throw new Error(`${file} was written by a newer relay (tables of version ${version}); install that one`)
  if (version === steps.length) return
  const synchronous = db.pragma('synchronous', { simple: true }) as number
  db.pragma('synchronous = FULL')
  try {
    for (let at = version; at < steps.length; at++) db.transaction(() => takeStep(db, steps[at] as string, at)).immediate()
  } finally {
    db.pragma(`synchronous = ${synchronous}`)
  }
}

/** Asks again for the version: another process may have been faster. */
function takeStep(db: Database.Database, step: string, at: number): void {
  if (versionOf(db) > at) return
  db.exec(step)
  db.pragma(`user_version = ${at + 1}`)
}
