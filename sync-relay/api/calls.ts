/** The relay's HTTP calls, one function each. What a call takes and answers is in `core/protocol/relay-api.ts`. */
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import type { Admission, ParsedParams, RelayCall, RelayPerson, RelayValue } from '../../core/protocol/relay-api.ts'
import { ApiRefusal } from '../people/api-refusal.ts'
import type { Actor, Audit } from '../people/audit.ts'
import type { Devices } from '../people/devices.ts'
import type { Folders } from '../people/folders.ts'
import type { Links } from '../people/links.ts'
import type { Pairing } from '../people/pairing.ts'
import type { People, Ticket } from '../people/people.ts'
import type { Remarks } from '../people/remarks.ts'
import type { Rights } from '../people/rights.ts'
import type { StatusLinks } from '../status/status-links.ts'

export interface CallParts {
  people: People
  devices: Devices
  pairing: Pairing
  rights: Rights
  folders: Folders
  links: Links
  remarks: Remarks
  audit: Audit
  statusLinks: StatusLinks
}

const maxAuditEntries = 1_000

/** Somebody who calls and has shown no ticket. */
export interface Stranger {
  /** Where they come from. */
  readonly address: string | null
  /** This relay's name, as they may have addressed it. */
  readonly host: string
}

/** Somebody whose ticket is good. */
export interface Caller extends Stranger, Actor {
  readonly person: PersonKey
  readonly ticket: Ticket
}

/** Calls that need no ticket. */
const openCalls = ['person.challenge', 'person.sign-in', 'pairing.ask', 'pairing.fetch'] as const
type OpenCall = (typeof openCalls)[number]

type Calls = {
  [Name in RelayCall]: (
    params: ParsedParams<Name>,
    by: Name extends OpenCall ? Stranger : Caller,
  ) => RelayValue<Name> | Promise<RelayValue<Name>>
}

export const isOpenCall = (name: RelayCall): name is OpenCall => openCalls.some((open) => open === name)

