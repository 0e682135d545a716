/**
 * The relay's HTTP calls: `POST <relay>/api/<noun.verb>` with JSON in both directions, and `Authorization: Bearer <ticket>` for all but those that say otherwise.
 * Every parameter is parsed at the relay, and every answer at the client. Times are milliseconds since 1970.
 */
import * as v from 'valibot'
import { type DocumentId, type FolderId, isDocumentId, isFolderId, isPersonKey, type PersonKey } from '../ids.ts'
import { roles } from '../roles.ts'

/** What a person is to the relay: who runs it, who may put documents on it, who was let in by a link to one document. */
export const standings = ['owner', 'member', 'guest'] as const
export type Standing = (typeof standings)[number]

/** Why a call was not answered. The HTTP status says the same more roughly. */
export const apiProblems = [
  'invalid',
  'signed-out',
  'no-invite',
  'invite-unknown',
  'invite-expired',
  'invite-used',
  'removed',
  'device-unknown',
  'device-removed',
  'code-unknown',
  'code-used',
  'link-unknown',
  'link-expired',
  'password-needed',
  'password-wrong',
  'not-allowed',
  'not-found',
  'too-many',
  'internal',
] as const
export type ApiProblem = (typeof apiProblems)[number]

export const apiError = v.object({ error: v.object({ problem: v.picklist(apiProblems), message: v.string() }) })

/** Largest body that is read, in bytes: a picture and some words. */
export const maxApiBytes = 256 * 1024
/** Longest message that two devices pass each other through the relay, in characters of base64url. */
export const maxSealedLength = 8_000
/** Devices that vouch for each other in a row. */
export const maxVouchers = 8
/** Documents in one shared folder. */
export const maxFolderDocuments = 5_000
/** Folders in a shared folder: their names and all documents fit into one body. */
export const maxInnerFolders = 100
/** People who are mentioned at once. */
export const maxMentioned = 50
/** Largest picture of a person. */
export const maxPictureBytes = 128 * 1024

const documentId = v.custom<DocumentId>(isDocumentId, 'not a document id')
const key = v.custom<PersonKey>(isPersonKey, 'not a person key')
const folderId = v.custom<FolderId>(isFolderId, 'not a folder id')
const folderName = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const role = v.picklist(roles)
const time = v.pipe(v.number(), v.integer(), v.minValue(0))
const secret = v.pipe(v.string(), v.regex(/^[\w-]{16,64}$/))
const password = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const name = v.pipe(v.string(), v.maxLength(100))
const color = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7))
const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)))
const standing = v.picklist(standings)
const nothing = v.object({})
/** `host` is the name by which the relay was called, as it heard it: to find a proxy that passes on another one. What is signed never follows it. */
const challenge = v.object({ nonce: hex(32), host: v.fallback(v.pipe(v.string(), v.regex(/^[\w.:[\]-]{1,255}$/)), '') })

/** A small image as a `data:` address: what a person shows of themselves. None that is code. */
export const picturePattern = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/
const picture = v.pipe(v.string(), v.maxLength(maxPictureBytes * 1.4), v.regex(picturePattern))

const person = v.object({ key, name, color: v.nullable(color), picture: v.nullable(picture), standing })
/** What others see of a person. */
const face = v.object({ key, name, color: v.nullable(color), picture: v.nullable(picture) })

const collaborator = v.object({
  ...face.entries,
  role,
  /** False while the person has not accepted the invitation. */
  accepted: v.boolean(),
  /** The name of the folder that the role comes from; null where it was given in the document itself. */
  folder: v.optional(v.nullable(v.string()), null),
})
const link = v.object({
  id: v.number(),
  role,
  /** What the secret was derived from by the person who made it. */
  salt: v.pipe(v.string(), v.maxLength(64)),
  madeBy: key,
  hasPassword: v.boolean(),
  expiresAt: v.nullable(time),
})
const access = v.object({
  /** What the asking person may do. */
  role,
  people: v.array(collaborator),
  /** For owners only. */
  links: v.array(link),
})
const innerFolder = v.object({
  id: folderId,
  name: folderName,
  /** The shared folder, or one that stands before this one. */
  parent: folderId,
  documents: v.pipe(v.array(documentId), v.maxLength(maxFolderDocuments)),
})
const invitation = v.object({ documentId, role, from: face, at: time })

