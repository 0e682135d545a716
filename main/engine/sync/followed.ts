/** Which documents are on which relay: the library says so for a text, and its companions go with it. */
import type { PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { EngineParts } from '../parts.ts'
import { companionsOf, idsOf } from './companions.ts'
import type { Signer } from './relay-account.ts'
import { RelayClient } from './relay-client.ts'
import type { LinkState } from './relay-link.ts'
import type { SyncStates } from './sync-states.ts'

export interface Group {
  client: RelayClient
  /** The text first, then its companions. */
  ids: readonly DocumentId[]
}

export interface FollowedOptions {
  parts: EngineParts
  states: SyncStates
  peerId: string
  signer: Signer
  maxChunkBytes?: number | undefined
  /** The relay through which a text of the library is synced here; null for none. */
  relayOf: (text: DocumentId) => string | null
  onLink: (address: string, state: LinkState) => void
  /** What is known of a text's group may be different now. */
  onChanged: (text: DocumentId) => void
  onFault: (error: PalimpsestError) => void
  onForbidden: (id: DocumentId) => void
}

export class Followed {
  readonly #options: FollowedOptions
  readonly #clients = new Map<string, RelayClient>()
  readonly #groups = new Map<DocumentId, Group>()
  /** Texts by each document of their groups: two texts may show one image. */
  readonly #texts = new Map<DocumentId, Set<DocumentId>>()
  /** The relay of the settings is kept connected, so that the person sees whether it works. */
  #favourite = ''
  #home: string | null = null

  constructor(options: FollowedOptions) {
    this.#options = options
  }

  group(text: DocumentId): Group | undefined {
    return this.#groups.get(text)
  }

  clients(): RelayClient[] {
    return [...this.#clients.values()]
  }

  /** The client of a relay, connecting at once where there is none yet. */
  client(address: string): RelayClient {
    const known = this.#clients.get(address)
    if (known) return known
    const { parts, states, peerId, signer, maxChunkBytes, onLink, onFault, onForbidden } = this.#options
    const client = new RelayClient({
      address,
      peerId,
      signer,
      documents: parts.documents,
      states,
      maxChunkBytes,
      onState: (state) => onLink(address, state),
      onChanged: (id) => this.#changed(id),
      onFault,
      onForbidden,
    })
    this.#clients.set(address, client)
    return client
  }

  setFavourite(address: string): void {
    const before = this.#favourite
    this.#favourite = address
    if (address !== '') this.client(address).retryNow()
    if (before !== address) this.#closeUnused(before)
  }

  /** Syncs the person's library through a relay; null for none. */
  setHome(relay: string | null): void {
    const before = this.#home
    if (before === relay) return
    this.#home = relay
    const { library } = this.#options.parts.identity
    if (before !== null) this.#clients.get(before)?.drop(library)
    if (before !== null) this.#closeUnused(before)
    if (relay !== null) this.client(relay).share(library)
  }

  /** Brings a text's group in line with what the library and its last reading say. */
  refresh(text: DocumentId): void {
    const relay = this.#options.relayOf(text)
    const before = this.#groups.get(text)
    const companions = companionsOf(this.#options.parts, text)
    const ids = relay === null ? [] : [text, ...idsOf(companions)]
    if (relay === null) this.#groups.delete(text)
    else this.#groups.set(text, { client: this.client(relay), ids })
    // Told first, so that the relay knows what they are when they come.
    if (relay !== null && ids.join() !== before?.ids.join()) this.client(relay).declare(text, companions)
    for (const id of ids) this.#follow(id, text)
    for (const id of before?.ids ?? []) if (!ids.includes(id) || before?.client.address !== relay) this.#unfollow(id, text, before?.client)
    if (before && before.client.address !== relay) this.#closeUnused(before.client.address)
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
  }

  #follow(id: DocumentId, text: DocumentId): void {
    const texts = this.#texts.get(id)
    if (texts) texts.add(text)
    else this.#texts.set(id, new Set([text]))
    this.#groups.get(text)?.client.share(id)
  }

  #unfollow(id: DocumentId, text: DocumentId, client: RelayClient | undefined): void {
    const texts = this.#texts.get(id)
    if (!this.#groups.get(text)?.ids.includes(id)) texts?.delete(text)
    const isWanted = [...(texts ?? [])].some((other) => this.#groups.get(other)?.client === client)
    if (!isWanted) client?.drop(id)
    if (texts?.size === 0) this.#texts.delete(id)
  }

  #closeUnused(address: string): void {
    const client = this.#clients.get(address)
    if (!client || client.isUsed || address === this.#favourite) return
    client.close()
    this.#clients.delete(address)
  }

  #changed(id: DocumentId): void {
    for (const text of this.#texts.get(id) ?? []) this.#options.onChanged(text)
  }
}
