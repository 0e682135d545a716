/**
 * Files that are either there whole or not there at all, also after a power cut: written to a temporary file on the same file system, flushed,
 * renamed into place, and the folder flushed. Temporary files live in a folder of their own, because another program that reads
 * the documents' folders takes every file there for a chunk.
 */
import * as nodeFiles from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What is used of `node:fs/promises`, so that tests can let any step fail. */
export type FileSystem = Pick<typeof nodeFiles, 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm' | 'stat' | 'unlink'>

export class DurableFiles {
  readonly fs: FileSystem
  readonly #temporary: string
  readonly #isWritable: boolean
  #count = 0

  /** Not `isWritable` is for a folder that we have no lock on: then every write fails, as it would on a read-only disk. */
  constructor(temporaryFolder: string, fs: FileSystem = nodeFiles, isWritable = true) {
    this.fs = fs
    this.#temporary = temporaryFolder
    this.#isWritable = isWritable
  }

  /** Resolves when the file is durable under its name. On failure whatever stood there before still stands there. */
  async write(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
    this.#requireWritable()
    await this.makeFolder(this.#temporary)
    await this.makeFolder(dirname(path))
    const temporary = this.#temporaryName()
    try {
      await this.#writeFlushed(temporary, bytes, mode)
      await this.fs.rename(temporary, path)
    } catch (error) {
      await this.fs.rm(temporary, { force: true }).catch(() => {}) // What failed is more telling than what was left behind.
      throw error
    }
    await this.flushFolder(dirname(path))
  }

  /** Creates a folder with those above it, each durable in its parent. */
  async makeFolder(path: string): Promise<void> {
    const first = await this.fs.mkdir(path, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let folder = dirname(path); folder.length >= dirname(first).length; folder = dirname(folder)) await this.flushFolder(folder)
  }

  /** Makes renames and removals in a folder durable. Windows has no such thing: its file system orders them itself. */
  async flushFolder(path: string): Promise<void> {
    if (process.platform === 'win32') return
    const folder = await this.fs.open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  /** Moves a file or folder, durably on both sides. */
  async move(from: string, to: string): Promise<void> {
    this.#requireWritable()
    await this.makeFolder(dirname(to))
    await this.fs.rename(from, to)
    await this.flushFolder(dirname(to))
    await this.flushFolder(dirname(from))
  }

  /** Removes a folder with all in it: it disappears in one step, and its content after that. */
  async removeFolder(path: string): Promise<void> {
    this.#requireWritable()
    await this.makeFolder(this.#temporary)
    const away = this.#temporaryName()
    try {
      await this.move(path, away)
    } catch (error) {
      if (isMissing(error)) return
      throw error
    }
    await this.fs.rm(away, { recursive: true, force: true })
  }

  /** Removes what an earlier process left half written. */
  async removeLeftovers(): Promise<void> {
    if (this.#isWritable) await this.fs.rm(this.#temporary, { recursive: true, force: true })
  }

  #requireWritable(): void {
    if (!this.#isWritable) throw Object.assign(new Error('EROFS: the data folder is not ours to write'), { code: 'EROFS' })
  }

  async #writeFlushed(path: string, bytes: Uint8Array, mode: number): Promise<void> {
    const file = await this.fs.open(path, 'wx', mode)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  #temporaryName = () => join(this.#temporary, `${process.pid}-${++this.#count}`)
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

/** Whether a file operation failed because there is no such file or folder. */
export const isMissing = (error: unknown) => codeOf(error) === 'ENOENT'

/** What a failed write says about the disk; `null` when it says nothing about it. */
export function diskProblem(error: unknown): 'disk-full' | 'read-only' | null {
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error))) return 'disk-full'
  if (['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error))) return 'read-only'
  return null
}
