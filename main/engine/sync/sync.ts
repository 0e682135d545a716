/**
 * Sync with relays: the calls about relays, sharing and sync status, and what goes on behind them. Which document is on which relay is written in the
 * library; everything else here follows from that, from the settings, and from what is accepted.
 */
import { randomUUID } from 'node:crypto'
import type { EngineHandlers, RelayStatus, Role, SyncStatus } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { mayWriteTo } from '../../../core/roles.ts'
import { isRelayAddress, parseInvite, parseShareLink, type ShareTarget } from '../../../core/protocol/share-link.ts'
import type { Reading } from '../document-jobs.ts'
import { announce } from '../handlers/library-handlers.ts'
import type { EngineParts } from '../parts.ts'
import { type CollaborationCall, collaborationHandlers } from './collaboration.ts'
import { companionsOf, idsOf } from './companions.ts'
import { type DeviceCall, deviceName, Devices } from './devices.ts'
import { Faces } from './faces.ts'
import { Feeds } from './feeds.ts'
import { Followed } from './followed.ts'
import { type FolderCall, SharedFolders } from './shared-folders.ts'
import type { Signer } from './relay-account.ts'
import { Mentions } from './mentions.ts'
import { PrivateCopies } from './private-copies.ts'
import { probeRelay, RelayClient } from './relay-client.ts'
import { Tasks, type TaskSteps } from './tasks.ts'

export type SyncCall =
  | CollaborationCall
  | DeviceCall
  | 'person.lookup'
  | 'feed.take'
  | 'share.mention'
  | FolderCall
  | 'relay.status'
  | 'relay.test'
  | 'relay.join'
  | 'relay.leave'
  | 'share.create'
  | 'share.open'
  | 'sync.status'
  | 'task.cancel'

