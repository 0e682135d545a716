/**
 * The durable store of changes. `append` promises that a change survives a power cut once it resolves; until then the change is kept in
 * memory, and `pending` gives it back, so a document can be read whole at any moment.
 *
 * What arrives for one document within a few milliseconds, or while a write is under way, becomes one chunk. A write that fails is
 * tried again until it works: nothing is dropped because a disk is full, it just is not durable yet.
 */
import type { DocumentId } from '../../../core/ids.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import type { ChunkFile, ChunkFolder } from './chunk-folder.ts'
import { diskProblem } from './durable-files.ts'

/** What the last write said about the disk. */
export type DiskState = 'ok' | 'disk-full' | 'read-only' | 'failing'

export interface ChunkStoreOptions {
  folder: ChunkFolder
  /** The disk's state changed, as seen by writes. */
  onDisk: (state: DiskState, error: unknown) => void
  /** How long arriving changes wait for others. */
  groupMs?: number
  /** How long a failed write waits before it is tried again. */
  retryMs?: number
}

interface Waiting {
  changes: readonly Uint8Array[]
  onWritten: (file: ChunkFile) => void
  done: () => void
}

/** What one document still has to write. */
interface Lane {
  waiting: Waiting[]
  timer: NodeJS.Timeout | null
  writing: Promise<void> | null
}

export class ChunkStore {
  readonly #folder: ChunkFolder
  readonly #options: Required<ChunkStoreOptions>
  readonly #lanes = new Map<DocumentId, Lane>()
  readonly #troubled: (() => void)[] = []
  #disk: DiskState = 'ok'

  constructor(options: ChunkStoreOptions) {
    this.#folder = options.folder
    this.#options = { groupMs: 4, retryMs: 1000, ...options }
  }

  get disk(): DiskState {
    return this.#disk
  }

  /**
   * Resolves when the changes are durable, however long that takes; a full disk makes it wait, not fail. `onWritten` is told the file they are in, in
   * one go for all changes in that file.
   */
  append(id: DocumentId, changes: readonly Uint8Array[], onWritten: (file: ChunkFile) => void): Promise<void> {
    const lane = this.#lanes.get(id) ?? { waiting: [], timer: null, writing: null }
    this.#lanes.set(id, lane)
    return new Promise((done) => {
      lane.waiting.push({ changes, onWritten, done })
      this.#schedule(id, lane, this.#disk === 'ok' ? this.#options.groupMs : this.#options.retryMs)
    })
  }

  /** Changes of a document that are not durable yet, in their order. */
  pending(id: DocumentId): Uint8Array[] {
    return this.#lanes.get(id)?.waiting.flatMap((each) => each.changes) ?? []
  }

  get isIdle(): boolean {
    return this.#lanes.size === 0
  }

  /** Writes all that is pending at this moment. Rejects with `disk-full` or `read-only` when that is not possible. */
  async flush(): Promise<void> {
    for (let id = this.#nextLane(); id; id = this.#nextLane()) {
      const lane = this.#lanes.get(id) as Lane
      await this.#write(id, lane)
      if (this.#disk !== 'ok') throw new PalimpsestError(this.#disk === 'failing' ? 'internal' : this.#disk, 'changes could not be written')
    }
  }

  /** Gives up what is pending: for a document that is deleted. */
  drop(id: DocumentId): void {
    const lane = this.#lanes.get(id)
    if (lane?.timer) clearTimeout(lane.timer)
    this.#lanes.delete(id)
  }

  /** Resolves as soon as writing does not work; at once when it does not already. */
  troubled(): Promise<void> {
    if (this.#disk !== 'ok') return Promise.resolve()
    return new Promise((resolve) => this.#troubled.push(resolve))
  }

  #nextLane = () => this.#lanes.keys().next().value

  #schedule(id: DocumentId, lane: Lane, delayMs: number): void {
    if (lane.timer || lane.writing) return
    lane.timer = setTimeout(() => void this.#write(id, lane), delayMs)
  }

  /** One write of a lane at a time; what comes meanwhile goes with the next. */
  async #write(id: DocumentId, lane: Lane): Promise<void> {
    if (lane.timer) clearTimeout(lane.timer)
    lane.timer = null
    lane.writing ??= this.#writeGroup(id, lane).finally(() => {
      lane.writing = null
    })
    await lane.writing
    if (this.#lanes.get(id) !== lane) return
    if (lane.waiting.length === 0) this.#lanes.delete(id)
    else this.#schedule(id, lane, this.#disk === 'ok' ? 0 : this.#options.retryMs)
  }

  async #writeGroup(id: DocumentId, lane: Lane): Promise<void> {
    const group = [...lane.waiting]
    if (group.length === 0) return
    let file: ChunkFile
    try {
      file = await this.#folder.append(
        id,
        group.flatMap((each) => each.changes),
      )
    } catch (error) {
      this.#setDisk(diskProblem(error) ?? 'failing', error)
      return
    }
    lane.waiting.splice(0, group.length)
    this.#setDisk('ok', null)
    for (const each of group) each.onWritten(file)
    for (const each of group) each.done()
  }

  #setDisk(state: DiskState, error: unknown): void {
    if (state === this.#disk) return
    this.#disk = state
    if (state !== 'ok') for (const resolve of this.#troubled.splice(0)) resolve()
    this.#options.onDisk(state, error)
  }
}
