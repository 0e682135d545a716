/**
 * Keeps what the index says of texts up to date: reads a document again some time after it changed, one at a time, in a worker thread.
 * Documents that take long to read are read less often while somebody writes in them. A change that names another document, as a new
 * image does, does not wait: what the text shows is sent and fetched by what is known of it.
 */
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Accepted, Documents } from '../documents.ts'
import { inflateChange } from '../storage/chunk-framing.ts'
import type { Readings } from './readings.ts'

const delayMs = 1500
/** A document is read for at most this part of the time. */
const share = 1 / 10

export interface IndexerOptions {
  documents: Documents
  readings: Readings
  /** Whether a document is a text of the library; margins, attachments and the library itself are not read. */
  isText: (id: DocumentId) => boolean
  onRead: (id: DocumentId) => void
  onFault: (error: PalimpsestError) => void
  delayMs?: number
}

export class Indexer {
  readonly #options: IndexerOptions
  readonly #timers = new Map<DocumentId, NodeJS.Timeout>()
  readonly #durations = new Map<DocumentId, number>()
  #queue: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: IndexerOptions) {
    this.#options = options
    options.documents.onAccepted(({ id, changes }) => {
      if (!options.isText(id)) return
      this.#changed(id)
      if (changes.some(namesDocument)) void this.read(id)
    })
  }

  /** Reads documents of which nothing is known: when the index is new. */
  async catchUp(ids: readonly DocumentId[], onProgress: (done: number) => void): Promise<void> {
    for (const [done, id] of ids.entries()) {
      if (this.#isClosed) return
      await this.read(id)
      onProgress(done + 1)
    }
  }

  /** Reads documents that had changed at the last end, as if they had just changed: a window that opens meanwhile comes first. */
  readLater(ids: readonly DocumentId[]): void {
    for (const id of ids) this.#changed(id)
  }

  /** Reads a document now. Resolves when the index has it. */
  read(id: DocumentId): Promise<void> {
    const timer = this.#timers.get(id)
    if (timer) clearTimeout(timer)
    this.#timers.delete(id)
    const reading = this.#queue.then(() => this.#read(id))
    this.#queue = reading
    return reading
  }

  /** Resolves when nothing is being read. What waits is read after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await this.#queue
  }

  #changed(id: DocumentId): void {
    if (this.#isClosed || this.#timers.has(id)) return
    this.#options.readings.markStale(id)
    const wait = Math.max(this.#options.delayMs ?? delayMs, (this.#durations.get(id) ?? 0) / share)
    const timer = setTimeout(() => void this.read(id), wait)
    this.#timers.set(id, timer)
  }

  async #read(id: DocumentId): Promise<void> {
    const { documents, readings, isText, onRead, onFault } = this.#options
    if (this.#isClosed || !isText(id)) return
    const start = performance.now()
    try {
      const reading = await documents.run(id, 'read', {}, 'later')
      if (this.#isClosed || !isText(id)) return
      readings.put(id, reading)
      this.#durations.set(id, performance.now() - start)
      onRead(id)
    } catch (thrown) {
      onFault(asPalimpsestError(thrown))
    }
  }
}

/** Larger changes are imports and pastes of whole books; looking through them would take the time that is to be saved. */
const maxLookedThrough = 256 * 1024

/** Whether there is the address of a document in a change. Automerge keeps a string's bytes as they are. */
function namesDocument({ bytes }: Accepted['changes'][number]): boolean {
  const plain = bytes.length > maxLookedThrough ? null : inflateChange(bytes)
  return plain !== null && Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).includes('automerge:')
}