export function createCalls({ people, devices, pairing, rights, folders, links, remarks, audit, statusLinks }: CallParts): Calls {
  function known(person: PersonKey): RelayPerson {
    const found = people.find(person)
    if (!found) throw new ApiRefusal('no-invite', 'this relay does not know the person')
    return found
  }

  function requireStanding(person: PersonKey, ...wanted: RelayPerson['standing'][]): void {
    if (!wanted.includes(known(person).standing))
      throw new ApiRefusal('not-allowed', `this is for ${wanted.join('s and ')}s of the relay only`)
  }

  /** Lets in whoever brings something that opens the door, and takes the role that a link gives. */
  async function admit(key: PersonKey, params: ParsedParams<'person.sign-in'>, admission: Admission, actor: Actor): Promise<void> {
    if (admission.by === 'invite') return people.admit(key, admission.secret, params, actor)
    const link = await links.open(admission)
    if (people.isRemoved(key)) throw new ApiRefusal('removed', 'the person was removed from this relay, and needs an invite to come back')
    if (!people.find(key)) people.admitGuest(key, params, actor)
    rights.grantByLink(actor, key, link)
  }

  const requireReader = (person: PersonKey, document: DocumentId) => {
    const role = rights.roleOf(person, document)
    if (role === null) throw new ApiRefusal('not-found', 'there is no such document here')
    return role
  }

  return {
    'person.challenge': ({ key }, { host }) => ({ nonce: people.challenge(key), host }),

    'person.sign-in': async (params, { host, address }) => {
      people.prove(params, host)
      const key = devices.personOf(params)
      const actor = { person: key, address }
      if (params.admission) await admit(key, params, params.admission, actor)
      const person = people.find(key)
      if (!person) throw new ApiRefusal(people.isRemoved(key) ? 'removed' : 'no-invite', 'this relay does not know the person')
      devices.keep(key, params.key, params.deviceName, actor)
      return { ...people.issue(key, params.key), person: people.update(person.key, { name: params.name, color: params.color }) }
    },

    'ticket.renew': (_, { ticket }) => {
      devices.noteSeen(ticket.person, ticket.device)
      return { expiresAt: people.renew(ticket) }
    },
    'person.sign-out': (_, { ticket }) => {
      people.signOut(ticket)
      return {}
    },
    'device.list': (_, { ticket }) => devices.list(ticket.person).map((each) => ({ ...each, isThis: each.key === ticket.device })),
    'device.remove': ({ key }, by) => {
      devices.remove(key, by, by.ticket.device)
      people.signOutDevice(by.person, key)
      return {}
    },

    'pairing.open': ({ meeting }, { ticket }) => ({ expiresAt: pairing.open(meeting, ticket.device) }),
    'pairing.ask': ({ meeting, sealed }, { address }) => {
      pairing.ask(meeting, sealed, address)
      return {}
    },
    'pairing.read': ({ meeting }, { ticket }) => ({ sealed: pairing.question(meeting, ticket.device) }),
    'pairing.answer': ({ meeting, sealed }, { ticket }) => {
      pairing.answer(meeting, ticket.device, sealed)
      return {}
    },
    'pairing.fetch': ({ meeting }, { address }) => ({ sealed: pairing.answered(meeting, address) }),
    'pairing.close': ({ meeting }, { ticket }) => {
      pairing.close(meeting, ticket.device)
      return {}
    },

    'person.update': (change, { person }) => people.update(person, change),
    'person.lookup': ({ keys }, { person }) =>
      keys.filter((key) => key === person || rights.sharesWith(person, key)).map((key) => people.face(key)),
    'person.list': (_, { person }) => {
      requireStanding(person, 'owner', 'member')
      return people.list()
    },
    'person.remove': ({ key }, by) => {
      requireStanding(by.person, 'owner')
      people.remove(key, by)
      rights.forget()
      return {}
    },

    'invite.create': (params, by) => {
      requireStanding(by.person, 'owner')
      return people.invite(params, by)
    },
    'invite.revoke': ({ id }, by) => {
      requireStanding(by.person, 'owner')
      people.revokeInvite(id, by)
      return {}
    },

    'status.link': (_, { person }) => {
      requireStanding(person, 'owner')
      return { secret: statusLinks.make(person) }
    },
    'audit.read': ({ after }, { person }) => {
      requireStanding(person, 'owner')
      return audit.entries(after, maxAuditEntries)
    },

    'document.access': ({ documentId }, { person }) => {
      const role = requireReader(person, documentId)
      return {
        role,
        people: rights.collaborators(documentId).map((each) => ({ ...people.face(each.key), ...each })),
        links: (role === 'owner' ? links.list(documentId) : []).map((link) => ({
          id: link.id,
          role: link.role,
          salt: link.salt,
          madeBy: link.made_by,
          hasPassword: link.password !== null,
          expiresAt: link.expires_at,
        })),
      }
    },
    'document.grant': ({ documentId, key, role }, by) => {
      rights.requireOwner(by.person, documentId)
      if (!people.find(key)) throw new ApiRefusal('not-found', 'there is no such person here')
      rights.grant(by, documentId, key, role)
      return {}
    },
    'document.revoke': ({ documentId, key }, by) => {
      requireReader(by.person, documentId)
      rights.revoke(by, documentId, key)
      return {}
    },
    'document.transfer': ({ documentId, key }, by) => {
      rights.transfer(by, documentId, key)
      return {}
    },

    'document.mention': ({ documentId, keys }, { person }) => {
      remarks.mention(person, documentId, keys)
      return {}
    },

    'link.create': async (params, by) => ({ id: await links.create(by, params) }),
    'link.revoke': ({ documentId, id }, by) => {
      links.revoke(by, documentId, id)
      return {}
    },
    'link.use': async (params, by) => ({ role: rights.grantByLink(by, by.person, await links.open(params)) }),

    'folder.declare': ({ folderId, ...declared }, by) => {
      requireStanding(by.person, 'owner', 'member')
      folders.declare(by, folderId, declared)
      return {}
    },
    'folder.unshare': ({ folderId }, by) => {
      folders.unshare(by, folderId)
      return {}
    },
    'folder.access': ({ folderId }, { person }) => {
      const access = folders.access(person, folderId)
      return { ...access, people: access.people.map((each) => ({ ...people.face(each.key), ...each, folder: null })) }
    },
    'folder.grant': ({ folderId, key, role }, by) => {
      if (!people.find(key)) throw new ApiRefusal('not-found', 'there is no such person here')
      folders.grant(by, folderId, key, role)
      return {}
    },
    'folder.revoke': ({ folderId, key }, by) => {
      folders.revoke(by, folderId, key)
      return {}
    },
    'folder.answer': ({ folderId, accept }, by) => {
      folders.answer(by, folderId, accept)
      return {}
    },
    'folder.list': (_, { person }) =>
      folders.list(person).map(({ id, owner, ...folder }) => ({ ...folder, folderId: id, owner: people.face(owner) })),

    'invitation.list': (_, { person }) =>
      rights.invitations(person).map(({ document, role, granted_by, granted_at }) => ({
        documentId: document,
        role,
        from: people.face(granted_by),
        at: granted_at,
      })),
    'invitation.answer': ({ documentId, accept }, by) => {
      rights.answer(by, documentId, accept)
      return {}
    },
  }
}
