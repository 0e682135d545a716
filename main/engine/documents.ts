/**
 * All documents as rows of changes: what is stored, what is known of it, and what is new. Nothing is materialised here.
 *
 * A change from anywhere takes one way: `accept` checks it against the document's change graph, tells everybody at once (`onAccepted`), and stores it;
 * `onDurable` follows when it would survive a power cut. The graph is the gate: what is not in it is never stored and never sent.
 */
import { LRUCache } from 'lru-cache'
import type { Damage, RendererSession } from '../../core/contract/engine.ts'
import { PalimpsestError } from '../../core/errors.ts'
import type { ChangeHash, DocumentId, Heads } from '../../core/ids.ts'
import type { Bringer, ChangeGraph, GraphChange, Refusal } from '../../core/sync/change-graph.ts'
import { readSmallChanges } from '../../core/sync/keystroke.ts'
import type { ShortChange } from '../../core/sync/short-change.ts'
import type { JobInput, JobName, JobResult } from './document-jobs.ts'
import type { DocumentWork, Urgency } from './document-work.ts'
import { type ReadChanges, readLarge } from './large-changes.ts'
import { GraphKeeper, type KeptGraph } from './graph-keeper.ts'
import type { GraphTable } from './index/graph-table.ts'
import { platform } from './platform.ts'
import type { ReadGraph } from './read-graph.ts'
import type { ChunkFile, ChunkFolder, ChunkName } from './storage/chunk-folder.ts'
import { ChunkStore, type DiskState } from './storage/chunk-store.ts'

/** Who brought changes: a window, a relay, or the engine itself. */
export type ChangeSource = RendererSession | { readonly relay: string } | 'engine'

export interface Accepted {
  id: DocumentId
  /** With header and bytes, dependencies first. */
  changes: readonly GraphChange[]
  source: ChangeSource
}

export interface Acceptance {
  /** The version after it. */
  heads: Heads
  /** Changes that will never be taken, with the reason. */
  refused: readonly Refusal[]
  /** Changes that wait in memory for others that have not come. */
  waiting: readonly ChangeHash[]
  /** Changes in short of this document that cannot be read: see `ChangeGraph.unread`. */
  unread: number
}

export interface StoredBytes {
  /** Saved documents first, then changes; to be loaded together. */
  chunks: Uint8Array[]
  /** Files set aside because they were damaged. */
  damaged: number
}

const maxRecentBytes = 48 * 1024 * 1024

type Listener<Event> = (event: Event) => void

export interface DocumentsOptions {
  folder: ChunkFolder
  work: DocumentWork
  graphs: GraphTable
  onDisk: (state: DiskState, error: unknown) => void
  /** Chunk files were set aside. */
  onDamage: (id: DocumentId, damage: Omit<Damage, 'recoverable'>) => void
  groupMs?: number
  retryMs?: number
}

export class Documents {
  readonly folder: ChunkFolder
  readonly #work: DocumentWork
  readonly #store: ChunkStore
  readonly #keeper: GraphKeeper
  readonly #onDamage: DocumentsOptions['onDamage']
  /** By document: what is still being read before it can be taken. */
  readonly #turns = new Map<DocumentId, Promise<void>>()
  readonly #accepted = new Set<Listener<Accepted>>()
  readonly #durable = new Set<Listener<{ id: DocumentId; hashes: ChangeHash[] }>>()
  /** Changes of late, because peers ask for these. */
  readonly #recent = new LRUCache<ChangeHash, Uint8Array>({ maxSize: maxRecentBytes, sizeCalculation: (bytes) => bytes.length + 200 })
  readonly #written = new Set<Listener<{ id: DocumentId; file: ChunkFile }>>()

