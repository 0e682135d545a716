/**
 * Keeps the number and size of a document's chunk files in bounds. Two steps, the first of them cheap:
 *
 * - many small incremental chunks are joined into one, byte by byte;
 * - when there is more in incremental chunks than in the snapshot, all of it becomes one new snapshot, made in a worker thread.
 *
 * In both, the new file is durable, read back and compared before anything that it replaces is removed. Killed at any point, there are at worst
 * two files that say the same.
 */
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Documents } from '../documents.ts'
import type { ChunkFile } from './chunk-folder.ts'

/** Incremental chunks beyond which they are joined. */
const maxIncrementalFiles = 64
/** Chunks that are larger than this are not joined: writing them again costs more than it saves. */
const smallBytes = 64 * 1024
/** A document smaller than this is not worth a snapshot. */
const minSnapshotBytes = 64 * 1024

export interface CompactionOptions {
  documents: Documents
  onFault: (error: PalimpsestError) => void
  maxIncrementalFiles?: number
  minSnapshotBytes?: number
}

export class Compaction {
  readonly #options: Required<CompactionOptions>
  /** Files written since the document was last looked at. */
  readonly #written = new Map<DocumentId, { files: number; bytes: number }>()
  readonly #stop: () => void
  #queue: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: CompactionOptions) {
    this.#options = { maxIncrementalFiles, minSnapshotBytes, ...options }
    this.#stop = options.documents.onWritten(({ id, file }) => this.#count(id, file))
  }

  /** Looks at a document now. Resolves when nothing is left to do for it. */
  compact(id: DocumentId): Promise<void> {
    this.#written.delete(id)
    const done = this.#queue.then(() => this.#compact(id))
    this.#queue = done
    return done
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    await this.#queue
  }

  /** Listing a folder costs something, so it is done only when enough was written to matter. */
  #count(id: DocumentId, file: ChunkFile): void {
    const { files, bytes } = this.#written.get(id) ?? { files: 0, bytes: 0 }
    const written = { files: files + 1, bytes: bytes + file.bytes }
    this.#written.set(id, written)
    if (written.files * 2 >= this.#options.maxIncrementalFiles || written.bytes * 2 >= this.#options.minSnapshotBytes) void this.compact(id)
  }

  async #compact(id: DocumentId): Promise<void> {
    if (this.#isClosed) return
    try {
      const files = await this.#options.documents.folder.chunks(id)
      const incremental = files.filter((file) => file.name.startsWith('incremental/'))
      const incrementalBytes = sizeOf(incremental)
      const snapshotBytes = sizeOf(files) - incrementalBytes
      if (incrementalBytes >= Math.max(snapshotBytes, this.#options.minSnapshotBytes)) await this.#makeSnapshot(id, files)
      else if (incremental.length > this.#options.maxIncrementalFiles) await this.#join(id, incremental)
    } catch (thrown) {
      this.#options.onFault(asPalimpsestError(thrown))
    }
  }

  async #join(id: DocumentId, incremental: readonly ChunkFile[]): Promise<void> {
    const { folder } = this.#options.documents
    const small = new Set(incremental.filter((file) => file.bytes <= smallBytes).map((file) => file.name))
    const { chunks, damaged } = await folder.read(id, (name) => small.has(name))
    if (damaged > 0 || chunks.length < 2) return
    const parts = chunks.flatMap((chunk) => chunk.parts)
    const joined = await folder.append(id, parts)
    if (!(await folder.holds(id, joined.name, parts))) return
    await this.#replace(id, chunks, joined)
  }

  async #makeSnapshot(id: DocumentId, files: readonly ChunkFile[]): Promise<void> {
    const { documents } = this.#options
    const paths = files.map((file) => documents.folder.pathOf(id, file.name))
    const saved = await documents.work.run('save', { document: { files: paths, pending: [] } }, 'later')
    if (!saved) return
    const snapshot = await documents.folder.addSnapshot(id, saved.heads, saved.bytes)
    const readBack = { files: [documents.folder.pathOf(id, snapshot.name)], pending: [] }
    const heads = await documents.work.run('heads', { document: readBack }, 'later')
    if (heads.join() === saved.heads.join()) await this.#replace(id, files, snapshot)
  }

  async #replace(id: DocumentId, replaced: readonly { name: ChunkFile['name'] }[], by: ChunkFile): Promise<void> {
    const { documents } = this.#options
    const names = replaced.map((file) => file.name).filter((name) => name !== by.name)
    documents.replaced(id, names, by.name)
    await documents.folder.removeChunks(id, names)
  }
}

const sizeOf = (files: readonly ChunkFile[]) => files.reduce((sum, file) => sum + file.bytes, 0)
