/**
 * What becomes of changes that a relay refuses because the person may only read: they go to a private copy, and the shared document becomes again what the relay has.
 *
 * Nothing that was typed is lost at any moment: the copy has everything and is durable before anything of the shared document goes; windows that have it open write
 * into the copy from that moment on, until they have opened it anew; and what they send meanwhile fits, since the copy has the same history.
 *
 * Which copy is whose is on the disk before there is one, and until the shared document is here again: whenever the engine ends in between, the next one goes on with that copy.
 */
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, Heads } from '../../../core/ids.ts'
import { newDocumentId } from '../identity.ts'
import { announce } from '../handlers/library-handlers.ts'
import { duplicateDocument } from '../library/new-documents.ts'
import type { EngineParts } from '../parts.ts'
import type { RelayClient } from './relay-client.ts'

export interface PrivateCopiesOptions {
  parts: EngineParts
  /** The relay that a text is on, or null. */
  clientOf(id: DocumentId): RelayClient | null
  /** Whether the relay has said that the person may not write in the text. */
  mayOnlyRead(id: DocumentId): boolean
  onFault: (error: PalimpsestError) => void
}

export class PrivateCopies {
  readonly #options: PrivateCopiesOptions
  readonly #making = new Set<DocumentId>()
  /** By shared documents that are being fetched again: their copies. */
  readonly #fetching = new Map<DocumentId, DocumentId>()

  #isClosed = false

  constructor(options: PrivateCopiesOptions) {
    this.#options = options
    for (const [id, copy] of options.parts.privateCopies.value) void this.#resume(id, copy).catch(this.#failed)
  }

  /** The relay has refused changes of a document. Where nothing can be written, all stays as it is, and the status says that it is refused. */
  refused(id: DocumentId): void {
    const { parts, mayOnlyRead } = this.#options
    if (!parts.library.has(id) || !mayOnlyRead(id) || this.#making.has(id)) return
    this.#making.add(id)
    // After a failure all stays as it is until the next start: on a disk that fails, every attempt would make another copy.
    this.#setAside(id).then(() => this.#making.delete(id), this.#failed)
  }

  /** What is known of a document and its relay may be different: the shared one may be here again. */
  changed(id: DocumentId): void {
    if (!this.#options.parts.privateCopies.value.has(id) || this.#making.has(id)) return
    const copy = this.#fetching.get(id)
    const document = this.#options.clientOf(id)?.document(id)
    // The person was given back the right to write before anything was taken away: the copy is theirs to keep, and no part of this any more.
    if (copy === undefined && document?.isSettled) this.#forget(id)
    const state = document?.state
    if (copy === undefined || (state !== 'caught-up' && state !== 'unavailable')) return
    this.#fetching.delete(id)
    this.#arrived(id, copy, state === 'caught-up').catch(this.#failed)
  }

  close(): void {
    this.#isClosed = true
  }

  async #setAside(id: DocumentId): Promise<void> {
    const { documents, history, library, readings, sessions, syncStates } = this.#options.parts
    const client = this.#options.clientOf(id)
    // Without anything that the relay does not hold there is nothing to keep apart, whatever it says.
    if (!client || (await client.document(id)?.unsent()) === 0) return
    const { heads } = await documents.graph(id)
    const copy = await this.#copyOf(id)
    if (!library.has(copy)) {
      const { folder, tags } = library.entry(id)
      await library.addDocument(copy, { folder, tags })
    }
    // Rejects when the disk takes nothing: then the copy is of no use yet, and all stays as it is.
    await documents.flush()
    await this.#handOver(id, copy, heads)
    if (this.#isClosed) return
    this.#fetching.set(id, copy)
    client.drop(id)
    syncStates.set(id, client.address, { held: [], syncedAt: null })
    readings.markStale(id)
    try {
      await documents.remove(id)
      // A window that has opened it since has the former text.
      sessions.divert(id, copy)
      history.remove(id)
    } finally {
      client.share(id)
      // The relay remembers for as long as a connection lasts what it has sent, and sends nothing twice.
      client.restart()
    }
  }

  /** A copy of all that there is of a document: the one that was begun, if one was. */
  async #copyOf(id: DocumentId): Promise<DocumentId> {
    const { parts } = this.#options
    const { documents, privateCopies, readings } = parts
    const begun = privateCopies.value.get(id)
    if (begun !== undefined && (await documents.has(begun))) {
      const copied = await documents.graph(begun)
      const missing = (await documents.graph(id)).since([]).filter((hash) => !copied.has(hash))
      await documents.accept(begun, await documents.bytesOf(id, missing), 'engine')
      readings.put(begun, await documents.run(begun, 'read', {}))
      return begun
    }
    const copy = newDocumentId()
    await privateCopies.set(new Map(privateCopies.value).set(id, copy))
    return duplicateDocument(parts, id, { titlePrefix: 'Private copy of ', copy })
  }

  /** Goes on where an engine ended. What it had not taken away yet is refused again as soon as the relay is there. */
  async #resume(id: DocumentId, copy: DocumentId): Promise<void> {
    if (await this.#options.parts.documents.has(id)) return
    this.#fetching.set(id, copy)
    this.changed(id)
  }

  #forget(id: DocumentId): void {
    const { privateCopies } = this.#options.parts
    privateCopies.set(new Map([...privateCopies.value].filter(([shared]) => shared !== id))).catch(this.#failed)
  }

  readonly #failed = (error: unknown): void => this.#options.onFault(asPalimpsestError(error))

  /**
   * Brings the copy what came since `taken`, durably, and turns the windows to it. The last of that is one step, in which nothing else can come: what the windows send after
   * it depends on nothing that the copy does not have.
   */
  async #handOver(id: DocumentId, copy: DocumentId, taken: Heads): Promise<void> {
    const { documents, sessions } = this.#options.parts
    await documents.graph(copy)
    for (let known = taken; ; ) {
      const graph = await documents.graph(id)
      const { heads } = graph
      const later = await documents.changesSince(id, known)
      const isAll = graph.since(heads).length === 0
      if (isAll) sessions.divert(id, copy)
      await documents.accept(copy, later, 'engine')
      if (isAll) return
      known = heads
    }
  }

  async #arrived(id: DocumentId, copy: DocumentId, isHere: boolean): Promise<void> {
    const { documents, library, readings } = this.#options.parts
    if (!library.has(id)) return this.#forget(id)
    if (isHere) readings.put(id, await documents.run(id, 'read', {}))
    // The person lost their role meanwhile: the copy is what they keep.
    else await library.removeDocuments([id])
    this.#forget(id)
    announce(this.#options.parts, { folders: [], documents: [id] })
    this.#options.parts.emit('document.replaced', { id, copy, title: readings.summary(copy)?.title ?? '' })
  }
}
