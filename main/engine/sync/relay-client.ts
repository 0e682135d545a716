/** One relay as the engine knows it: the connection, the documents that are on it, and what of theirs is under way. */
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { ChangeHash, DocumentId, PersonKey } from '../../../core/ids.ts'
import type { RelayMessage } from '../../../core/protocol/messages.ts'
import type { GraphChange } from '../../../core/sync/change-graph.ts'
import type { Accepted, Documents } from '../documents.ts'
import type { Companions } from './companions.ts'
import { RelayAccount, type Signer } from './relay-account.ts'
import { RelayLink, type LinkState } from './relay-link.ts'
import { type RelayPost, SharedDocument } from './shared-document.ts'
import type { SyncStates } from './sync-states.ts'

export interface RelayClientOptions {
  address: string
  peerId: string
  signer: Signer
  documents: Documents
  states: SyncStates
  /** The largest change or saved document that fits into a frame; the protocol's where it is not given. */
  maxChunkBytes?: number | undefined
  onState: (state: LinkState) => void
  /** What `sync.status` says of a document may be different now. */
  onChanged: (id: DocumentId) => void
  onFault: (error: PalimpsestError) => void
  /** The relay has refused changes of a document for which the person has no right. */
  onForbidden?: ((id: DocumentId) => void) | undefined
}

/** A `changes` message that the relay has not acknowledged. */
interface Unacknowledged {
  number: number
  document: SharedDocument
  hashes: ChangeHash[]
}

export class RelayClient implements RelayPost {
  readonly address: string
  readonly account: RelayAccount
  readonly #options: RelayClientOptions
  readonly #link: RelayLink
  readonly #documents = new Map<DocumentId, SharedDocument>()
  readonly #channels = new Map<number, SharedDocument>()
  /** What goes with each text, to be told at every connection. */
  readonly #companions = new Map<DocumentId, Companions>()
  #unacknowledged: Unacknowledged[] = []
  #sent = 0
  readonly #waiting = new Set<() => void>()

