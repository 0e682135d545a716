/**
 * `restore`: puts a backup where a relay can start from it.
 *
 * The restored store gets a new id: clients remember by it what a relay has, and a relay that has gone back in time has less. So whatever was written after the
 * backup comes again from those who wrote it.
 */
import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import * as v from 'valibot'
import type { Command } from './arguments.ts'
import { flush, type Manifest, manifestName, sha256Of } from './backup.ts'
import { CommandError } from './command-error.ts'
import { changesName, dataDirSetting, peopleName } from './data-folder.ts'

/** Stands in the folder while it is being filled; a relay does not start from a part of a backup. */
const unfinishedName = 'restore-unfinished'

const manifestShape = v.object({
  madeAt: v.string(),
  files: v.array(v.object({ name: v.picklist([changesName, peopleName]), bytes: v.number(), sha256: v.string(), tables: v.number() })),
})

export const isUnfinished = (dataDir: string): boolean => existsSync(join(dataDir, unfinishedName))

export const restore: Command = {
  usage: 'restore BACKUP',
  summary: 'Copies a backup into a new or empty data folder; never over anything.',
  about: 'What was written after the backup comes again from the apps of those who wrote it.',
  words: [1, 1],
  settings: { 'data-dir': { ...dataDirSetting, help: 'where the relay will find everything: a new folder, or an empty one' } },
  async run(given) {
    const source = resolve(given.word(0))
    const target = resolve(given.text('data-dir') ?? '')
    const manifest = readManifest(source)
    await compare(source, manifest)
    claim(target)
    for (const { name } of manifest.files) copy(join(source, name), target, name)
    rmSync(join(target, unfinishedName))
    flush(target)
    console.log(`${target} has everything as it was on ${manifest.madeAt}. Start the relay on it.`)
    return 0
  },
}

function readManifest(source: string): Manifest {
  const file = join(source, manifestName)
  if (!existsSync(file)) throw new CommandError('folder', `${source} is no backup: ${manifestName} is missing.`)
  try {
    return v.parse(manifestShape, JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new CommandError('failed', `${file} is damaged.`, error)
  }
}

/** Throws `failed` unless every file is as it was written. */
async function compare(source: string, { files }: Manifest): Promise<void> {
  if (!files.some(({ name }) => name === changesName)) throw new CommandError('failed', `The backup has no ${changesName}.`)
  for (const { name, sha256 } of files) {
    const file = join(source, name)
    if (!existsSync(file)) throw new CommandError('failed', `The backup is not whole: ${name} is missing.`)
    if ((await sha256Of(file)) !== sha256) throw new CommandError('failed', `The backup is damaged: ${name} is not as it was written.`)
  }
}

/** Takes the folder for this; one that an earlier restore did not finish is emptied of what that had copied. */
function claim(target: string): void {
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const wasCut = isUnfinished(target)
  const names = readdirSync(target).filter((name) => name !== unfinishedName && name !== 'lost+found')
  if (names.length > 0 && !wasCut)
    throw new CommandError('folder', `${target} is not empty (${names.slice(0, 3).join(', ')}). Nothing is overwritten.`)
  for (const name of wasCut ? names : []) if (name.startsWith(changesName) || name.startsWith(peopleName)) rmSync(join(target, name))
  writeFileSync(join(target, unfinishedName), '')
  flush(target)
}

function copy(from: string, target: string, name: string): void {
  const fresh = join(target, `${name}.fresh`)
  copyFileSync(from, fresh)
  if (name === changesName) renewStore(fresh)
  flush(fresh)
  renameSync(fresh, join(target, name))
}

function renewStore(file: string): void {
  const db = new Database(file)
  db.prepare("update facts set value = ? where name = 'storageId'").run(randomUUID())
  db.close()
}
