/**
 * A client of the relay made of nothing but a socket: it says what it is told to say, also what no honest client would. Changes in short it gives out whole, by the
 * hashes of what it has sent and received.
 */
import * as A from '@automerge/automerge/slim'
import { WebSocket } from 'ws'
import type { DocumentId } from '../core/ids.ts'
import { type ClientMessage, type RelayMessage, readRelayMessage, writeMessage } from '../core/protocol/messages.ts'
import { type ChangeHeader, chunkKind, splitChunks } from '../core/sync/change-header.ts'
import { HeaderTable } from '../core/sync/header-table.ts'
import { storedHeader } from '../core/sync/large-change.ts'
import { isShort, restore } from '../core/sync/short-change.ts'
import { readSyncMessage, type SyncMessage, writeSyncMessage } from '../core/sync/sync-message.ts'
import { platform } from './platform.ts'

type Kind = RelayMessage['type']
type OfKind<Type extends Kind> = Extract<RelayMessage, { type: Type }>

/** A message that brings changes. */
type Passing = Extract<ClientMessage | RelayMessage, { type: 'changes' | 'sync' | 'request' }>

export class RawClient {
  readonly name: string
  readonly socket: WebSocket
  /** Everything that came and was not asked for yet. */
  readonly inbox: RelayMessage[] = []
  /** Code that the relay closed with. */
  readonly closed: Promise<number>
  #relayId = '?'
  /** Headers of changes that passed, and messages that are not read yet. */
  readonly #seen = new HeaderTable()
  readonly #passing: Passing[] = []
  readonly #waiting = new Set<() => void>()

  private constructor(address: string, name: string) {
    this.name = name
    this.socket = new WebSocket(address, { perMessageDeflate: false })
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
    this.socket.on('message', (data: Buffer) => {
      this.inbox.push(this.#readWhole(readRelayMessage(data)))
      for (const look of [...this.#waiting]) look()
    })
  }

  /** A socket that has said nothing yet. */
  static async open(address: string, name = 'raw'): Promise<RawClient> {
    const client = new RawClient(address, name)
    await new Promise((resolve, reject) => client.socket.once('open', resolve).once('error', reject))
    return client
  }

  /** A client that has joined; `live` announces the live stream. */
  static async join(address: string, { name = 'raw', live = true } = {}): Promise<RawClient> {
    const client = await RawClient.open(address, name)
    client.send({ type: 'join', senderId: name, peerMetadata: live ? { palimpsest: { live: 1 } } : {}, supportedProtocolVersions: ['1'] })
    client.#relayId = (await client.next('peer')).senderId
    return client
  }

  #readWhole(message: RelayMessage): RelayMessage {
    if (message.type === 'sync') this.#passing.push(message)
    return message.type === 'changes' ? { ...message, changes: message.changes.map((change) => this.#whole(change)) } : message
  }

  #whole(change: Uint8Array): Uint8Array {
    const restored = isShort(change) ? restore({ short: change, platform }, this.#known()) : { bytes: change }
    // What it knows already, or cannot read, stays as it is.
    const bytes = typeof restored === 'object' && 'bytes' in restored ? restored.bytes : change
    this.#passing.push({ type: 'changes', channel: 0, changes: [bytes] })
    return bytes
  }

  /** All changes that passed this client. They are read when they are needed: a saved document takes its time. */
  #known(): HeaderTable {
    for (const message of this.#passing.splice(0)) {
      for (const header of chunksIn(message).flatMap(headersOf)) if (this.#seen.rowOf(header.hash) < 0) this.#seen.append(header, [])
    }
    return this.#seen
  }

  send(message: ClientMessage): void {
    if (message.type === 'changes' || message.type === 'sync' || message.type === 'request') this.#passing.push(message)
    this.socket.send(writeMessage(message))
  }

  sendSync(documentId: DocumentId, message: Partial<SyncMessage> = {}, type: 'sync' | 'request' = 'sync'): void {
    const data = writeSyncMessage({ heads: [], need: [], have: [{ lastSync: [], bloom: new Uint8Array() }], changes: [], ...message }, true)
    this.send({ type, senderId: this.name, targetId: this.#relayId, documentId, data })
  }

  sendEphemeral(documentId: DocumentId, data: Uint8Array, senderId = this.name): void {
    this.send({ type: 'ephemeral', senderId, targetId: this.#relayId, documentId, data, count: 1, sessionId: 'session' })
  }

  /** The next message of a kind; others stay in the inbox. */
  next<Type extends Kind>(type: Type): Promise<OfKind<Type>> {
    return new Promise((resolve) => {
      const look = () => {
        const at = this.inbox.findIndex((message) => message.type === type)
        if (at < 0) return
        this.#waiting.delete(look)
        resolve(this.inbox.splice(at, 1)[0] as OfKind<Type>)
      }
      this.#waiting.add(look)
      look()
    })
  }

  async nextSync(): Promise<SyncMessage> {
    return readSyncMessage((await this.next('sync')).data)
  }

  /** Follows a document; resolves with its channel when the relay has answered. */
  async follow(documentId: DocumentId): Promise<number> {
    this.sendSync(documentId)
    return (await this.next('live')).channel
  }
}

/** None for what is no sync message, which some tests send. */
function chunksIn(message: Passing): Uint8Array[] {
  try {
    return message.type === 'changes' ? message.changes : readSyncMessage(message.data).changes
  } catch {
    return []
  }
}

/** None for what is no change, which some tests send. */
function headersOf(chunks: Uint8Array): ChangeHeader[] {
  try {
    const changes = splitChunks(chunks).flatMap((chunk) => (chunkKind(chunk) === 'document' ? A.getAllChanges(A.load(chunk)) : [chunk]))
    return changes.map((change) => storedHeader(change, platform))
  } catch {
    return []
  }
}
