/**
 * Change graphs in memory, and their copies in the index.
 *
 * The chunk files are the truth. The index's copy is used only as far as they bear it out: it names the files that it covers, and
 *
 * - a file that it does not cover is read and added (written just before a crash, or by another program);
 * - when a file that it covers is gone, the copy is not believed at all, and the graph is read from the files.
 *
 * Rows are written to the index some time after they became durable, so the copy never knows of a change that the files have not.
 */
import type { DocumentId } from '../../core/ids.ts'
import { ChangeGraph } from '../../core/sync/change-graph.ts'
import type { DocumentWork } from './document-work.ts'
import type { GraphTable } from './index/graph-table.ts'
import { addChunks, type ReadGraph, unlimited } from './read-graph.ts'
import type { ChunkFile, ChunkFolder, ChunkName } from './storage/chunk-folder.ts'

/** Files up to these sizes are read in the engine's own thread: a job costs more. A saved document holds more in fewer bytes. */
const smallBytes = { snapshot: 16 * 1024, incremental: 128 * 1024 }
/** Packs of one document beyond which they are joined. */
const maxPacks = 32
const saveDelayMs = 2000

/** How long a graph stays in memory after its last use. */
const idleMs = 5 * 60_000

export interface KeptGraph {
  readonly graph: ChangeGraph
  /** Resolves when all that was accepted so far is durable. */
  stored: Promise<void>
  /** Rows that are durable. */
  durableRows: number
  /** Rows that are in the index. */
  savedRows: number
  packs: number
  /** What a worker read, until it is in the index: of the first rows of the graph. */
  read: ReadGraph | null
  /** Files of which every change is in the graph, and which the index does not name yet. */
  unsavedChunks: Set<ChunkName>
  usedAt: number
}

