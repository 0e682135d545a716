/**
 * What the relays tell that concerns the person. A stream is held to each relay that is connected; what comes waits here until a window takes it, and only then
 * does its number count as known: what nobody saw comes again after the next start.
 */
import type { EngineHandlers, FeedItem } from '../../../core/contract/engine.ts'
import { asPalimpsestError } from '../../../core/errors.ts'
import type { NumberedEvent } from '../../../core/protocol/feed.ts'
import type { EngineParts } from '../parts.ts'
import { colorOfKey } from '../preferences.ts'
import type { RelayClient } from './relay-client.ts'
import { RelayFeed } from './relay-feed.ts'

interface Untold extends NumberedEvent {
  relay: string
}

/** Beyond this the oldest are left out: nobody reads so many lines. */
const maxUntold = 200

export class Feeds {
  readonly #parts: EngineParts
  /** Told when the folders that a relay shares with the person may be different. */
  readonly #onFolders: (relay: string) => void
  readonly #feeds = new Map<string, RelayFeed>()
  #untold: Untold[] = []

  constructor(parts: EngineParts, onFolders: (relay: string) => void) {
    this.#parts = parts
    this.#onFolders = onFolders
  }

  readonly handlers: Pick<EngineHandlers, 'feed.take'> = {
    'feed.take': async () => {
      const taken = this.#untold
      this.#untold = []
      await this.#mark(taken)
      return taken.flatMap((untold) => this.#itemOf(untold) ?? [])
    },
  }

  connected({ account, address }: RelayClient): void {
    if (this.#feeds.has(address)) return
    const { feedMarks, log } = this.#parts
    const waiting = this.#untold.findLast(({ relay }) => relay === address)
    const feed = new RelayFeed({
      account,
      last: waiting?.id ?? feedMarks.value.get(address) ?? null,
      onEvent: (numbered) => this.#arrived({ ...numbered, relay: address }),
      onFault: (error) => log.error('the feed ended', error),
    })
    this.#feeds.set(address, feed)
  }

  disconnected(address: string): void {
    this.#feeds.get(address)?.close()
    this.#feeds.delete(address)
  }

  close(): void {
    for (const address of [...this.#feeds.keys()]) this.disconnected(address)
  }

  /** `ready` says nothing to a window, but from where to go on. */
  #arrived(untold: Untold): void {
    if ('folder' in untold.event && untold.event.kind !== 'invited') this.#onFolders(untold.relay)
    const isMark = untold.event.kind === 'ready'
    if (isMark && this.#untold.every(({ relay }) => relay !== untold.relay)) {
      this.#mark([untold]).catch((error: unknown) => this.#parts.log.error('a feed was not marked', asPalimpsestError(error)))
      return
    }
    this.#untold = [...this.#untold, untold].slice(-maxUntold)
    if (!isMark) this.#parts.emit('feed.changed', {})
  }

  async #mark(taken: readonly Untold[]): Promise<void> {
    const marks = new Map(this.#parts.feedMarks.value)
    for (const { relay, id } of taken) marks.set(relay, id)
    if ([...marks].some(([relay, id]) => this.#parts.feedMarks.value.get(relay) !== id)) await this.#parts.feedMarks.set(marks)
  }

  #itemOf({ event }: Untold): FeedItem | null {
    if (event.kind === 'ready') return null
    const { library, readings } = this.#parts
    const { kind, at, documentId: document = null, folder = null } = { documentId: undefined, folder: undefined, ...event }
    const title = document !== null && library.has(document) ? (readings.summary(document)?.title ?? '') : null
    const item = { kind, at, document, folder, title, count: 0, role: null, from: null, reason: null }
    if (event.kind === 'removed') return { ...item, reason: event.reason }
    const { key, name, color } = event.from
    const from = { key, name, color: color ?? colorOfKey(key), picture: null }
    if (event.kind === 'shared') return { ...item, from, count: event.count }
    return { ...item, from, role: 'role' in event ? event.role : null }
  }
}
