/**
 * One document on one relay: what the relay has said that it holds, and what is to be sent.
 *
 * `unsent` is truthful: a change counts as sent only when the relay has said that it is durable there, by an acknowledgement of the live stream or by naming
 * a version that includes it in a sync message (which a relay sends only when all of it is durable). Changes that came from the relay never count.
 *
 * Everything that waits for something runs in turn, so that a session never sees two messages at once; changes of the live stream do not wait.
 */
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { Role } from '../../../core/contract/engine.ts'
import type { ChangeHash, DocumentId, Heads, PersonKey } from '../../../core/ids.ts'
import type { ChangeGraph, GraphChange } from '../../../core/sync/change-graph.ts'
import { limits } from '../../../core/protocol/messages.ts'
import { chunkKind, splitChunks } from '../../../core/sync/change-header.ts'
import { type SyncPlan, SyncSession } from '../../../core/sync/session.ts'
import { readSyncMessage, writeSyncMessages } from '../../../core/sync/sync-message.ts'
import { isShort, type ShortChange } from '../../../core/sync/short-change.ts'
import type { Documents } from '../documents.ts'
import { platform } from '../platform.ts'
import type { SyncStates } from './sync-states.ts'

/** How a document reaches its relay. */
export interface RelayPost {
  readonly address: string
  readonly isConnected: boolean
  /** Whose changes these are, when they are made here. */
  readonly me: PersonKey
  /** A `sync` or `request` message. */
  sendSync(id: DocumentId, type: 'sync' | 'request', data: Uint8Array): void
  /** Changes of the live stream; `acknowledged` is called on their document when they are durable at the relay. */
  sendChanges(document: SharedDocument, channel: number, changes: readonly GraphChange[]): void
  /** What `sync.status` says of it may be different now. */
  changed(id: DocumentId): void
  fault(error: PalimpsestError): void
}

export type ExchangeState = 'offline' | 'exchanging' | 'caught-up' | 'unavailable' | 'refused'

const tooLarge = 'It holds a single change that is larger than what a relay takes at once. The document stays on this computer.'

export class SharedDocument {
  readonly id: DocumentId
  readonly #post: RelayPost
  readonly #documents: Documents
  readonly #states: SyncStates
  readonly #maxChunkBytes: number
  #state: ExchangeState = 'offline'
  #refusal: string | null = null
  #role: Role | null
  /** Another connection may find the relay with the document again. */
  #mayPass = false
  #graph: ChangeGraph | null = null
  #session: SyncSession | null = null
  #channel: number | null = null
  /** Rows of `#graph` that the relay has not said are durable there. Null until the graph was read for the first time. */
  #unsent: Set<number> | null = null
  /** The last version that the relay said it holds. */
  #held: Heads | null = null
  #turn: Promise<void> = Promise.resolve()
  #closed = false

  constructor(id: DocumentId, post: RelayPost, documents: Documents, states: SyncStates, maxChunkBytes: number = limits.chunkBytes) {
    this.id = id
    this.#post = post
    this.#documents = documents
    this.#states = states
    this.#role = states.get(id, post.address).role
    this.#maxChunkBytes = maxChunkBytes
  }

  get state(): ExchangeState {
    return this.#state
  }

  /** Why the relay does not take it, where it does not. */
  get refusal(): string | null {
    return this.#refusal
  }

  /** What the person may do, as the relay last said; null where it has said nothing. */
  get role(): Role | null {
    return this.#role
  }

  get syncedAt(): number | null {
    return this.#states.get(this.id, this.#post.address).syncedAt
  }

  /** Whether both sides have everything, durably. */
  get isSettled(): boolean {
    return this.#state === 'caught-up' && this.#unsent?.size === 0
  }

