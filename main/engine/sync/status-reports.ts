/** What windows are told of each document: how far it is on the way to its relay, and what the person may do with it there. */
import type { Role, SyncStatus } from '../../../core/contract/engine.ts'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { EngineParts } from '../parts.ts'
import type { Group } from './followed.ts'

/** Status events of one document are this far apart. */
const statusMs = 120

export interface StatusReportsOptions {
  parts: EngineParts
  groupOf(text: DocumentId): Group | undefined
  onFault: (error: PalimpsestError) => void
}

export class StatusReports {
  readonly #options: StatusReportsOptions
  readonly #timers = new Map<DocumentId, NodeJS.Timeout>()
  readonly #lastStatus = new Map<DocumentId, string>()
  readonly #lastRole = new Map<DocumentId, Role>()
  /** By text that is being shared: told how many changes the relay does not hold yet. */
  readonly #onUnsent = new Map<DocumentId, (unsent: number) => void>()

  constructor(options: StatusReportsOptions) {
    this.#options = options
  }

  /** As the relay last said; everything with a document that is on none. */
  roleOf(id: DocumentId): Role {
    const { library, syncStates } = this.#options.parts
    const relay = library.has(id) ? library.entry(id).relay : null
    return relay === null ? 'owner' : (syncStates.get(id, relay).role ?? 'owner')
  }

  /** The role as a window learns it; it is told when that changes. */
  askedRole(id: DocumentId): Role {
    const role = this.roleOf(id)
    this.#lastRole.set(id, role)
    return role
  }

  async of(id: DocumentId): Promise<SyncStatus> {
    const saved = this.#options.parts.documents.isDurable(id)
    const group = this.#options.groupOf(id)
    if (!group) return { state: 'local', saved }
    const shared = group.ids.flatMap((each) => group.client.document(each) ?? [])
    const counts = await Promise.all(shared.map((each) => each.unsent()))
    const unsent = counts.reduce((sum, count) => sum + count, 0)
    const reason = shared.find((each) => each.refusal !== null)?.refusal
    if (reason) return { state: 'refused', saved, unsent, reason }
    const syncedAt = shared[0]?.syncedAt ?? null
    const { state } = group.client
    if (state.is !== 'connected')
      return { state: 'offline', saved, unsent, syncedAt, problem: state.is === 'closed' ? null : (state.problem?.code ?? null) }
    const isExchanging = shared.some((each) => each.state === 'exchanging' || each.state === 'offline')
    return { state: isExchanging ? 'syncing' : 'online', saved, unsent, syncedAt }
  }

  /** Tells the windows soon, once for all that happens until then. */
  tellSoon(id: DocumentId): void {
    if (this.#timers.has(id)) return
    const tell = () => this.#tell(id).catch((error: unknown) => this.#options.onFault(asPalimpsestError(error)))
    this.#timers.set(
      id,
      setTimeout(() => void tell(), statusMs),
    )
  }

  /** `hear` is told how many changes of a text the relay does not hold yet, whenever the windows are. Returns a function that ends this. */
  watchUnsent(id: DocumentId, hear: (unsent: number) => void): () => void {
    this.#onUnsent.set(id, hear)
    return () => this.#onUnsent.delete(id)
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  async #tell(id: DocumentId): Promise<void> {
    const { parts } = this.#options
    this.#timers.delete(id)
    if (!parts.library.has(id)) return
    const status = await this.of(id)
    this.#tellRole(id)
    const text = JSON.stringify(status)
    if (this.#lastStatus.get(id) === text) return
    this.#lastStatus.set(id, text)
    if ('unsent' in status) this.#onUnsent.get(id)?.(status.unsent)
    parts.emit('sync.changed', { id, status })
  }

  #tellRole(id: DocumentId): void {
    const before = this.#lastRole.get(id)
    const role = this.askedRole(id)
    if (before !== undefined && before !== role) this.#options.parts.emit('role.changed', { id, role })
  }
}
