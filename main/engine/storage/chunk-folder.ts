/**
 * Where chunks of documents are: the layout of `@automerge/automerge-repo-storage-nodefs`, so that any automerge-repo program can read a
 * writer's data and we can read what one wrote.
 *
 *     documents/<first two characters of the id>/<the others>/snapshot/<hash of the heads>
 *     documents/<first two characters of the id>/<the others>/incremental/<hash of the file>
 *
 * All of a document is in its chunks together, in any order and with repetitions. A chunk's file never changes after it was
 * written; it is only replaced by another one that holds the same and more.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type DocumentId, type Heads, isDocumentId } from '../../../core/ids.ts'
import { splitChunks } from './chunk-framing.ts'
import { type DurableFiles, diskProblem, isMissing } from './durable-files.ts'

export type ChunkKind = 'snapshot' | 'incremental'
const kinds: readonly ChunkKind[] = ['snapshot', 'incremental']

/** A chunk file: its kind and name as `kind/name`. */
export type ChunkName = `${ChunkKind}/${string}`

export interface ChunkFile {
  name: ChunkName
  bytes: number
  writtenAt: number
}

/** What could be read of one chunk file. */
export interface ReadChunk {
  name: ChunkName
  /** Whole Automerge chunks, in their order. */
  parts: Uint8Array[]
}

export interface ReadDocument {
  chunks: ReadChunk[]
  /** Files set aside because something in them was damaged. What was whole is in `chunks` all the same. */
  damaged: number
}

export class ChunkFolder {
  readonly #documents: string
  readonly #quarantine: string
  readonly #files: DurableFiles

  constructor(dataDir: string, files: DurableFiles) {
    this.#documents = join(dataDir, 'documents')
    this.#quarantine = join(dataDir, 'quarantine')
    this.#files = files
  }

  /** Every document that has a folder. */
  async documents(): Promise<DocumentId[]> {
    const found: DocumentId[] = []
    for (const first of await this.#entries(this.#documents)) {
      for (const rest of await this.#entries(join(this.#documents, first)))
        if (isDocumentId(first + rest)) found.push(`${first}${rest}` as DocumentId)
    }
    return found
  }

  /** A document's chunk files: snapshots first, then in the order of writing, as far as the file system remembers. */
  async chunks(id: DocumentId): Promise<ChunkFile[]> {
    const files: ChunkFile[] = []
    for (const kind of kinds) files.push(...(await this.#chunksOfKind(id, kind)))
    return files
  }

  /** Reads all chunks, or those `wanted`. Damaged files are moved to `quarantine/`; what is whole in them is kept as new chunks. */
  async read(id: DocumentId, wanted: (name: ChunkName) => boolean = () => true): Promise<ReadDocument> {
    const result: ReadDocument = { chunks: [], damaged: 0 }
    for (const { name } of await this.chunks(id)) {
      if (!wanted(name)) continue
      const bytes = await this.#readFile(id, name)
      // Replaced since it was listed: its content is now in a chunk that may not have been on the list.
      if (!bytes) return this.read(id, wanted)
      const { whole, isDamaged } = splitChunks(bytes)
      if (isDamaged) {
        result.damaged += 1
        result.chunks.push(...(await this.#setAside(id, name, bytes, whole)))
      } else result.chunks.push({ name, parts: whole })
    }
    return result
  }

  /** Adds changes as one incremental chunk. Resolves when it is durable. */
  async append(id: DocumentId, changes: readonly Uint8Array[]): Promise<ChunkFile> {
    const bytes = Buffer.concat(changes)
    return this.#write(id, `incremental/${sha256(bytes)}`, bytes)
  }

  /** Adds a saved document. Resolves when it is durable. */
  async addSnapshot(id: DocumentId, heads: Heads, bytes: Uint8Array): Promise<ChunkFile> {
    return this.#write(id, `snapshot/${sha256(Buffer.from(heads.join('')))}`, bytes)
  }

  /** Whether a chunk on the disk is, byte by byte, `parts` in a row. */
  async holds(id: DocumentId, name: ChunkName, parts: readonly Uint8Array[]): Promise<boolean> {
    const bytes = await this.#readFile(id, name)
    return bytes !== null && Buffer.concat(parts).equals(bytes)
  }

  /** Removes chunks whose content another one holds. */
  async removeChunks(id: DocumentId, names: readonly ChunkName[]): Promise<void> {
    for (const name of names) {
      await this.#files.fs.unlink(this.#path(id, name)).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
    }
    for (const kind of kinds) {
      if (names.some((name) => name.startsWith(kind))) await this.#files.flushFolder(join(this.#folder(id), kind))
    }
  }

  /** Removes a document for good. */
  removeDocument(id: DocumentId): Promise<void> {
    return this.#files.removeFolder(this.#folder(id))
  }

  /** Absolute path of a chunk, for workers that read it themselves. */
  pathOf(id: DocumentId, name: ChunkName): string {
    return this.#path(id, name)
  }

  async #write(id: DocumentId, name: ChunkName, bytes: Uint8Array): Promise<ChunkFile> {
    await this.#files.write(this.#path(id, name), bytes)
    return { name, bytes: bytes.length, writtenAt: Date.now() }
  }

  /** The damaged bytes go to `quarantine/`, what is whole to a chunk of its own (of the same name, if only something foreign was in the file). */
  async #setAside(id: DocumentId, name: ChunkName, bytes: Uint8Array, whole: Uint8Array[]): Promise<ReadChunk[]> {
    try {
      await this.#files.write(join(this.#quarantine, id, name.replace('/', '-')), bytes)
      const kept = whole.length > 0 ? await this.append(id, whole) : null
      if (kept?.name !== name) await this.removeChunks(id, [name])
      return kept ? [{ name: kept.name, parts: whole }] : []
    } catch (error) {
      // On a disk that cannot be written the file stays where it is, and is found damaged again next time.
      if (diskProblem(error)) return [{ name, parts: whole }]
      throw error
    }
  }

  async #chunksOfKind(id: DocumentId, kind: ChunkKind): Promise<ChunkFile[]> {
    const folder = join(this.#folder(id), kind)
    const files: ChunkFile[] = []
    for (const name of await this.#entries(folder)) {
      const stat = await this.#files.fs.stat(join(folder, name)).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
      if (stat?.isFile()) files.push({ name: `${kind}/${name}`, bytes: stat.size, writtenAt: stat.mtimeMs })
    }
    return files.sort((a, b) => a.writtenAt - b.writtenAt || (a.name < b.name ? -1 : 1))
  }

  async #readFile(id: DocumentId, name: ChunkName): Promise<Uint8Array | null> {
    try {
      return await this.#files.fs.readFile(this.#path(id, name))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async #entries(folder: string): Promise<string[]> {
    try {
      return await this.#files.fs.readdir(folder)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'ENOENT' || code === 'ENOTDIR') return []
      throw error
    }
  }

  #folder = (id: DocumentId) => join(this.#documents, id.slice(0, 2), id.slice(2))
  #path = (id: DocumentId, name: ChunkName) => join(this.#folder(id), name)
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
