import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type Database from 'better-sqlite3'
import type { DocumentId } from '../core/ids.ts'
import type { Carried, ChangeStore, Snapshot, StoredDocument } from './change-store.ts'
import { packWrites } from './packed-write.ts'
import { lockFile, openFile, prepareFile, type Write } from './sqlite-file.ts'
import type { StoreOrder, StoreReply } from './store-worker.ts'

/** What becomes durable together. */
interface Batch {
  writes: Write[]
  /** When each of them was given. */
  givenAt: number[]
  /** Something cannot go on before they are written. */
  isAwaited: boolean
  durable: Promise<void>
  resolve: () => void
}

export interface SqliteStoreOptions {
  file: string
  /** Pause after a commit, in which changes are collected to be written together. What comes after it is written at once. */
  groupMs?: number
  /** The same where somebody waits for them: see `ChangeStore.hurry`. */
  hurriedGroupMs?: number
  /** Pause after a failed write, before it is tried again. */
  retryMs?: number
  /** A write failed, or succeeded after it had failed. */
  onHealth?: (error: Error | null) => void
  /** Changes became durable, so many milliseconds after they were given. */
  onDurable?: (changes: readonly Uint8Array[], waitedMs: number) => void
}

const nothing = Promise.resolve()

/**
 * The store in one SQLite file: write-ahead log, flushed to the disk at every commit. A thread of its own writes, one batch at a time, and what is
 * collected meanwhile is the next; this thread reads, and sees what is not written yet in `#batch` and `#writing`. A write that fails (a full disk) stays in
 * memory and is tried again; nothing in it is reported as durable meanwhile.
 */