  constructor(options: RelayClientOptions) {
    this.address = options.address
    this.#options = options
    this.account = new RelayAccount(options.address, options.signer)
    this.#link = new RelayLink({
      account: this.account,
      peerId: options.peerId,
      onState: (state) => this.#stateChanged(state),
      onMessage: (message) => this.#receive(message),
    })
  }

  get me(): PersonKey {
    return this.#options.signer.person
  }

  get state(): LinkState {
    return this.#link.state
  }

  get isConnected(): boolean {
    return this.#link.state.is === 'connected'
  }

  get isUsed(): boolean {
    return this.#documents.size > 0
  }

  document(id: DocumentId): SharedDocument | undefined {
    return this.#documents.get(id)
  }

  /** Begins to sync a document, and goes on as long as it is not dropped. */
  share(id: DocumentId): SharedDocument {
    const known = this.#documents.get(id)
    if (known) return known
    const { documents, states, maxChunkBytes } = this.#options
    const document = new SharedDocument(id, this, documents, states, maxChunkBytes)
    this.#documents.set(id, document)
    if (this.isConnected) document.connected()
    return document
  }

  /** Tells the relay which documents go with a text. */
  declare(text: DocumentId, companions: Companions): void {
    this.#companions.set(text, companions)
    if (this.isConnected) this.#link.send({ type: 'parts', documentId: text, ...companions })
  }

  drop(id: DocumentId): void {
    this.#companions.delete(id)
    this.#documents.get(id)?.close()
    this.#documents.delete(id)
    for (const [channel, document] of this.#channels) if (document.id === id) this.#channels.delete(channel)
  }

  /** Passes on what was accepted from anywhere else. */
  accepted({ id, changes, source }: Accepted): void {
    const isFromHere = typeof source === 'object' && 'relay' in source && source.relay === this.address
    if (!isFromHere) this.#documents.get(id)?.accepted(changes)
  }

  retryNow(): void {
    this.#link.retryNow()
  }

  /** Connects anew, as somebody whom the relay may know now. */
  restart(): void {
    this.#link.restart()
  }

  /**
   * Resolves as soon as `check` holds; rejects with what is wrong with the relay, with `unreachable` when it takes too long, and with the reason of `cancelled`
   * when that is aborted.
   */
  until(check: () => boolean, timeoutMs: number, cancelled?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer)
        cancelled?.removeEventListener('abort', cancel)
        this.#waiting.delete(look)
        settle()
      }
      const cancel = () => end(() => reject(cancelled?.reason))
      const look = () => {
        if (check()) return end(resolve)
        const { state } = this
        if (state.is === 'waiting') end(() => reject(problemOf(this.address, state.problem)))
      }
      const tooLong = { code: 'unreachable', detail: 'The relay takes too long to answer.' } as const
      const timer = setTimeout(() => end(() => reject(problemOf(this.address, tooLong))), timeoutMs)
      this.#waiting.add(look)
      cancelled?.addEventListener('abort', cancel)
      if (cancelled?.aborted) cancel()
      else look()
    })
  }

  close(): void {
    for (const document of this.#documents.values()) document.close()
    this.#link.close()
    this.account.forget()
  }

  sendSync(id: DocumentId, type: 'sync' | 'request', data: Uint8Array): void {
    const { state } = this
    if (state.is === 'connected') this.#link.send({ type, senderId: this.#options.peerId, targetId: state.relayId, documentId: id, data })
  }

  sendChanges(document: SharedDocument, channel: number, changes: readonly GraphChange[]): void {
    const number = ++this.#sent
    this.#unacknowledged.push({ number, document, hashes: changes.map(({ header }) => header.hash) })
    this.#link.send({ type: 'changes', channel, changes: changes.map(({ bytes }) => bytes), number })
  }

  changed(id: DocumentId): void {
    for (const look of [...this.#waiting]) look()
    this.#options.onChanged(id)
  }

  fault(error: PalimpsestError): void {
    this.#options.onFault(error)
  }

  #stateChanged(state: LinkState): void {
    if (state.is === 'connected') {
      for (const [text, companions] of this.#companions) this.declare(text, companions)
      for (const document of this.#documents.values()) document.connected()
    }
    if (state.is === 'waiting' || state.is === 'connecting') {
      this.#unacknowledged = []
      this.#sent = 0
      this.#channels.clear()
      for (const document of this.#documents.values()) document.disconnected()
    }
    this.#options.onState(state)
    for (const look of [...this.#waiting]) look()
  }

  #receive(message: RelayMessage): void {
    switch (message.type) {
      case 'changes':
        return this.#channels.get(message.channel)?.receiveChanges(message.changes)
      case 'ack':
        return this.#acknowledged(message.number)
      case 'sync':
        return this.#documents.get(message.documentId)?.receiveSync(message.data)
      case 'live':
        return this.#live(message.documentId, message.channel)
      case 'doc-unavailable':
        return this.#documents.get(message.documentId)?.unavailable()
      case 'access':
        return this.#documents.get(message.documentId)?.access(message.role, message.reason)
      case 'error':
        return this.#refused(message)
      case 'ephemeral':
      case 'peer':
        return
    }
  }

  #refused({ message, code, reason, documentId, number }: Extract<RelayMessage, { type: 'error' }>): void {
    this.fault(new PalimpsestError('refused', `the relay at ${this.address} says: ${message}`))
    this.#unacknowledged = this.#unacknowledged.filter((each) => each.number !== number)
    const document = documentId && this.#documents.get(documentId)
    if (code === 'no-room' || code === 'damaged-there') document?.refusedForNow(reason ?? 'The relay cannot take this document now.')
    else document?.refused(code === 'not-allowed' ? notTaken : `The relay refuses changes of this document (${message}).`)
    if (document && code === 'not-allowed') this.#options.onForbidden?.(document.id)
  }

  #live(id: DocumentId, channel: number): void {
    const document = this.#documents.get(id)
    if (!document) return
    this.#channels.set(channel, document)
    document.live(channel)
  }

  #acknowledged(number: number): void {
    const open = this.#unacknowledged.findIndex((each) => each.number > number)
    const done = this.#unacknowledged.splice(0, open < 0 ? this.#unacknowledged.length : open)
    for (const { document, hashes } of done) document.acknowledged(hashes)
  }
}

/** Nothing of it is lost, and nothing of it is sent. */
const notTaken = 'You can read this document, not change it. Your edit is kept on this computer and not sent.'

function problemOf(address: string, { code, detail }: { code: PalimpsestError['code']; detail: string }): PalimpsestError {
  return new PalimpsestError(code, `relay ${address}: ${detail}`, { detail })
}

/** Connects once, to see whether there is a relay. Throws `unreachable`, `not-a-relay` or `refused`. */
export async function probeRelay(options: RelayClientOptions): Promise<void> {
  const client = new RelayClient(options)
  try {
    await client.until(() => client.isConnected, 10_000)
  } catch (error) {
    throw asPalimpsestError(error)
  } finally {
    client.close()
  }
}
