import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'

/** A zip archive that grows file by file, each in one turn and without a worker, which the content policy forbids. */
export interface ZipWriter {
  add(path: string, bytes: Uint8Array, method: 'compressed' | 'stored'): void
  finish(): Blob
}

export function createZip(): ZipWriter {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    parts.push(chunk.slice())
  })
  return {
    add(path, bytes, method) {
      const file = method === 'stored' ? new ZipPassThrough(path) : new ZipDeflate(path, { level: 6 })
      zip.add(file)
      file.push(bytes, true)
    },
    finish() {
      zip.end()
      return new Blob(parts, { type: 'application/zip' })
    },
  }
}
