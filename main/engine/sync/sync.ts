/**
 * Sync with relays: the calls about relays, sharing and sync status, and what goes on behind them. Which document is on which relay is written in the
 * library; everything else here follows from that, from the settings, and from what is accepted.
 */
import { randomUUID } from 'node:crypto'
import type { EngineHandlers, RelayStatus, SyncStatus } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { isRelayAddress, parseShareLink, type ShareTarget, shareLink } from '../../../core/protocol/share-link.ts'
import type { EngineParts } from '../parts.ts'
import { companionsOf } from './companions.ts'
import { Followed } from './followed.ts'
import { probeRelay, type RelayClient } from './relay-client.ts'
import { SyncStates } from './sync-states.ts'
import { Tasks, type TaskSteps } from './tasks.ts'

export type SyncCall = 'relay.status' | 'relay.test' | 'share.create' | 'share.open' | 'sync.status' | 'task.cancel'

export interface Sync {
  handlers: Pick<EngineHandlers, SyncCall>
  close(): Promise<void>
}

const connectMs = 12_000
/** A whole document goes over the line in this time, or the person is told that it takes too long. */
const exchangeMs = 120_000
/** How long a document that was opened by a link waits for its images. */
const companionsMs = 10_000
/** Status events of one document are this far apart. */
const statusMs = 120