export class GraphKeeper {
  readonly #folder: ChunkFolder
  readonly #work: DocumentWork
  readonly #table: GraphTable
  readonly #kept = new Map<DocumentId, KeptGraph>()
  readonly #loading = new Map<DocumentId, Promise<KeptGraph>>()
  readonly #unsaved = new Set<DocumentId>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(folder: ChunkFolder, work: DocumentWork, table: GraphTable) {
    this.#folder = folder
    this.#work = work
    this.#table = table
  }

  loaded(id: DocumentId): KeptGraph | undefined {
    const kept = this.#kept.get(id)
    if (kept) kept.usedAt = Date.now()
    return kept
  }

  /** Keeps the graph of a document that is new here, as a worker read it from chunks that are being written. */
  adopt(id: DocumentId, read: ReadGraph): KeptGraph {
    const kept = graphOfRead(read)
    this.remove(id)
    this.#kept.set(id, kept)
    return kept
  }

  /** Reads a graph that is not loaded. `pending` gives the changes that are not in files yet. */
  load(id: DocumentId, pending: () => Uint8Array[]): Promise<KeptGraph> {
    const loading = this.#loading.get(id) ?? this.#loadOnce(id, pending)
    this.#loading.set(id, loading)
    return loading
  }

  /** A file was written that holds the last of the first `rows` rows, and nothing that is not in the graph. */
  rowsWritten(id: DocumentId, kept: KeptGraph, rows: number, file: ChunkName): void {
    kept.durableRows = Math.max(kept.durableRows, rows)
    kept.unsavedChunks.add(file)
    this.#saveLater(id)
  }

  /** The content of `removed` is now in `added`; the files are still there. */
  chunksReplaced(id: DocumentId, removed: readonly ChunkName[], added: ChunkName): void {
    this.#save(id)
    for (const name of removed) this.#kept.get(id)?.unsavedChunks.delete(name)
    this.#table.exchangeChunks(id, removed, added)
  }

  /** Forgets a graph here and in the index: the files have changed, or are going to be removed. */
  remove(id: DocumentId): void {
    this.#forget(id)
    this.#table.remove(id)
  }

  /** Forgets graphs that were not used lately and that `mayForget`. */
  forgetIdle(mayForget: (id: DocumentId) => boolean): void {
    this.saveAll()
    for (const [id, kept] of this.#kept) if (kept.usedAt < Date.now() - idleMs && mayForget(id)) this.#forget(id)
  }

  /** Writes what is not in the index yet. Nothing is written after this. */
  close(): void {
    this.saveAll()
    this.#isClosed = true
  }

  /** Writes what is not in the index yet of one document. */
  save(id: DocumentId): void {
    if (this.#isClosed) return
    this.#unsaved.delete(id)
    this.#save(id)
  }

  saveAll(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    for (const id of this.#unsaved) this.#save(id)
    this.#unsaved.clear()
  }

  #forget(id: DocumentId): void {
    this.#kept.delete(id)
    this.#unsaved.delete(id)
  }

  async #loadOnce(id: DocumentId, pending: () => Uint8Array[]): Promise<KeptGraph> {
    try {
      const kept = await this.#read(id, pending)
      this.#kept.set(id, kept)
      if (kept.unsavedChunks.size > 0) this.#saveLater(id)
      return kept
    } finally {
      this.#loading.delete(id)
    }
  }

  async #read(id: DocumentId, pending: () => Uint8Array[]): Promise<KeptGraph> {
    const notWritten = pending()
    const stored = this.#table.read(id)
    const files = await this.#folder.chunks(id)
    const names = new Set(files.map((file) => file.name))
    const isBorneOut = stored.packs.length > 0 && [...stored.chunks].every((name) => names.has(name))
    const restored = isBorneOut ? restoredOrNull(stored.packs) : null
    if (!restored) stored.chunks.clear()
    const graph = restored ?? ChangeGraph.restore([], unlimited)
    const kept = keptGraph(graph, restored ? stored.packs.length : 0)
    const fresh = files.filter((file) => !stored.chunks.has(file.name))
    if (fresh.some(isLarge)) return this.#readInWorker(id, files, notWritten)
    const read = await this.#folder.read(id, (name) => !stored.chunks.has(name))
    addChunks(
      graph,
      read.chunks.flatMap((chunk) => chunk.parts),
    )
    // A file with changes that wait for others is read again at the next start, when those may be there.
    if (graph.missing().length === 0) for (const { name } of read.chunks) kept.unsavedChunks.add(name)
    kept.durableRows = graph.size
    addChunks(graph, notWritten)
    return kept
  }

  async #readInWorker(id: DocumentId, files: readonly ChunkFile[], notWritten: Uint8Array[]): Promise<KeptGraph> {
    const paths = files.map((file) => this.#folder.pathOf(id, file.name))
    const read = await this.#work.run('graph', { document: { files: paths, pending: [] } })
    const kept = graphOfRead(read)
    kept.durableRows = kept.graph.size
    if (read.waiting.length === 0) for (const file of files) kept.unsavedChunks.add(file.name)
    addChunks(kept.graph, [...read.waiting, ...notWritten])
    return kept
  }

  #saveLater(id: DocumentId): void {
    if (this.#isClosed) return
    this.#unsaved.add(id)
    this.#timer ??= setTimeout(() => this.saveAll(), saveDelayMs)
  }

  /** Rows that are not durable yet stay out, and with them the names of files: a name says that all rows of the file are in. */
  #save(id: DocumentId): void {
    const kept = this.#kept.get(id)
    if (!kept || kept.graph.size > kept.durableRows) return
    if (kept.read) this.#saveRead(id, kept, kept.read)
    const chunks = [...kept.unsavedChunks]
    const isLonger = kept.graph.size > kept.savedRows
    if (kept.packs === 0) this.#table.begin(id, kept.graph.pack(), chunks)
    else if (kept.packs >= maxPacks) this.#table.join(id, kept.graph.pack(), chunks)
    else this.#table.append(id, kept.savedRows, isLonger ? kept.graph.pack(kept.savedRows) : null, chunks)
    kept.packs = kept.packs === 0 || kept.packs >= maxPacks ? 1 : kept.packs + (isLonger ? 1 : 0)
    kept.savedRows = kept.graph.size
    kept.unsavedChunks.clear()
  }

  /** What a worker packed is written as it is: to pack a long history again would take this thread a moment. */
  #saveRead(id: DocumentId, kept: KeptGraph, { pack, counts }: ReadGraph): void {
    this.#table.begin(id, pack, [], counts)
    kept.read = null
    kept.packs = 1
    kept.savedRows = counts.length / 2
  }
}

/** Null for packs in which the index's file is damaged. */
function restoredOrNull(packs: readonly Uint8Array[]): ChangeGraph | null {
  try {
    return ChangeGraph.restore(packs, unlimited)
  } catch {
    return null
  }
}

function graphOfRead(read: ReadGraph): KeptGraph {
  const kept = keptGraph(ChangeGraph.restore([read.pack], unlimited), 0)
  return { ...kept, durableRows: 0, read }
}

function keptGraph(graph: ChangeGraph, packs: number): KeptGraph {
  const rows = graph.size
  return {
    graph,
    stored: Promise.resolve(),
    durableRows: rows,
    savedRows: packs > 0 ? rows : 0,
    packs,
    read: null,
    unsavedChunks: new Set<ChunkName>(),
    usedAt: Date.now(),
  }
}

const isLarge = ({ name, bytes }: ChunkFile) => bytes > (name.startsWith('snapshot/') ? smallBytes.snapshot : smallBytes.incremental)
