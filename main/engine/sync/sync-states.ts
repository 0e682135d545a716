import type Database from 'better-sqlite3'
import { Decoder, Encoder } from 'cbor-x'
import * as v from 'valibot'
import type { Role } from '../../../core/contract/engine.ts'
import { type ChangeHash, type DocumentId, type Heads, isChangeHash } from '../../../core/ids.ts'
import { type RelayValue, relayCalls } from '../../../core/protocol/relay-api.ts'
import { roles } from '../../../core/roles.ts'
import { decodeStored } from '../index/stored-value.ts'

/** What a relay was last known to hold of a document. */
export interface SyncState {
  /** A version that the relay holds durably, and that is here. */
  held: Heads
  /** When there was last nothing left to exchange; null for never. */
  syncedAt: number | null
  /** What the person may do there, as the relay last said; null where it has said nothing. */
  role: Role | null
  /** Who shares it, as the relay last said; null where it has said nothing. */
  access: RelayValue<'document.access'> | null
}

const encoder = new Encoder({ useRecords: false, tagUint8Array: false })
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true })
const parser = v.object({
  held: v.array(v.custom<ChangeHash>(isChangeHash)),
  syncedAt: v.nullable(v.number()),
  role: v.optional(v.nullable(v.picklist(roles)), null),
  access: v.fallback(v.nullable(relayCalls['document.access'].value), null),
})

/** Written this long after the first change, in one transaction: a state that is lost only makes the next sync longer. */
const writeDelayMs = 1_000

/** Sync states in the library index, so that a restart does not begin every document anew. */
export class SyncStates {
  readonly #read: Database.Statement<[string, string], { state: Uint8Array }>
  readonly #write: (changed: [string, SyncState][]) => void
  readonly #changed = new Map<string, SyncState>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(database: Database.Database) {
    this.#read = database.prepare('SELECT state FROM sync_states WHERE document = ? AND relay = ?')
    const put = database.prepare<[string, string, Uint8Array]>('INSERT OR REPLACE INTO sync_states VALUES (?, ?, ?)')
    this.#write = database.transaction((changed: [string, SyncState][]) => {
      for (const [key, state] of changed) {
        const [document = '', relay = ''] = key.split(' ')
        put.run(document, relay, encoder.encode(state))
      }
    })
  }

  get(document: DocumentId, relay: string): SyncState {
    const changed = this.#changed.get(keyOf(document, relay))
    if (changed) return changed
    const row = this.#read.get(document, relay)
    const parsed = row ? v.safeParse(parser, decodeStored(decoder, row.state)) : null
    return parsed?.success ? parsed.output : { held: [], syncedAt: null, role: null, access: null }
  }

  set(document: DocumentId, relay: string, state: Partial<SyncState>): void {
    this.#changed.set(keyOf(document, relay), { ...this.get(document, relay), ...state })
    if (!this.#isClosed) this.#timer ??= setTimeout(() => this.save(), writeDelayMs)
  }

  /** Writes what there is. What is still found out after that is found out again. */
  close(): void {
    this.save()
    this.#isClosed = true
  }

  save(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#write([...this.#changed])
    this.#changed.clear()
  }
}

/** Neither a document's id nor an address has a space. */
const keyOf = (document: DocumentId, relay: string) => `${document} ${relay}`