  /** Changes that the relay has not said are durable there. */
  async unsent(): Promise<number> {
    const graph = await this.#documents.graph(this.id)
    return (this.#unsent ?? this.#lookAt(graph)).size
  }

  /** The connection is there: the first exchange begins. */
  connected(): void {
    this.#inTurn(async () => {
      if (this.#mayPass) this.#refusal = null
      if (this.#refusal !== null || !this.#post.isConnected) return
      this.#begin(await this.#documents.graph(this.id))
      this.#setState('exchanging')
      await this.#speak()
    })
  }

  disconnected(): void {
    this.#session = null
    this.#channel = null
    this.#setState('offline')
  }

  /** From now on changes of this document travel on the live stream. */
  live(channel: number): void {
    this.#channel = channel
    this.#session?.goLive()
  }

  receiveSync(data: Uint8Array): void {
    this.#inTurn(async () => {
      if (!this.#session) return
      const message = readSyncMessage(data)
      if (message.changes.length > 0) await this.#take(message.changes)
      if (!this.#session) return
      const graph = await this.#documents.graph(this.id)
      if (graph !== this.#graph) this.#begin(graph)
      this.#session.receive(message)
      if (message.heads.every((hash) => graph.has(hash))) this.#holds(message.heads, graph)
      await this.#speak()
      if (!this.#session.converged) return
      this.#setState('caught-up')
      // What came on the stream before this message and cannot be read by now never can be. Where the relay had it later than the heads that it named, it has news.
      if (graph.forgetUnread() > 0) await this.#ask()
    })
  }

  receiveChanges(changes: readonly Uint8Array[]): void {
    // A copy of each: as part of its frame, a change of a hundred bytes would keep all of it in memory.
    const copies = changes.map((bytes) => bytes.slice())
    const read = copies.map((bytes) => (isShort(bytes) ? { short: bytes, platform } : bytes))
    this.#acceptStream(read).catch((error: unknown) => this.#post.fault(asPalimpsestError(error)))
  }

  /** The relay does not have it, or does not say. */
  unavailable(): void {
    if (this.#graph?.size === 0) return this.#setState('unavailable')
    this.refused('The relay does not serve this document to you.')
    this.#mayPass = true
  }

  /** The relay says what the person may do, at first and whenever that changes. */
  access(role: Role | null, reason: string | undefined): void {
    this.#role = role
    this.#states.set(this.id, this.#post.address, { role })
    if (role === null) return this.refused(reason ?? 'The relay does not serve this document to you.')
    const isBack = this.#state === 'refused' || this.#state === 'unavailable'
    this.#refusal = null
    if (isBack) this.connected()
    this.#post.changed(this.id)
  }

  refused(reason: string): void {
    this.#refusal = reason
    this.#mayPass = false
    this.#session = null
    this.#channel = null
    this.#setState('refused')
  }

  /** The relay does not take more of it at the moment, or cannot serve it. The next connection tries again. */
  refusedForNow(reason: string): void {
    this.refused(reason)
    this.#mayPass = true
  }

  /** Changes that were made here, or came from somewhere else than this relay. */
  accepted(changes: readonly GraphChange[]): void {
    const rows = changes.map(({ header }) => this.#graph?.rowOf(header.hash) ?? -1)
    if (rows.includes(-1)) this.#beginAnew()
    else for (const row of rows) this.#unsent?.add(row)
    if (this.#channel !== null) this.#sendChanges(this.#channel, changes)
    else if (this.#session) this.#inTurn(() => this.#speak())
    this.#post.changed(this.id)
  }

  /** Only owners may bring what others have made; the others' changes come by themselves. */
  #sendChanges(channel: number, changes: readonly GraphChange[]): void {
    const sendable = changes.filter(({ header }) => this.#mayBring(this.#graph?.authorOf(header.actor) ?? header.author))
    if (sendable.length > 0) this.#post.sendChanges(this, channel, sendable)
  }

  #mayBring(author: PersonKey | null): boolean {
    return this.#maySendAll || author === null || author === this.#post.me
  }

  get #maySendAll(): boolean {
    return this.role === null || this.role === 'owner'
  }

  /** The relay says that these are durable there. */
  acknowledged(hashes: readonly ChangeHash[]): void {
    for (const hash of hashes) this.#unsent?.delete(this.#graph?.rowOf(hash) ?? -1)
    this.#noteSettled()
    this.#post.changed(this.id)
  }

  close(): void {
    this.#closed = true
    this.#session = null
    this.#channel = null
  }

  /** The graph was forgotten and read again: rows and session are those of another one. */
  #beginAnew(): void {
    if (!this.#session) return
    this.#inTurn(async () => {
      if (!this.#session) return
      this.#begin(await this.#documents.graph(this.id))
      await this.#speak()
    })
  }

  #begin(graph: ChangeGraph): void {
    this.#lookAt(graph)
    const { held } = this.#states.get(this.id, this.#post.address)
    this.#session = new SyncSession(graph, { shared: this.#session?.shared ?? held, initiates: true })
    if (this.#channel !== null) this.#session.goLive()
  }

  /** Rows are those of one graph: in another one, what is unsent follows from what the relay is known to hold. */
  #lookAt(graph: ChangeGraph): Set<number> {
    if (graph !== this.#graph || !this.#unsent) {
      this.#graph = graph
      this.#unsent = new Set(graph.rowsSince(this.#held ?? this.#states.get(this.id, this.#post.address).held))
    }
    return this.#unsent
  }

  /** The relay says that it holds this version durably. */
  #holds(heads: Heads, graph: ChangeGraph): void {
    this.#held = heads
    const missing = new Set(graph.rowsSince(heads))
    this.#unsent = new Set([...this.#lookAt(graph)].filter((row) => missing.has(row)))
    this.#noteSettled()
    this.#post.changed(this.id)
  }

  #noteSettled(): void {
    if (this.#unsent?.size !== 0 || !this.#graph) return
    this.#held = this.#graph.heads
    this.#states.set(this.id, this.#post.address, { held: this.#graph.heads, syncedAt: Date.now() })
  }

  async #speak(): Promise<void> {
    for (let plan = this.#session?.next(); plan; plan = this.#session?.next()) {
      const { chunks, hasDocument } = await this.#chunksOf(plan)
      if (!chunks.every(this.#fits)) return this.refused(tooLarge)
      const type = this.#graph?.size === 0 ? 'request' : 'sync'
      for (const data of writeSyncMessages(plan, chunks, hasDocument)) this.#post.sendSync(this.id, type, data)
    }
  }

  #fits = (chunk: Uint8Array) => chunk.length <= this.#maxChunkBytes

  /** What a plan sends: the document as it is saved where it may be and is not longer than a frame, else its changes. */
  async #chunksOf({ whole, rows }: SyncPlan): Promise<{ chunks: Uint8Array[]; hasDocument: boolean }> {
    if (rows.length === 0 || !this.#graph) return { chunks: [], hasDocument: false }
    if (whole && this.#maySendAll) {
      const { chunks } = await this.#documents.chunks(this.id)
      if (chunks.every(this.#fits)) return { chunks, hasDocument: chunks.some((chunk) => chunkKind(chunk) === 'document') }
    }
    const graph = this.#graph
    const hashes = rows.filter((row) => this.#mayBring(graph.authorAt(row))).map((row) => graph.hashAt(row))
    return { chunks: await this.#documents.bytesOf(this.id, hashes), hasDocument: false }
  }

  async #acceptStream(changes: readonly (Uint8Array | ShortChange)[]): Promise<void> {
    const { waiting, refused, unread } = await this.#documents.accept(this.id, changes, { relay: this.#post.address })
    if (waiting.length > 0) this.#inTurn(() => this.#speak())
    if (unread > 0) this.#inTurn(() => this.#askForUnread())
    if (refused[0]) throw refused[0].error
  }

  /** What the stream brought names something that is not here, and nothing that is under way brings it. */
  async #askForUnread(): Promise<void> {
    const graph = await this.#documents.graph(this.id)
    if (this.#state !== 'caught-up' || graph.unread === 0) return
    this.#setState('exchanging')
    await this.#ask()
  }

  /** The relay is to say what it has, if that is news. What of it is not here is then asked for by name. */
  async #ask(): Promise<void> {
    this.#session?.ask()
    await this.#speak()
  }

  /** Stores what a sync message brought. A saved document is opened by a worker before it is believed. */
  async #take(chunks: readonly Uint8Array[]): Promise<void> {
    const parts = chunks.flatMap(splitChunks).map((part) => part.slice())
    const saved = parts.filter((part) => chunkKind(part) === 'document')
    const changes = parts.filter((part) => chunkKind(part) !== 'document')
    const source = { relay: this.#post.address }
    if (saved.length > 0) {
      const document = { files: [], pending: saved }
      const isNew = (await this.#documents.graph(this.id)).size === 0
      if (!isNew) await this.#documents.accept(this.id, await this.#documents.work.run('changes', { document, since: [] }), source)
      else if (!(await this.#create(saved))) return
    }
    if (changes.length === 0) return
    const { refused } = await this.#documents.accept(this.id, changes, source)
    if (refused[0]) throw refused[0].error
  }

  /** Makes the document of what a worker could read. Nothing of what is damaged or poisoned is kept, and the person is told. */
  async #create(saved: Uint8Array[]): Promise<boolean> {
    const before = await this.#documents.graph(this.id)
    try {
      const read = await this.#documents.work.run('graph', { document: { files: [], pending: saved } })
      await this.#documents.create(this.id, saved, read)
      // What the live stream has brought meanwhile.
      await this.#documents.accept(this.id, before.setAside, { relay: this.#post.address })
      return true
    } catch (thrown) {
      const error = asPalimpsestError(thrown)
      if (error.code !== 'damaged' && error.code !== 'refused') throw error
      this.#post.fault(error)
      this.refused('What the relay sent of this document cannot be read. Nothing of it was kept.')
      return false
    }
  }

  #setState(state: ExchangeState): void {
    if (state === this.#state) return
    this.#state = state
    this.#post.changed(this.id)
  }

  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(() => (this.#closed ? undefined : task()))
      .catch((error: unknown) => this.#post.fault(asPalimpsestError(error)))
  }
}