  constructor(options: DocumentsOptions) {
    this.folder = options.folder
    this.#work = options.work
    this.#onDamage = options.onDamage
    this.#keeper = new GraphKeeper(options.folder, options.work, options.graphs)
    this.#store = new ChunkStore({
      folder: options.folder,
      onDisk: options.onDisk,
      ...(options.groupMs === undefined ? {} : { groupMs: options.groupMs }),
      ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    })
  }

  /**
   * Takes changes in any order. Resolves when those that became part of the document are durable, also when they had come before and were not durable
   * yet. A document that is not there is made by its first change. With `by` changes of authors whom that one may not bring are refused.
   */
  async accept(id: DocumentId, changes: readonly (Uint8Array | ShortChange)[], source: ChangeSource, by?: Bringer): Promise<Acceptance> {
    const kept = this.#keeper.loaded(id)
    const small = kept && !this.#turns.has(id) ? readSmallChanges(changes, platform) : null
    if (kept && small) return this.#take(id, kept, { changes: small, refused: [] }, source, by)
    const reading = readLarge(this.#work, changes)
    const { acceptance } = await this.#inTurn(id, async () => ({
      acceptance: this.#take(id, await this.#kept(id), await reading, source, by),
    }))
    return acceptance
  }

  /**
   * Stores whole Automerge chunks (saved documents or changes) that make up a new document. `read` is what a worker read of them, where one did. Resolves when
   * they are durable, or when it turns out that nothing can be written for now: then the document is in memory, and written later.
   */
  async create(id: DocumentId, chunks: readonly Uint8Array[], read: ReadGraph | null = null): Promise<void> {
    // Whoever asked for it before there was anything got an empty graph.
    if (!read) this.#keeper.remove(id)
    const kept = read && this.#keeper.adopt(id, read)
    const rows = kept?.graph.size ?? 0
    const written = this.#store.append(id, chunks, (file) => {
      if (kept) this.#keeper.rowsWritten(id, kept, rows, file.name)
      this.#chunkWritten(id, file)
    })
    if (kept) kept.stored = written
    const durable = written.then(() => {
      for (const listener of this.#durable) listener({ id, hashes: [] })
    })
    await Promise.race([durable, this.#store.troubled()])
  }

  /** Changes were accepted; they may not be durable yet. Returns a function that stops listening. */
  onAccepted(listener: Listener<Accepted>): () => void {
    this.#accepted.add(listener)
    return () => this.#accepted.delete(listener)
  }

  /** Changes became durable, or a new document did, which names none. */
  onDurable(listener: Listener<{ id: DocumentId; hashes: ChangeHash[] }>): () => void {
    this.#durable.add(listener)
    return () => this.#durable.delete(listener)
  }

  /** A chunk file was written. */
  onWritten(listener: Listener<{ id: DocumentId; file: ChunkFile }>): () => void {
    this.#written.add(listener)
    return () => this.#written.delete(listener)
  }

  /** Everything there is of a document, also what is not durable yet. Throws `not-found` where there is nothing. */
  async chunks(id: DocumentId): Promise<StoredBytes> {
    // What is pending is taken first: it may be written, and so leave the list, while the files are read.
    const pending = this.#store.pending(id)
    const read = await this.folder.read(id)
    if (read.damaged > 0) {
      this.#keeper.remove(id)
      this.#onDamage(id, { chunks: read.damaged })
    }
    const chunks = [...read.chunks.flatMap((chunk) => chunk.parts), ...pending]
    if (chunks.length === 0 && read.damaged === 0) throw new PalimpsestError('not-found', `there is no document ${id}`)
    return { chunks, damaged: read.damaged }
  }

  /** Runs a job on everything there is of a document. */
  async run<Name extends JobName>(
    id: DocumentId,
    name: Name,
    input: Omit<JobInput<Name>, 'document'>,
    urgency: Urgency = 'now',
  ): Promise<JobResult<Name>> {
    const pending = this.#store.pending(id)
    const files = (await this.folder.chunks(id)).map((file) => this.folder.pathOf(id, file.name))
    try {
      return await this.#work.run(name, { ...input, document: { files, pending } }, urgency)
    } catch (error) {
      // A file was replaced between listing and reading; the next list has the one that replaced it.
      if (error instanceof PalimpsestError && error.code === 'not-found') return this.run(id, name, input, urgency)
      throw error
    }
  }

  /** Whether there is anything of a document. */
  async has(id: DocumentId): Promise<boolean> {
    return this.#store.pending(id).length > 0 || (await this.folder.chunks(id)).length > 0
  }

  /** The change graph; an empty one for a document that is not there. It must not be added to. */
  async graph(id: DocumentId): Promise<ChangeGraph> {
    return (await this.#kept(id)).graph
  }

  /** Brings what the index knows of a document's changes up to date, as far as they are durable. */
  updateIndex(id: DocumentId): void {
    this.#keeper.save(id)
  }

  /** Changes that `heads` do not include, dependencies first. */
  async changesSince(id: DocumentId, heads: Heads): Promise<Uint8Array[]> {
    const graph = await this.graph(id)
    return this.bytesOf(id, graph.since(heads))
  }

  /** Bytes of changes, in the order of `hashes`; those that are not here are left out. Opens the document where a change is in no file by itself. */
  async bytesOf(id: DocumentId, hashes: readonly ChangeHash[]): Promise<Uint8Array[]> {
    const recent = hashes.map((hash) => this.#recent.get(hash))
    if (recent.every((bytes) => bytes !== undefined)) return recent
    return this.run(id, 'changesByHash', { hashes })
  }

  /** Whether everything accepted so far is durable. */
  isDurable(id: DocumentId): boolean {
    return this.#store.pending(id).length === 0
  }

  /** Resolves as soon as nothing can be written, so that what only needs to be in memory does not wait for the disk. */
  troubled(): Promise<void> {
    return this.#store.troubled()
  }

  get disk(): DiskState {
    return this.#store.disk
  }

  /** Writes everything that is pending, of all documents. Rejects with `disk-full` or `read-only`. */
  async flush(): Promise<void> {
    await this.#store.flush()
    this.#keeper.saveAll()
  }

  /** Lets go of the index. What is pending should be flushed before. */
  close(): void {
    this.#keeper.close()
  }

  /** Removes a document for good. */
  async remove(id: DocumentId): Promise<void> {
    this.#store.drop(id)
    this.#keeper.remove(id)
    await this.folder.removeDocument(id)
  }

  /** All of `removed` is now in `added`, which is durable; the files `removed` are deleted after this. */
  replaced(id: DocumentId, removed: readonly ChunkName[], added: ChunkName): void {
    this.#keeper.chunksReplaced(id, removed, added)
  }

  /** Gives back the memory of documents that were not used lately. */
  forgetIdle(): void {
    this.#keeper.forgetIdle((id) => this.isDurable(id))
  }

  get work(): DocumentWork {
    return this.#work
  }

  async #kept(id: DocumentId): Promise<KeptGraph> {
    return this.#keeper.loaded(id) ?? this.#keeper.load(id, () => this.#store.pending(id))
  }

  /** Runs `step` after the steps before it: changes of a document are taken in the order in which they came, also when some take longer to read. */
  #inTurn<Result>(id: DocumentId, step: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(step)
    const settled = turn.then(
      () => {},
      () => {},
    )
    this.#turns.set(id, settled)
    void settled.then(() => {
      if (this.#turns.get(id) === settled) this.#turns.delete(id)
    })
    return turn
  }

  async #take(id: DocumentId, kept: KeptGraph, read: ReadChanges, source: ChangeSource, by?: Bringer): Promise<Acceptance> {
    const { added, refused, waiting } = kept.graph.add(read.changes, by)
    const acceptance = { heads: kept.graph.heads, refused: [...read.refused, ...refused], waiting, unread: kept.graph.unread }
    if (added.length > 0) {
      for (const { header, bytes } of added) this.#recent.set(header.hash, bytes)
      kept.stored = this.#storeAdded(id, kept, added)
      for (const listener of this.#accepted) listener({ id, changes: added, source })
    }
    await kept.stored
    return acceptance
  }

  async #storeAdded(id: DocumentId, kept: KeptGraph, added: readonly GraphChange[]): Promise<void> {
    const rows = kept.graph.size
    const bytes = added.map((change) => change.bytes)
    await this.#store.append(id, bytes, (file) => {
      this.#keeper.rowsWritten(id, kept, rows, file.name)
      this.#chunkWritten(id, file)
    })
    const hashes = added.map((change) => change.header.hash)
    for (const listener of this.#durable) listener({ id, hashes })
  }

  #chunkWritten(id: DocumentId, file: ChunkFile): void {
    for (const listener of this.#written) listener({ id, file })
  }
}
