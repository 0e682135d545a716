/**
 * `backup`: a copy of everything at one moment, while the relay goes on.
 *
 * The two files are read in transactions that begin one right after the other, the changes first. A relay writes what it decides about people before it stores
 * the changes that this lets in, so the copy of the people has every right that a change in the other copy needed: the two are what a relay that was killed
 * at that moment would find, and it starts from that. The copy is made beside its place and gets its name when it is whole and on the disk.
 */
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import { versionOf } from '../migrations.ts'
import { lockFile } from '../sqlite-file.ts'
import type { Command } from './arguments.ts'
import { CommandError } from './command-error.ts'
import { changesName, DataFolder, dataDirSetting, isBusy, openToRead, peopleName } from './data-folder.ts'

export const manifestName = 'backup.json'

/** What stands in a backup beside the files. */
export interface Manifest {
  madeAt: string
  files: { name: string; bytes: number; sha256: string; tables: number }[]
}

/** Pages that are copied before anything else gets a turn. */
const pagesAtOnce = 1_000

export const backup: Command = {
  usage: 'backup FOLDER',
  summary: 'Copies everything into a new folder, also while the relay is running.',
  about: 'The copy holds all the words and all the rights: keep it as you would keep the relay. FOLDER must not be there yet.',
  words: [1, 1],
  settings: { 'data-dir': dataDirSetting },
  async run(given) {
    const folder = DataFolder.of(given)
    const target = resolve(given.word(0))
    if (existsSync(target)) throw new CommandError('folder', `${target} is there already.`)
    const lock = lockBackups(folder)
    try {
      const { files } = await copyWhole(folder, target)
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
      console.log(`${target} has the backup: ${files.map(({ name }) => name).join(', ')}, ${bytes} bytes.`)
    } finally {
      lock.close()
    }
    return 0
  },
}

/** One at a time, so that nobody removes what another one is writing. */
function lockBackups(folder: DataFolder): Database.Database {
  try {
    return lockFile(join(folder.path, 'backup'))
  } catch (error) {
    if (isBusy(error)) throw new CommandError('folder', 'Another backup of this folder is being made.', error)
    throw error
  }
}

async function copyWhole(folder: DataFolder, target: string): Promise<Manifest> {
  const unfinished = join(dirname(target), `${basename(target)}.unfinished`)
  // Of one that was cut short.
  rmSync(unfinished, { recursive: true, force: true })
  try {
    mkdirSync(unfinished, { recursive: true, mode: 0o700 })
    await copyAtOneMoment(folder, unfinished)
    const names = [changesName, peopleName].filter((name) => existsSync(join(unfinished, name)))
    const manifest = { madeAt: new Date().toISOString(), files: await Promise.all(names.map((name) => describe(unfinished, name))) }
    writeFileSync(join(unfinished, manifestName), `${JSON.stringify(manifest, null, 2)}\n`)
    for (const name of [...names, manifestName, '.']) flush(join(unfinished, name))
    renameSync(unfinished, target)
    flush(dirname(target))
    return manifest
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
}

async function copyAtOneMoment(folder: DataFolder, into: string): Promise<void> {
  const sources = [changesName, ...(folder.hasPeople ? [peopleName] : [])].map((name) => ({
    name,
    db: openToRead(join(folder.path, name)),
  }))
  try {
    for (const { db } of sources) beginReading(db)
    for (const { name, db } of sources) {
      const copy = join(into, name)
      await db.backup(copy, { progress: () => pagesAtOnce })
      settle(copy)
    }
  } finally {
    for (const { db } of sources) db.close()
  }
}

/** From its first read on a transaction sees the file as it is at that moment. */
function beginReading(db: Database.Database): void {
  db.exec('begin')
  versionOf(db)
  db.prepare('select count(*) from sqlite_schema').get()
}

/** Makes one file of it, which can be read where nothing can be written. */
function settle(file: string): void {
  const db = new Database(file)
  db.pragma('journal_mode = DELETE')
  db.close()
}

async function describe(folder: string, name: string): Promise<Manifest['files'][number]> {
  const file = join(folder, name)
  const db = openToRead(file)
  const tables = versionOf(db)
  db.close()
  return { name, bytes: statSync(file).size, sha256: await sha256Of(file), tables }
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** Writes a file, or the names in a folder, to the disk itself. */
export function flush(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } catch (error) {
    // A folder cannot be flushed everywhere; where it cannot, the system does so by itself.
    if (!['EISDIR', 'EPERM', 'EINVAL'].includes((error as { code?: string }).code ?? '')) throw error
  } finally {
    closeSync(handle)
  }
}
