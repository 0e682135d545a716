/** The calls about who shares what: each asks the relay that the document is on. */
import { randomBytes } from 'node:crypto'
import type { DocumentAccess, EngineHandlers, Invitation, Person } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Face, RelayCall, RelayParams, RelayValue } from '../../../core/protocol/relay-api.ts'
import { inviteLink, shareLink } from '../../../core/protocol/share-link.ts'
import { statusLink } from '../../../core/protocol/sign-in.ts'
import type { EngineParts } from '../parts.ts'
import { colorOfKey } from '../preferences.ts'
import { linkSecret } from './link-secret.ts'
import type { RelayClient } from './relay-client.ts'

export type CollaborationCall =
  | 'share.access'
  | 'share.grant'
  | 'share.revoke'
  | 'share.transfer'
  | 'share.link'
  | 'share.unlink'
  | 'relay.invite'
  | 'relay.status-page'
  | 'invitation.list'
  | 'invitation.answer'

export interface CollaborationOptions {
  parts: EngineParts
  /** The relay that a document is on, or null. */
  relayOf(id: DocumentId): RelayClient | null
  /** The relay of the settings, or null. */
  favourite(): RelayClient | null
  /** The folders that others offer on a relay. */
  folderInvitations(relay: RelayClient): Promise<Invitation[]>
  /** Fetches a document that the person has a role in. */
  fetch(id: DocumentId, relay: string): Promise<void>
}

const weekMs = 7 * 24 * 60 * 60_000

export const personOf = ({ key, name, color, picture }: Face): Person => ({ key, name, color: color ?? colorOfKey(key), picture })

export function collaborationHandlers(options: CollaborationOptions): Pick<EngineHandlers, CollaborationCall> {
  const { parts, relayOf, favourite, folderInvitations, fetch } = options
  const { identity, library, syncStates } = parts

  async function ask<Name extends RelayCall>(relay: RelayClient | null, name: Name, params: RelayParams<Name>): Promise<RelayValue<Name>> {
    if (!relay) throw notShared
    const value = await relay.account.call(name, params)
    if (value === null) throw openRelay
    return value
  }

  async function change<Name extends RelayCall>(id: DocumentId, name: Name, params: RelayParams<Name>): Promise<null> {
    await ask(relayOf(id), name, params)
    return null
  }

  const linkOf = (id: DocumentId, relay: string, salt: string) =>
    shareLink({ documentId: id, relay, secret: linkSecret(identity, id, salt) })

  /** What the relay says of a document, or last said. Null where the relay is open to all. */
  async function accessOf(relay: RelayClient, id: DocumentId) {
    try {
      const access = await relay.account.call('document.access', { documentId: id })
      if (access) {
        const people = access.people.map((person) => ({ ...person, picture: null }))
        syncStates.set(id, relay.address, { access: { ...access, people } })
      }
      return { access, isCurrent: true }
    } catch (error) {
      const { access } = syncStates.get(id, relay.address)
      if (access === null || asPalimpsestError(error).code !== 'unreachable') throw error
      return { access, isCurrent: false }
    }
  }

  return {
    'share.access': async ({ id }) => {
      const relay = relayOf(id)
      if (!relay) throw notShared
      const { access, isCurrent } = await accessOf(relay, id)
      if (access === null) return openAccess(shareLink({ documentId: id, relay: relay.address, secret: null }))
      const { role, people, links } = access
      // Guests do not see who else is there.
      const everybody = role === 'owner' && isCurrent ? await ask(relay, 'person.list', {}).catch(() => []) : []
      return {
        isCurrent,
        isOpen: false,
        role,
        people: people.map((each) => ({ ...personOf(each), role: each.role, accepted: each.accepted, folder: each.folder })),
        others: everybody.filter(({ key }) => !people.some((each) => each.key === key)).map(personOf),
        links: links.map((each) => ({
          id: each.id,
          role: each.role,
          link: each.madeBy === identity.key ? linkOf(id, relay.address, each.salt) : null,
          hasPassword: each.hasPassword,
          expiresAt: each.expiresAt,
        })),
      }
    },

    'share.grant': ({ id, person, role }) => change(id, 'document.grant', { documentId: id, key: person, role }),
    'share.revoke': ({ id, person }) => change(id, 'document.revoke', { documentId: id, key: person }),
    'share.transfer': ({ id, person }) => change(id, 'document.transfer', { documentId: id, key: person }),

    'share.link': async ({ id, role, password, expiresAt }) => {
      const relay = relayOf(id)
      const salt = randomBytes(9).toString('base64url')
      const secret = linkSecret(identity, id, salt)
      const terms = { ...(password !== undefined && { password }), ...(expiresAt !== undefined && { expiresAt }) }
      if (!relay) throw notShared
      const made = await relay.account.call('link.create', { documentId: id, secret, salt, role, ...terms })
      // On a relay that is open to all the document's id is all there is to a link.
      return { link: made ? linkOf(id, relay.address, salt) : shareLink({ documentId: id, relay: relay.address, secret: null }) }
    },
    'share.unlink': ({ id, link }) => change(id, 'link.revoke', { documentId: id, id: link }),

    'relay.invite': async () => {
      const relay = favourite()
      const { secret } = await ask(relay, 'invite.create', { standing: 'member', uses: 1, expiresAt: parts.now() + weekMs })
      return { invite: inviteLink({ relay: relay?.address ?? '', secret }) }
    },

    'relay.status-page': async () => {
      const relay = favourite()
      const { secret } = await ask(relay, 'status.link', {})
      return { link: statusLink(relay?.address ?? '', secret) }
    },

    'invitation.list': async () => {
      const relay = favourite()
      if (!relay) return []
      const [documents, folders] = await Promise.all([relay.account.call('invitation.list', {}), folderInvitations(relay)])
      const offered = (documents ?? []).map(({ documentId, role, from }) => ({
        document: documentId,
        folder: null,
        role,
        from: personOf(from),
      }))
      return [...folders, ...offered]
    },

    'invitation.answer': async ({ document, accept }) => {
      const relay = favourite()
      await ask(relay, 'invitation.answer', { documentId: document, accept })
      if (accept && relay && !library.has(document)) await fetch(document, relay.address)
      return null
    },
  }
}

/** On a relay that is open to all there is one link, which gives everything and cannot be taken back. */
const openAccess = (link: string): DocumentAccess => ({
  isCurrent: true,
  isOpen: true,
  role: 'editor',
  people: [],
  others: [],
  links: [{ id: 0, role: 'editor', link, hasPassword: false, expiresAt: null }],
})

export const notShared = new PalimpsestError('not-found', 'the document is on no relay', { detail: 'This document is on no relay.' })
export const openRelay = new PalimpsestError('not-allowed', 'the relay has no people', {
  detail: 'This relay is open: everybody who has a link may write, and there are no roles.',
})