export class SqliteStore implements ChangeStore {
  readonly storageId: string
  readonly #lock: Database.Database
  readonly #db: Database.Database
  readonly #options: Required<SqliteStoreOptions>
  readonly #read
  readonly #worker: Worker
  #batch: Batch = newBatch()
  #writing: Batch | null = null
  #timer: NodeJS.Timeout | null = null
  #error: Error | null = null
  /** When the last commit was done. */
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor(options: SqliteStoreOptions) {
    this.#options = { groupMs: 250, hurriedGroupMs: 100, retryMs: 1_000, onHealth: () => undefined, onDurable: () => undefined, ...options }
    this.#lock = lockFile(options.file)
    this.#db = openFile(options.file)
    this.storageId = prepareFile(this.#db, options.file)
    this.#read = preparedReads(this.#db)
    this.#worker = new Worker(new URL(`./store-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: { file: options.file },
      // What it gets is written and forgotten; V8 would let 30 MB of that lie about before it looks.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    this.#worker.on('message', (reply: StoreReply) => this.#written(reply))
    // Without its writer a relay is of no use; started again, it has everything that it acknowledged.
    this.#worker.on('error', (error) => {
      throw error
    })
  }

  get durable(): Promise<void> {
    return this.#batch.writes.length > 0 ? this.#batch.durable : (this.#writing?.durable ?? nothing)
  }

  hurry(): Promise<void> {
    if (this.#batch.writes.length > 0 && !this.#batch.isAwaited) {
      this.#batch.isAwaited = true
      if (this.#timer) clearTimeout(this.#timer)
      this.#timer = null
      this.#writeSoon()
    }
    return this.durable
  }

  get healthy(): boolean {
    return this.#error === null
  }

  get file(): string {
    return this.#options.file
  }

  /** Documents in the file. */
  get documentCount(): number {
    return this.#read.count.get()?.count ?? 0
  }

  /** Writes that are not durable yet. */
  get waiting(): number {
    return this.#batch.writes.length + (this.#writing?.writes.length ?? 0)
  }

  /** Writes that would make the file larger, in pages of four kilobytes, fail as on a full disk. */
  setMaxPages(maxPages: number): void {
    this.#order({ type: 'limit', maxPages })
  }

  has(document: DocumentId): boolean {
    return this.#read.known.get(document) !== undefined || this.#pending(document).length > 0
  }

  bytesOf(document: DocumentId): number {
    return this.#read.bytes.get(document)?.bytes ?? 0
  }

  load(document: DocumentId): StoredDocument {
    const { snapshot, tail } = this.#read.document(document)
    const rows = new Map<number, Uint8Array>(tail.map(({ row, bytes }) => [row, bytes]))
    let latest: StoredDocument['snapshot'] = snapshot
    for (const write of this.#pending(document)) {
      write.changes.forEach((bytes, at) => rows.set(write.firstRow + at, bytes))
      latest = write.snapshot ?? latest
    }
    const covered = latest?.rows ?? 0
    const left = [...rows].filter(([row]) => row >= covered).sort(([a], [b]) => a - b)
    return { snapshot: latest, tail: left.map(([, bytes]) => bytes) }
  }

  append(document: DocumentId, firstRow: number, changes: readonly Uint8Array[], carried: readonly Carried[] = []): void {
    this.#write({ document, firstRow, changes, carried, snapshot: null })
  }

  putSnapshot(document: DocumentId, snapshot: Snapshot, carried: readonly Carried[] = []): void {
    this.#write({ document, firstRow: 0, changes: [], carried, snapshot })
  }

  changes(document: DocumentId, rows: readonly number[]): (Uint8Array | null)[] {
    const found = new Map<number, Uint8Array>()
    for (const { firstRow, changes } of this.#pending(document)) changes.forEach((bytes, at) => found.set(firstRow + at, bytes))
    const [first = 0, last = -1] = [rows[0], rows.at(-1)]
    const areTogether = rows.length > 1 && last - first < rows.length * 2
    if (areTogether) for (const { row, bytes } of this.#read.range.all(document, first, last)) found.set(row, bytes)
    return rows.map((row) => found.get(row) ?? (areTogether ? null : (this.#read.change.get(document, row)?.bytes ?? null)))
  }

  snapshot(document: DocumentId): Omit<Snapshot, 'headers'> | null {
    const pending = this.#pending(document).findLast((write) => write.snapshot !== null)
    return pending?.snapshot ?? this.#read.snapshot.get(document) ?? null
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#writeNow()
    while (this.#writing && !this.#error)
      await Promise.race([this.#writing.durable, new Promise((resolve) => this.#worker.once('message', resolve))])
    await this.#worker.terminate()
    this.#db.close()
    this.#lock.close()
  }

  #order(order: StoreOrder): void {
    this.#worker.postMessage(order)
  }

  /** What the file does not have yet, as far as is known here, in order. */
  #pending(document: DocumentId): Write[] {
    return [...(this.#writing?.writes ?? []), ...this.#batch.writes].filter((write) => write.document === document)
  }

  #write(write: Write): void {
    this.#batch.writes.push(write)
    this.#batch.givenAt.push(performance.now())
    this.#writeSoon()
  }

  /** Each commit costs a flush of the disk and two wake-ups of a thread, so in a crowd many changes share one; in quiet moments nobody waits. */
  #writeSoon(): void {
    if (this.#writing || this.#timer) return
    const { groupMs, hurriedGroupMs } = this.#options
    const pauseMs = this.#writtenAt + (this.#batch.isAwaited ? hurriedGroupMs : groupMs) - performance.now()
    this.#timer = setTimeout(() => this.#writeNow(), Math.max(pauseMs, 0))
  }

  #writeNow(): void {
    this.#timer = null
    if (this.#writing || this.#batch.writes.length === 0) return
    this.#writing = this.#batch
    this.#batch = newBatch()
    this.#order({ type: 'write', writes: packWrites(this.#writing.writes) })
  }

  #written(reply: StoreReply): void {
    this.#setError(reply.ok ? null : Object.assign(new Error(reply.message), { code: reply.code }))
    const written = this.#writing
    if (!written) return
    if (!reply.ok) {
      setTimeout(() => this.#order({ type: 'write', writes: packWrites(written.writes) }), this.#options.retryMs).unref()
      return
    }
    this.#writing = null
    this.#writtenAt = performance.now()
    written.resolve()
    written.writes.forEach(({ changes }, at) =>
      this.#options.onDurable(changes, this.#writtenAt - (written.givenAt[at] ?? this.#writtenAt)),
    )
    if (this.#batch.writes.length > 0) this.#writeSoon()
  }

  #setError(error: Error | null): void {
    if ((error === null) !== this.healthy) this.#options.onHealth(error)
    this.#error = error
  }
}

function newBatch(): Batch {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { writes: [], givenAt: [], isAwaited: false, durable: promise, resolve }
}

function preparedReads(db: Database.Database) {
  const numberOf = '(select number from documents where id = ?)'
  const tail = db.prepare<[string], { row: number; bytes: Buffer }>(
    `select row, bytes from changes where document = ${numberOf} order by row`,
  )
  const headers = db.prepare<[string], { rows: number; headers: Buffer }>(
    `select rows, headers from snapshots where document = ${numberOf}`,
  )
  return {
    count: db.prepare<[], { count: number }>('select count(*) as count from documents'),
    bytes: db.prepare<[string], { bytes: number }>('select bytes from documents where id = ?'),
    known: db.prepare<[string], { one: number }>('select 1 as one from documents where id = ?'),
    change: db.prepare<[string, number], { bytes: Buffer }>(`select bytes from changes where document = ${numberOf} and row = ?`),
    range: db.prepare<[string, number, number], { row: number; bytes: Buffer }>(
      `select row, bytes from changes where document = ${numberOf} and row between ? and ?`,
    ),
    snapshot: db.prepare<[string], { rows: number; chunk: Buffer }>(`select rows, chunk from snapshots where document = ${numberOf}`),
    /** In one transaction, so that the two belong together. */
    document: db.transaction((id: string) => ({ snapshot: headers.get(id) ?? null, tail: tail.all(id) })),
  }
}