export interface Sync {
  /** What the person may do with a document, as its relay last said; everything with one that is on none. */
  roleOf(id: DocumentId): Role
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

export interface SyncOptions {
  /** For tests: the largest change or saved document that fits into a frame. */
  maxChunkBytes?: number
  /** This installation has become a device of another person. */
  onMoved?: () => void
}

export function createSync(parts: EngineParts, { maxChunkBytes, onMoved }: SyncOptions): Sync {
  const { documents, leftRelays, library, readings, settings, log } = parts
  const states = parts.syncStates
  const peerId = `palimpsest-${randomUUID()}`
  const onFault = (error: PalimpsestError) => log.error('sync', error)
  const statusTimers = new Map<DocumentId, NodeJS.Timeout>()
  const lastStatus = new Map<DocumentId, string>()
  const lastRole = new Map<DocumentId, Role>()
  const tasks = new Tasks((progress) => parts.emit('progress', progress))
  /** By text that is being shared: told how many changes the relay does not hold yet. */
  const onUnsent = new Map<DocumentId, (unsent: number) => void>()
  let isClosed = false

  const { key: person, device, vouchers, sign } = parts.identity
  const profile = () => ({ name: parts.profile.value.name, color: parts.profile.value.color })
  const signer: Signer = { key: device, person, vouchers, deviceName: deviceName(), sign, profile }
  const isLeft = (relay: string) => leftRelays.value.includes(relay)
  const followed = new Followed({
    parts,
    states,
    peerId,
    signer,
    maxChunkBytes,
    relayOf: (id) => {
      const relay = library.relayOf(id)
      return relay === null || isLeft(relay) || !isRelayAddress(relay) ? null : relay
    },
    onLink: (address, { is }) => {
      if (is === 'connected') {
        faces.connected(followed.client(address))
        devices.tellRemoved(followed.client(address))
        feeds.connected(followed.client(address))
        mentions.connected(followed.client(address))
        void folders.look(followed.client(address))
      } else feeds.disconnected(address)
      if (address === settings.value.relay) parts.emit('relay.changed', relayStatus())
    },
    onChanged: (id) => {
      copies.changed(id)
      tellStatus(id)
    },
    onFault,
    onForbidden: (id) => copies.refused(id),
  })
  const copies = new PrivateCopies({
    parts,
    clientOf: (id) => followed.group(id)?.client ?? null,
    mayOnlyRead: (id) => !mayWriteTo('text', roleOf(id)),
    onFault,
  })

  const folders = new SharedFolders({
    parts,
    tasks,
    favourite: () => {
      requireAddress(settings.value.relay)
      return followed.client(settings.value.relay)
    },
    client: (address) => followed.client(address),
    share,
    fetch: (documentId, relay, folder, steps) => fetchShared({ documentId, relay, secret: null }, undefined, steps, folder),
    isOwned: (id) => roleOf(id) === 'owner',
    libraryFrom,
    isLeft,
  })
  const feeds = new Feeds(parts, (relay) => void folders.look(followed.client(relay)))
  const mentions = new Mentions(parts, { roleOf, relayOf: (id) => followed.group(id)?.client ?? null })
  const faces = new Faces(parts, () => followed.clients())
  const devices = new Devices({
    parts,
    tasks,
    favourite: () => (settings.value.relay === '' ? null : followed.client(settings.value.relay)),
    clients: () => followed.clients(),
    client: (address) => followed.client(address),
    followHome,
    newClient: (address, as) =>
      new RelayClient({
        address,
        peerId: `palimpsest-${randomUUID()}`,
        signer: as,
        documents,
        states,
        maxChunkBytes,
        onState: () => {},
        onChanged: () => {},
        onFault,
      }),
    onMoved: () => onMoved?.(),
  })

  function relayStatus(): RelayStatus {
    const address = settings.value.relay
    if (address === '') return { address, state: 'none', problem: null }
    const { state } = followed.client(address)
    if (state.is === 'waiting') return { address, state: state.problem.code, problem: state.problem.detail }
    return { address, state: state.is === 'connected' ? 'connected' : 'connecting', problem: null }
  }

  function roleOf(id: DocumentId): Role {
    const relay = library.has(id) ? library.entry(id).relay : null
    return relay === null ? 'owner' : (states.get(id, relay).role ?? 'owner')
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
      return { state: 'offline', saved, unsent, syncedAt, problem: state.is === 'closed' ? null : (state.problem?.code ?? null) }
    const isExchanging = shared.some((each) => each.state === 'exchanging' || each.state === 'offline')
    return { state: isExchanging ? 'syncing' : 'online', saved, unsent, syncedAt }
  }

  /** Tells the renderers soon, once for all that happens until then. */
  function tellStatus(id: DocumentId): void {
    if (statusTimers.has(id)) return
    const tell = async () => {
      statusTimers.delete(id)
      if (!library.has(id)) return
      const now = await status(id)
      tellRole(id)
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

  /** The role as a window learns it; it is told when that changes. */
  function askedRole(id: DocumentId): Role {
    const role = roleOf(id)
    lastRole.set(id, role)
    return role
  }

  function tellRole(id: DocumentId): void {
    const before = lastRole.get(id)
    const role = askedRole(id)
    if (before !== undefined && before !== role) parts.emit('role.changed', { id, role })
  }

  documents.onAccepted((accepted) => {
    for (const client of followed.clients()) client.accepted(accepted)
    if (library.has(accepted.id)) tellStatus(accepted.id)
  })
  documents.onDurable(({ id }) => {
    if (library.has(id)) tellStatus(id)
  })
  parts.onEmit((name, event) => {
    // What was under way may still be announced while the engine ends, and the index is closed then.
    if (isClosed) return
    if (name === 'settings.changed') followRelay()
    if (name !== 'library.changed') return
    followHome()
    const { documents: changed = [], removedDocuments = [] } = event as {
      documents?: { id: DocumentId }[]
      removedDocuments?: DocumentId[]
    }
    for (const id of [...changed.map((summary) => summary.id), ...removedDocuments]) followed.refresh(id)
  })

  function followRelay(): void {
    comeBack(settings.value.relay)
    followed.setFavourite(settings.value.relay)
    parts.emit('relay.changed', relayStatus())
  }

  function followHome(): void {
    const { home } = library
    followed.setHome(home === null || isLeft(home) || !isRelayAddress(home) ? null : home)
    for (const client of followed.clients()) devices.tellRemoved(client)
  }

  async function libraryFrom(client: RelayClient): Promise<void> {
    if (library.home !== client.address) return
    const isSettled = () => ['caught-up', 'unavailable', 'refused'].includes(client.document(parts.identity.library)?.state ?? 'refused')
    await client.until(isSettled, exchangeMs)
  }

  function followAll(): void {
    followHome()
    for (const id of [...library.documents(), ...library.absent()]) followed.refresh(id)
  }

  /** A relay that this device had left is used again. */
  function comeBack(relay: string): void {
    if (!isLeft(relay)) return
    void leftRelays.set(leftRelays.value.filter((left) => left !== relay))
    followAll()
  }

  async function connectedClient(address: string, cancelled: AbortSignal): Promise<RelayClient> {
    comeBack(address)
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
      const refusal = () => ids.map((each) => client.document(each)?.refusal).find((reason) => reason != null)
      await client.until(() => refusal() !== undefined || ids.every((each) => client.document(each)?.isSettled), exchangeMs, cancelled)
      const detail = refusal()
      if (detail != null) throw new PalimpsestError('refused', `${id}: ${detail}`, { detail })
    } catch (error) {
      await library.updateDocuments([id], { relay: wasOn })
      throw error
    } finally {
      onUnsent.delete(id)
    }
  }

  /** The same connection as another person to the relay: one who was let in. */
  async function letIn(client: RelayClient, enter: () => Promise<void>, cancelled?: AbortSignal): Promise<void> {
    await enter()
    if (!client.isConnected) client.restart()
    await client.until(() => client.isConnected, connectMs, cancelled)
  }

  async function comeBy({ relay, ...link }: ShareTarget & { secret: string }, password?: string, cancelled?: AbortSignal): Promise<void> {
    comeBack(relay)
    const client = followed.client(relay)
    await letIn(client, () => client.account.useLink({ ...link, ...(password !== undefined && { password }) }), cancelled)
  }

  /**
   * Uses a link to a text that is here already: it may let the person in again, or give them more. A text that is on that relay is opened also with no relay
   * there, and by an old link as long as the relay shares it with them.
   */
  async function openAgain(
    { documentId: id, relay, secret }: ShareTarget,
    password: string | undefined,
    { cancelled }: TaskSteps,
  ): Promise<void> {
    const { relay: isOn } = library.entry(id)
    const mayFail = (error: unknown) => {
      const { code } = asPalimpsestError(error)
      return isOn === relay && (code === 'unreachable' || (code === 'not-found' && isServed(id)))
    }
    if (secret !== null && (isOn ?? relay) === relay && states.get(id, relay).role !== 'owner')
      await comeBy({ documentId: id, relay, secret }, password, cancelled).catch((error: unknown) => {
        if (!mayFail(error)) throw error
      })
    await library.updateDocuments([id], { relay: isOn ?? relay, trashedAt: null })
  }

  function isServed(id: DocumentId): boolean {
    const state = followed.group(id)?.client.document(id)?.state
    return state === 'caught-up' || state === 'exchanging'
  }

  /** Fetches a text that is not here yet, with its companions, and puts it into the library. */
  async function fetchShared(
    { documentId: id, relay, secret }: ShareTarget,
    password: string | undefined,
    { cancelled }: TaskSteps,
    folder: FolderId | null = null,
  ): Promise<void> {
    const client = followed.client(relay)
    if (secret === null) await connectedClient(relay, cancelled)
    else await comeBy({ documentId: id, relay, secret }, password, cancelled)
    const document = client.share(id)
    let reading: Reading
    const isDecided = () => ['caught-up', 'unavailable', 'refused'].includes(document.state)
    try {
      await client.until(isDecided, exchangeMs, cancelled)
      if (document.state === 'unavailable') throw notThere
      if (document.refusal !== null) throw new PalimpsestError('refused', `${id}: ${document.refusal}`, { detail: document.refusal })
      reading = await documents.run(id, 'read', {})
      readings.put(id, reading)
    } catch (error) {
      client.drop(id)
      if (await documents.has(id)) await documents.remove(id)
      throw error
    }
    const companions = idsOf(companionsOf(parts, id)).map((each) => client.share(each))
    const isHere = (each: (typeof companions)[number]) => each.state === 'caught-up' || each.state === 'unavailable'
    await client.until(() => companions.every(isHere), companionsMs).catch((error: unknown) => onFault(asPalimpsestError(error)))
    await library.addDocument(id, { relay, folder })
    // What came meanwhile nobody has read: it was no text of the library yet.
    if (reading.heads.join() === (await documents.graph(id)).heads.join()) return
    readings.put(id, await documents.run(id, 'read', {}))
    announce(parts, { folders: [], documents: [id] })
  }

  followed.setFavourite(settings.value.relay)
  followAll()

  return {
    roleOf: askedRole,
    handlers: {
      ...faces.handlers,
      ...feeds.handlers,
      ...mentions.handlers,
      ...collaborationHandlers({
        parts,
        relayOf: (id) => followed.group(id)?.client ?? null,
        favourite: () => (settings.value.relay === '' ? null : followed.client(settings.value.relay)),
        folderInvitations: (client) => folders.invitations(client),
        fetch: (documentId, relay) => tasks.run(undefined, (steps) => fetchShared({ documentId, relay, secret: null }, undefined, steps)),
      }),

      'relay.status': relayStatus,

      'relay.test': async ({ address }) => {
        requireAddress(address)
        await probeRelay({ address, peerId, signer, documents, states, onState: () => {}, onChanged: () => {}, onFault })
        return null
      },

      'relay.join': async ({ invite }) => {
        const { relay, secret } = parseInvite(invite)
        const client = followed.client(relay)
        await letIn(client, () => client.account.admit({ by: 'invite', secret }))
        await settings.set({ ...settings.value, relay })
        parts.emit('settings.changed', settings.value)
        return null
      },

      'relay.leave': async () => {
        const { relay } = settings.value
        const client = followed.client(relay)
        // The ticket ends by itself where the relay cannot be told.
        await client.account.signOut().catch((error: unknown) => onFault(asPalimpsestError(error)))
        if (library.home === null)
          await library.updateDocuments(
            library.documents().filter((id) => library.entry(id).relay === relay),
            { relay: null },
          )
        else {
          // The person's other devices stay where they are, and have the same library.
          await leftRelays.set([...leftRelays.value, relay])
          followAll()
        }
        await settings.set({ ...settings.value, relay: '' })
        parts.emit('settings.changed', settings.value)
        return null
      },

      'share.create': async ({ id, task }) => {
        const relay = library.entry(id).relay ?? settings.value.relay
        requireAddress(relay)
        const isThere = library.entry(id).relay !== null && followed.group(id)?.client.document(id)?.syncedAt != null
        if (!isThere) await tasks.run(task, (steps) => share(id, relay, steps))
        return null
      },

      'share.open': async ({ link, password, task }) => {
        const target = parseShareLink(link)
        const open = library.has(target.documentId) ? openAgain : fetchShared
        await tasks.run(task, (steps) => open(target, password, steps))
        return { id: target.documentId }
      },

      ...devices.handlers,
      ...folders.handlers,

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
      isClosed = true
      devices.close()
      for (const timer of statusTimers.values()) clearTimeout(timer)
      copies.close()
      feeds.close()
      folders.close()
      followed.close()
      states.close()
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