const auditEntry = v.object({
  id: time,
  at: time,
  /** Null for the relay itself. */
  person: v.nullable(key),
  /** From where. */
  address: v.nullable(v.string()),
  /** `noun.verb` */
  action: v.string(),
  subject: v.record(v.string(), v.unknown()),
})

/** What lets a person in who is not known yet: an invite to the relay, or the link to a document. */
const admission = v.variant('by', [
  v.object({ by: v.literal('invite'), secret }),
  v.object({ by: v.literal('link'), documentId, secret, password: v.optional(password) }),
])

const voucher = v.object({ by: key, device: key, signature: hex(64) })
const device = v.object({
  key,
  /** Such as “Laptop, Linux”. */
  name,
  addedAt: time,
  /** When it was last connected or signed in. */
  seenAt: time,
})
/** Where two devices find each other's messages: what both derive from the code, and nobody can guess. */
const meeting = hex(16)
/** A message that only the two devices can read. */
const sealed = v.pipe(v.string(), v.maxLength(maxSealedLength), v.regex(/^[\w-]+$/))

const ticket = v.object({ ticket: secret, expiresAt: time, person })

/** Parsers of parameters and answers, by call. */
export const relayCalls = {
  /** What to sign; `key` is the device's. A relay that is open to all has no people, and says so. */
  'person.challenge': { params: v.object({ key }), value: v.union([challenge, v.object({ open: v.literal(true) })]) },
  /**
   * `key` is the device's, and `signature` its own under `challengeText`. A device that is not the person's first one names the `person`, and brings the vouchers
   * from the first device to itself, for a relay that does not know it yet.
   */
  'person.sign-in': {
    params: v.object({
      key,
      nonce: hex(32),
      signature: hex(64),
      name,
      color: v.nullable(color),
      admission: v.optional(admission),
      deviceName: v.optional(name, ''),
      person: v.optional(key),
      vouchers: v.optional(v.pipe(v.array(voucher), v.maxLength(maxVouchers)), []),
    }),
    value: ticket,
  },
  /** The same ticket lasts longer. */
  'ticket.renew': { params: nothing, value: v.object({ expiresAt: time }) },
  'person.sign-out': { params: nothing, value: nothing },
  'person.update': {
    params: v.object({ name: v.optional(name), color: v.optional(v.nullable(color)), picture: v.optional(v.nullable(picture)) }),
    value: person,
  },
  /** Those of `keys` with whom the asking person shares a document. */
  'person.lookup': { params: v.object({ keys: v.pipe(v.array(key), v.maxLength(1_000)) }), value: v.array(face) },
  /** Everybody, for the relay's owners. */
  'person.list': { params: nothing, value: v.array(person) },
  /** The person's own devices. */
  'device.list': { params: nothing, value: v.array(v.object({ ...device.entries, isThis: v.boolean() })) },
  /** Takes another of the person's own devices off the relay, or keeps one from coming that was never here. */
  'device.remove': { params: v.object({ key }), value: nothing },

  /** A device waits for another one that knows the code. What it opened before is closed. */
  'pairing.open': { params: v.object({ meeting }), value: v.object({ expiresAt: time }) },
  /** The other device says who it is, once; no ticket is needed. */
  'pairing.ask': { params: v.object({ meeting, sealed }), value: nothing },
  /** What the other device has said; for the one that waits. */
  'pairing.read': { params: v.object({ meeting }), value: v.object({ sealed: v.nullable(sealed) }) },
  'pairing.answer': { params: v.object({ meeting, sealed }), value: nothing },
  /** What the waiting device has answered; no ticket is needed. */
  'pairing.fetch': { params: v.object({ meeting }), value: v.object({ sealed: v.nullable(sealed) }) },
  'pairing.close': { params: v.object({ meeting }), value: nothing },

  /** Takes a person off the relay, with all their grants. What they wrote stays. */
  'person.remove': { params: v.object({ key }), value: nothing },

  'invite.create': {
    params: v.object({
      standing,
      uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000)),
      expiresAt: time,
    }),
    value: v.object({ id: v.number(), secret }),
  },
  'invite.revoke': { params: v.object({ id: v.number() }), value: nothing },

  /** A link to the status page, good once and for ten minutes; for the relay's owners. */
  'status.link': { params: nothing, value: v.object({ secret }) },
  /** The log after the entry `after`, oldest first, 1,000 entries at most; for the relay's owners. */
  'audit.read': { params: v.object({ after: time }), value: v.array(auditEntry) },

  'document.access': { params: v.object({ documentId }), value: access },
  /** Invites a person who is known to the relay, or changes the role of one who has one. */
  'document.grant': { params: v.object({ documentId, key, role: v.picklist(['viewer', 'commenter', 'editor']) }), value: nothing },
  /** By an owner, or by the person for themselves. */
  'document.revoke': { params: v.object({ documentId, key }), value: nothing },
  /** To somebody who has a role already; the owner until now becomes an editor. */
  'document.transfer': { params: v.object({ documentId, key }), value: nothing },
  /** Tells people that they were mentioned in the margin of a text, as far as they can read it. For whoever may write in that margin. */
  'document.mention': {
    params: v.object({ documentId, keys: v.pipe(v.array(key), v.minLength(1), v.maxLength(maxMentioned)) }),
    value: nothing,
  },
  'link.create': {
    params: v.object({
      documentId,
      secret,
      salt: v.pipe(v.string(), v.maxLength(64)),
      role: v.picklist(['viewer', 'commenter', 'editor']),
      password: v.optional(password),
      expiresAt: v.optional(v.nullable(time)),
    }),
    value: v.object({ id: v.number() }),
  },
  'link.revoke': { params: v.object({ documentId, id: v.number() }), value: nothing },
  /** Takes the role that a link gives. */
  'link.use': {
    params: v.object({ documentId, secret, password: v.optional(password) }),
    value: v.object({ role }),
  },
  /**
   * Says what is in a folder that the person shares, whole, and shares it where it is new. Documents that are not the person's own at this relay are left out.
   * `inner` are the folders in it, with what is in them and not in `documents`.
   */
  'folder.declare': {
    params: v.object({
      folderId,
      name: folderName,
      documents: v.pipe(v.array(documentId), v.maxLength(maxFolderDocuments)),
      inner: v.optional(v.pipe(v.array(innerFolder), v.maxLength(maxInnerFolders)), []),
    }),
    value: nothing,
  },
  /** Shares a folder no longer: who had a role by it loses that. */
  'folder.unshare': { params: v.object({ folderId }), value: nothing },
  'folder.access': { params: v.object({ folderId }), value: v.object({ role, name: v.string(), people: v.array(collaborator) }) },
  /** As for a document: the role holds in all that is in the folder, except where a document's owner gave the person another one in it. */
  'folder.grant': { params: v.object({ folderId, key, role: v.picklist(['viewer', 'commenter', 'editor']) }), value: nothing },
  'folder.revoke': { params: v.object({ folderId, key }), value: nothing },
  'folder.answer': { params: v.object({ folderId, accept: v.boolean() }), value: nothing },
  /** Those that the person shares, has a role in, or was invited to. `documents` has all that is in them, also in the folders in them. */
  'folder.list': {
    params: nothing,
    value: v.array(
      v.object({
        folderId,
        name: v.string(),
        role,
        accepted: v.boolean(),
        owner: face,
        documents: v.array(documentId),
        inner: v.optional(v.array(innerFolder), []),
      }),
    ),
  },
  'invitation.list': { params: nothing, value: v.array(invitation) },
  'invitation.answer': { params: v.object({ documentId, accept: v.boolean() }), value: nothing },
} as const satisfies Record<string, { params: v.GenericSchema; value: v.GenericSchema }>

export type RelayCall = keyof typeof relayCalls
/** As a client gives them. */
export type RelayParams<Name extends RelayCall> = v.InferInput<(typeof relayCalls)[Name]['params']>
/** As they are parsed, with what was left out. */
export type ParsedParams<Name extends RelayCall> = v.InferOutput<(typeof relayCalls)[Name]['params']>
export type RelayValue<Name extends RelayCall> = v.InferOutput<(typeof relayCalls)[Name]['value']>
export type Admission = v.InferOutput<typeof admission>
export type RelayPerson = v.InferOutput<typeof person>
export type InnerFolder = v.InferOutput<typeof innerFolder>
export type Face = v.InferOutput<typeof face>

export const isRelayCall = (name: string): name is RelayCall => Object.hasOwn(relayCalls, name)
