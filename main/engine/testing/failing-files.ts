/** Files of which operations fail when a test says so. */
import * as nodeFiles from 'node:fs/promises'
import type { FileSystem } from '../storage/durable-files.ts'

type Step = 'open' | 'write' | 'sync' | 'rename' | 'sync-folder'

const fault = (code: string) => Object.assign(new Error(`${code}: injected`), { code })

/** The n-th step of a kind fails from `failing` on, until it is set to null. */
export class FailingFiles {
  /** What fails at present, and how. */
  failing: { step: Step; code: string } | null = null
  /** Half of the bytes reach the file before a write fails, as on a disk that fills up. */
  readonly fs: FileSystem = {
    ...nodeFiles,
    open: async (path, flags, mode) => {
      const isFolder = flags === 'r'
      if (!isFolder) this.#step('open')
      const file = await nodeFiles.open(path, flags, mode)
      return this.#watch(file, isFolder)
    },
    rename: async (from, to) => {
      this.#step('rename')
      return nodeFiles.rename(from, to)
    },
  }

  #step(step: Step): void {
    if (this.failing?.step === step) throw fault(this.failing.code)
  }

  #watch(file: nodeFiles.FileHandle, isFolder: boolean): nodeFiles.FileHandle {
    const write = file.writeFile.bind(file)
    const sync = file.sync.bind(file)
    file.writeFile = async (bytes) => {
      if (this.failing?.step === 'write' && bytes instanceof Uint8Array) await write(bytes.subarray(0, bytes.length / 2))
      this.#step('write')
      return write(bytes)
    }
    file.sync = async () => {
      this.#step(isFolder ? 'sync-folder' : 'sync')
      return sync()
    }
    return file
  }
}
