/**
 * Sync with relays: the calls about relays, sharing and sync status, and what goes on behind them. Which document is on which relay is written in the
 * library; everything else here follows from that, from the settings, and from what is accepted.
 */
import { randomUUID } from 'node:crypto'
import type { EngineHandlers, RelayStatus, Role } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { mayWriteTo } from '../../../core/roles.ts'
import { isRelayAddress, parseInvite, parseShareLink } from '../../../core/protocol/share-link.ts'
import type { EngineParts } from '../parts.ts'
import { type CollaborationCall, collaborationHandlers } from './collaboration.ts'
import { type DeviceCall, deviceName, Devices } from './devices.ts'
import { Faces } from './faces.ts'
import { Feeds } from './feeds.ts'
import { Followed } from './followed.ts'
import { type FolderCall, SharedFolders } from './shared-folders.ts'
import type { Signer } from './relay-account.ts'
import { Mentions } from './mentions.ts'
import { PrivateCopies } from './private-copies.ts'
import { probeRelay, RelayClient } from './relay-client.ts'
import { exchangeMs, Sharing } from './sharing.ts'
import { StatusReports } from './status-reports.ts'
import { Tasks } from './tasks.ts'

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

export interface SyncOptions {
  /** For tests: the largest change or saved document that fits into a frame. */
  maxChunkBytes?: number
  /** This installation has become a device of another person. */
  onMoved?: () => void
}

export function createSync(parts: EngineParts, { maxChunkBytes, onMoved }: SyncOptions): Sync {
  const { documents, leftRelays, library, settings, log } = parts
  const states = parts.syncStates
  const peerId = `palimpsest-${randomUUID()}`
  const onFault = (error: PalimpsestError) => log.error('sync', error)
  const tasks = new Tasks((progress) => parts.emit('progress', progress))
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
      reports.tellSoon(id)
    },
    onFault,
    onForbidden: (id) => copies.refused(id),
  })
  const reports = new StatusReports({ parts, groupOf: (id) => followed.group(id), onFault })
  const sharing = new Sharing({ parts, followed, reports, comeBack, onFault })
  const copies = new PrivateCopies({
    parts,
    clientOf: (id) => followed.group(id)?.client ?? null,
    mayOnlyRead: (id) => !mayWriteTo('text', reports.roleOf(id)),
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
    share: (id, relay, steps) => sharing.put(id, relay, steps),
    fetch: (documentId, relay, folder, steps) => sharing.fetch({ documentId, relay, secret: null }, undefined, steps, folder),
    isOwned: (id) => reports.roleOf(id) === 'owner',
    libraryFrom,
    isLeft,
  })
  const feeds = new Feeds(parts, (relay) => void folders.look(followed.client(relay)))
  const mentions = new Mentions(parts, { roleOf: (id) => reports.roleOf(id), relayOf: (id) => followed.group(id)?.client ?? null })
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
    if (address === '') return { address, state: 'none', problem: null, isOwner: false }
    const { state, account } = followed.client(address)
    const { isOwner } = account
    if (state.is === 'waiting') return { address, state: state.problem.code, problem: state.problem.detail, isOwner }
    return { address, state: state.is === 'connected' ? 'connected' : 'connecting', problem: null, isOwner }
  }

  documents.onAccepted((accepted) => {
    for (const client of followed.clients()) client.accepted(accepted)
    if (library.has(accepted.id)) reports.tellSoon(accepted.id)
  })
  documents.onDurable(({ id }) => {
    if (library.has(id)) reports.tellSoon(id)
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

  followed.setFavourite(settings.value.relay)
  followAll()

  return {
    roleOf: (id) => reports.askedRole(id),
    handlers: {
      ...faces.handlers,
      ...feeds.handlers,
      ...mentions.handlers,
      ...collaborationHandlers({
        parts,
        relayOf: (id) => followed.group(id)?.client ?? null,
        favourite: () => (settings.value.relay === '' ? null : followed.client(settings.value.relay)),
        folderInvitations: (client) => folders.invitations(client),
        fetch: (documentId, relay) => tasks.run(undefined, (steps) => sharing.fetch({ documentId, relay, secret: null }, undefined, steps)),
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
        await sharing.letIn(client, () => client.account.admit({ by: 'invite', secret }))
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
        if (!isThere) await tasks.run(task, (steps) => sharing.put(id, relay, steps))
        return null
      },

      'share.open': async ({ link, password, task }) => {
        const target = parseShareLink(link)
        await tasks.run(task, (steps) => sharing.open(target, password, steps))
        return { id: target.documentId }
      },

      ...devices.handlers,
      ...folders.handlers,

      'sync.status': ({ id }) => {
        library.entry(id)
        return reports.of(id)
      },

      'task.cancel': ({ task }) => {
        tasks.cancel(task)
        return null
      },
    },

    async close() {
      isClosed = true
      devices.close()
      reports.close()
      copies.close()
      feeds.close()
      folders.close()
      followed.close()
      states.close()
    },
  }
}

function requireAddress(address: string): void {
  if (isRelayAddress(address)) return
  throw new PalimpsestError('invalid', `no relay address: ${address}`, {
    detail: address === '' ? 'Choose a relay in the settings first.' : 'The address of a relay begins with “wss://” or “ws://”.',
  })
}