export function createSync(parts: EngineParts): Sync {
  const { documents, library, readings, settings, log } = parts
  const states = new SyncStates(parts.index)
  const peerId = `palimpsest-${randomUUID()}`
  const onFault = (error: PalimpsestError) => log.error('sync', error)
  const statusTimers = new Map<DocumentId, NodeJS.Timeout>()
  const lastStatus = new Map<DocumentId, string>()
  const tasks = new Tasks((progress) => parts.emit('progress', progress))
  /** By text that is being shared: told how many changes the relay does not hold yet. */
  const onUnsent = new Map<DocumentId, (unsent: number) => void>()

  const followed = new Followed({
    parts,
    states,
    peerId,
    onLink: (address) => {
      if (address === settings.value.relay) parts.emit('relay.changed', relayStatus())
    },
    onChanged: tellStatus,
    onFault,
  })

  function relayStatus(): RelayStatus {
    const address = settings.value.relay
    if (address === '') return { address, state: 'none', problem: null }
    const { state } = followed.client(address)
    if (state.is === 'waiting') return { address, state: state.problem.code, problem: state.problem.detail }
    return { address, state: state.is === 'connected' ? 'connected' : 'connecting', problem: null }
  }

  async function status(id: DocumentId): Promise<SyncStatus> {
    const saved = documents.isDurable(id)
    const group = followed.group(id)
    if (!group) return { state: 'local', saved }
    const shared = group.ids.flatMap((each) => group.client.document(each) ?? [])
    const counts = await Promise.all(shared.map((each) => each.unsent()))
    const unsent = counts.reduce((sum, count) => sum + count, 0)
    const reason = shared.find((each) => each.refusal !== null)?.refusal
    if (reason) return { state: 'refused', saved, unsent, reason }
    const syncedAt = shared[0]?.syncedAt ?? null
    const { state } = group.client
    if (state.is !== 'connected')
      return { state: 'offline', saved, unsent, syncedAt, problem: state.is === 'waiting' ? state.problem.code : null }
    const isExchanging = shared.some((each) => each.state === 'exchanging' || each.state === 'offline')
    return { state: isExchanging ? 'syncing' : 'online', saved, unsent, syncedAt }
  }

  /** Tells the renderers soon, once for all that happens until then. */
  function tellStatus(id: DocumentId): void {
    if (statusTimers.has(id)) return
    const tell = async () => {
      statusTimers.delete(id)
      const now = await status(id)
      const text = JSON.stringify(now)
      if (lastStatus.get(id) === text) return
      lastStatus.set(id, text)
      if ('unsent' in now) onUnsent.get(id)?.(now.unsent)
      parts.emit('sync.changed', { id, status: now })
    }
    statusTimers.set(
      id,
      setTimeout(() => void tell().catch((error: unknown) => onFault(asPalimpsestError(error))), statusMs),
    )
  }

  documents.onAccepted((accepted) => {
    for (const client of followed.clients()) client.accepted(accepted)
    if (library.has(accepted.id)) tellStatus(accepted.id)
  })
  documents.onDurable(({ id }) => {
    if (library.has(id)) tellStatus(id)
  })
  parts.onEmit((name, event) => {
    if (name === 'settings.changed') followRelay()
    if (name !== 'library.changed') return
    const { documents: changed = [], removedDocuments = [] } = event as {
      documents?: { id: DocumentId }[]
      removedDocuments?: DocumentId[]
    }
    for (const id of [...changed.map((summary) => summary.id), ...removedDocuments]) followed.refresh(id)
  })

  function followRelay(): void {
    followed.setFavourite(settings.value.relay)
    parts.emit('relay.changed', relayStatus())
  }

  async function connectedClient(address: string, cancelled: AbortSignal): Promise<RelayClient> {
    const client = followed.client(address)
    client.retryNow()
    await client.until(() => client.isConnected, connectMs, cancelled)
    return client
  }

  /** Puts a text and its companions on a relay; resolves when the relay has everything. */
  async function share(id: DocumentId, relay: string, { cancelled, onProgress }: TaskSteps): Promise<void> {
    const client = await connectedClient(relay, cancelled)
    const wasOn = library.entry(id).relay
    let total = 0
    onUnsent.set(id, (unsent) => {
      total = Math.max(total, unsent)
      onProgress(total - unsent, total)
    })
    try {
      await library.updateDocuments([id], { relay })
      const ids = followed.group(id)?.ids ?? []
      await client.until(() => ids.every((each) => client.document(each)?.isSettled), exchangeMs, cancelled)
    } catch (error) {
      await library.updateDocuments([id], { relay: wasOn })
      throw error
    } finally {
      onUnsent.delete(id)
    }
  }

  /** Fetches a text that is not here yet, with its companions, and puts it into the library. */
  async function fetchShared({ documentId: id, relay }: ShareTarget, { cancelled }: TaskSteps): Promise<void> {
    const client = await connectedClient(relay, cancelled)
    const document = client.share(id)
    const isDecided = () => ['caught-up', 'unavailable', 'refused'].includes(document.state)
    try {
      await client.until(isDecided, exchangeMs, cancelled)
      if (document.state === 'unavailable') throw notThere
      if (document.refusal !== null) throw new PalimpsestError('refused', `${id}: ${document.refusal}`, { detail: document.refusal })
      readings.put(id, await documents.run(id, 'read', {}))
    } catch (error) {
      client.drop(id)
      if (await documents.has(id)) await documents.remove(id)
      throw error
    }
    const companions = companionsOf(parts, id).map((each) => client.share(each))
    const isHere = (each: (typeof companions)[number]) => each.state === 'caught-up' || each.state === 'unavailable'
    await client.until(() => companions.every(isHere), companionsMs).catch((error: unknown) => onFault(asPalimpsestError(error)))
    await library.addDocument(id, { relay })
  }

  followed.setFavourite(settings.value.relay)
  for (const id of library.documents()) followed.refresh(id)

  return {
    handlers: {
      'relay.status': relayStatus,

      'relay.test': async ({ address }) => {
        requireAddress(address)
        await probeRelay({ address, peerId, documents, states, onState: () => {}, onChanged: () => {}, onFault })
        return null
      },

      'share.create': async ({ id, task }) => {
        const relay = library.entry(id).relay ?? settings.value.relay
        requireAddress(relay)
        const isThere = library.entry(id).relay !== null && followed.group(id)?.client.document(id)?.syncedAt != null
        if (!isThere) await tasks.run(task, (steps) => share(id, relay, steps))
        return { link: shareLink({ documentId: id, relay }) }
      },

      'share.open': async ({ link, task }) => {
        const target = parseShareLink(link)
        if (!library.has(target.documentId)) await tasks.run(task, (steps) => fetchShared(target, steps))
        else
          await library.updateDocuments([target.documentId], {
            relay: library.entry(target.documentId).relay ?? target.relay,
            trashedAt: null,
          })
        return { id: target.documentId }
      },

      'sync.status': ({ id }) => {
        library.entry(id)
        return status(id)
      },

      'task.cancel': ({ task }) => {
        tasks.cancel(task)
        return null
      },
    },

    async close() {
      for (const timer of statusTimers.values()) clearTimeout(timer)
      followed.close()
      states.save()
    },
  }
}

const notThere = new PalimpsestError('not-found', 'the relay does not have the document', {
  detail: 'The relay does not have this document. Perhaps it has not been sent there yet; try again in a moment.',
})

function requireAddress(address: string): void {
  if (isRelayAddress(address)) return
  throw new PalimpsestError('invalid', `no relay address: ${address}`, {
    detail: address === '' ? 'Choose a relay in the settings first.' : 'The address of a relay begins with “wss://” or “ws://”.',
  })
}
