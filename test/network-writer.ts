/** An app without windows: an engine's own documents and sync on a real folder, and the Automerge document that a window would hold. */
import * as A from '@automerge/automerge/slim'
import { vi } from 'vitest'
import type { ChangeHash, DocumentId } from '../core/ids.ts'
import type { Admission } from '../core/protocol/relay-api.ts'
import { readSyncMessage } from '../core/sync/sync-message.ts'
import { NoticeBoard } from '../main/engine/notices.ts'
import { openParts } from '../main/engine/open-parts.ts'
import { RelayAccount } from '../main/engine/sync/relay-account.ts'
import { RelayClient } from '../main/engine/sync/relay-client.ts'
import type { SharedDocument } from '../main/engine/sync/shared-document.ts'
import { silentLog, temporaryFolder } from '../main/engine/testing/test-engine.ts'

export type Notes = Record<string, string>

type Opened = Awaited<ReturnType<typeof openParts>>

export class NetworkWriter {
  readonly name: string
  readonly client: RelayClient
  /** Keys by the hash of the change that wrote them. */
  readonly written = new Map<ChangeHash, string>()
  /** Of which the relay has said that it holds them durably: by an acknowledgement, or as the heads of a sync message. */
  readonly held = new Set<ChangeHash>()
  readonly #documentId: DocumentId
  readonly #opened: Opened
  readonly #shared: SharedDocument
  #doc: A.Doc<Notes>

  private constructor(name: string, documentId: DocumentId, opened: Opened, account: RelayAccount) {
    const { identity, documents, syncStates: states } = opened.parts
    this.name = name
    this.#documentId = documentId
    this.#opened = opened
    this.#doc = A.init<Notes>({ author: identity.key })
    const nothing = () => undefined
    const told = { onState: nothing, onChanged: nothing, onFault: nothing }
    this.client = new RelayClient({ address: account.address, peerId: name, signer: signerOf(name, opened), documents, states, ...told })
    documents.onAccepted((accepted) => {
      this.client.accepted(accepted)
      if (accepted.id === documentId && accepted.source !== 'engine') this.#show(accepted.changes.map(({ bytes }) => bytes))
    })
    // A saved document that came whole: a window would open it anew.
    documents.onDurable(({ id, hashes }) => {
      if (id === documentId && hashes.length === 0) void this.#stored().then((doc) => (this.#doc = A.merge(this.#doc, doc)))
    })
    this.#shared = this.client.share(documentId)
    this.#listen()
  }

  /** Somebody new, who comes to the relay at this address and syncs the document from then on. */
  static async open(name: string, documentId: DocumentId, address: string, admission: Admission): Promise<NetworkWriter> {
    const dataDir = temporaryFolder()
    const opened = await openParts({ dataDir, version: '0.0.0', log: silentLog, notices: new NoticeBoard(dataDir), isWritable: true })
    const account = new RelayAccount(address, signerOf(name, opened))
    await account.admit(admission)
    account.forget()
    return new NetworkWriter(name, documentId, opened, account)
  }

  /** Writes a key of the document; resolves when that is on this writer's own disk. */
  async write(key: string): Promise<void> {
    this.#doc = A.change(this.#doc, (draft) => void (draft[key] = this.name))
    const bytes = A.getLastLocalChange(this.#doc) as Uint8Array
    this.written.set(A.decodeChange(bytes).hash as ChangeHash, key)
    await this.#opened.parts.documents.accept(this.#documentId, [bytes], 'engine')
  }

  /** As the window shows it. */
  get notes(): Notes {
    return A.toJS(this.#doc)
  }

  /** As it is on this writer's disk. */
  async storedNotes(): Promise<Notes> {
    return A.toJS(await this.#stored())
  }

  /** Whether this one and the relay know of each other that both have everything. */
  get isSettled(): boolean {
    return this.client.isConnected && this.#shared.isSettled
  }

  async close(): Promise<void> {
    const { documents, history, syncStates } = this.#opened.parts
    this.client.close()
    syncStates.close()
    await documents.flush()
    await history.close()
    documents.close()
    await documents.work.close()
    this.#opened.opened.close()
  }

  #listen(): void {
    const { acknowledged, receiveSync } = this.#shared
    const note = (hashes: readonly ChangeHash[]) => {
      for (const hash of hashes) this.held.add(hash)
    }
    vi.spyOn(this.#shared, 'acknowledged').mockImplementation((hashes) => {
      note(hashes)
      acknowledged.call(this.#shared, hashes)
    })
    vi.spyOn(this.#shared, 'receiveSync').mockImplementation((data) => {
      note(readSyncMessage(data).heads)
      receiveSync.call(this.#shared, data)
    })
  }

  async #stored(): Promise<A.Doc<Notes>> {
    const { chunks } = await this.#opened.parts.documents.chunks(this.#documentId)
    return A.loadIncremental(A.init<Notes>(), Buffer.concat(chunks))
  }

  #show(changes: Uint8Array[]): void {
    this.#doc = A.applyChanges(this.#doc, changes)[0]
  }
}

function signerOf(name: string, { parts: { identity } }: Opened) {
  const { device: key, key: person, vouchers } = identity
  return {
    key,
    person,
    vouchers,
    deviceName: name,
    sign: (message: Uint8Array) => identity.sign(message),
    profile: () => ({ name, color: null }),
  }
}
