/**
 * Every message between a client and a relay, as data. Each travels as one binary WebSocket frame of CBOR.
 *
 * The first eight are automerge-repo's, unchanged, so that its stock clients can talk to a relay. `live`, `changes`, `ack`, `parts` and `access` are ours: they pass only
 * between two sides that have both announced `palimpsest: { live: 1 }` in the metadata of the handshake. The rules are numbered in `docs/relay-protocol.md`.
 */
import * as v from 'valibot'
import { PalimpsestError } from '../errors.ts'
import { type DocumentId, isDocumentId, isPersonKey, type PersonKey } from '../ids.ts'
import { roles } from '../roles.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'

/** The one version of automerge-repo's wire protocol there is. */
export const protocolVersion = '1'
/** The version of our live stream. */
export const liveVersion = 1

/** What is taken from outside, at most. */
export const limits = {
  /** One frame. */
  frameBytes: 64 * 1024 * 1024,
  /** One change or saved document: what fits into a frame with the message around it. A longer saved document travels as its changes. */
  chunkBytes: 63 * 1024 * 1024,
  /** Changes in one message. */
  changes: 100_000,
  /** One ephemeral message: a cursor, a name, a state of mind. */
  ephemeralBytes: 64 * 1024,
  /** Ids of peers and sessions. */
  idLength: 256,
  /** Attachments of one text. */
  parts: 10_000,
} as const

/** Why a relay ends a connection. Those under 4000 are of the WebSocket protocol itself. */
export const closeCodes = {
  /** The client said that it goes. */
  normal: 1000,
  /** The relay is being stopped; come again. */
  goingAway: 1001,
  /** Never sent: the connection was lost, or ended without a word. */
  lost: 1006,
  /** A frame larger than `limits.frameBytes`. */
  tooLarge: 1009,
  /** The relay cannot write (a full disk); nothing that was acknowledged is lost. */
  tryLater: 1013,
  /** A frame that is no message, or a message that may not come now. */
  malformed: 4400,
  /** The ticket is none, or no longer good: sign in and come again. */
  signedOut: 4401,
  /** The person may not come in, or no longer. */
  refused: 4403,
  /** No `join` in time. */
  silent: 4408,
  /** A change that would damage the document for everybody. */
  poison: 4409,
  /** The connection takes less than is sent to it; catching up is cheaper than waiting. */
  slow: 4429,
} as const

// ---------------------------------------------------------------- parts

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idLength))
const documentId = v.custom<DocumentId>(isDocumentId, 'not a document id')
const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length > 0, 'no bytes')
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const peerMetadata = v.object({
  /** Ours: the version of the live stream that this side speaks. */
  palimpsest: v.optional(v.object({ live: count })),
})

const addressed = {
  /** The peer that sends it. */
  senderId: id,
  /** The peer that it is for. */
  targetId: id,
}

// ---------------------------------------------------------------- messages

/** Client → relay, first of all: who is there and what it speaks. */
const join = v.object({
  type: v.literal('join'),
  senderId: id,
  peerMetadata: v.optional(peerMetadata, {}),
  supportedProtocolVersions: v.optional(v.array(v.string()), [protocolVersion]),
})

/** Relay → client, in answer to `join`: from now on the two may talk about documents. */
const peer = v.object({
  type: v.literal('peer'),
  ...addressed,
  peerMetadata: v.optional(peerMetadata, {}),
  selectedProtocolVersion: v.literal(protocolVersion),
})

/** Client → relay: like `sync`, for a document that the client does not have. */
const request = v.object({
  type: v.literal('request'),
  ...addressed,
  documentId,
  /** A message of the Automerge sync protocol. */
  data: bytes,
})

/** Both ways: a message of the Automerge sync protocol about one document. The relay sends one only when all it speaks of is durable. */
const sync = v.object({
  type: v.literal('sync'),
  ...addressed,
  documentId,
  data: bytes,
})

/** Both ways, never stored: presence. The relay passes it on to everybody else who has the document open through it. */
const ephemeral = v.object({
  type: v.literal('ephemeral'),
  ...addressed,
  documentId,
  /** Increases with each message of a session, so that copies are recognised. */
  count,
  /** Drawn at random when the sender started. */
  sessionId: id,
  /** CBOR that the relay does not look into. */
  data: v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= limits.ephemeralBytes, 'no bytes, or too many'),
  /** Relay → client only: the person who sends it. The relay sets it from the ticket, whatever the sender wrote. */
  person: v.optional(v.custom<PersonKey>(isPersonKey, 'not a person key')),
})

/** Both ways: the sender does not have the document. */
const unavailable = v.object({
  type: v.literal('doc-unavailable'),
  ...addressed,
  documentId,
})

/** Relay → client: what went wrong. The connection is closed after it, unless `code` says that only one message was refused. */
const error = v.object({
  type: v.literal('error'),
  ...addressed,
  /** For a maintainer. */
  message: v.pipe(v.string(), v.maxLength(4_000)),
  /** Ours: the document it is about. */
  documentId: v.optional(documentId),
  /**
   * Ours: the person has no right to what one message asked for, or no room for it, or what the relay stored of the document is damaged. Nothing of it was taken, and the connection
   * goes on.
   */
  code: v.optional(v.picklist(['not-allowed', 'no-room', 'damaged-there'])),
  /** Ours: a sentence for the person. */
  reason: v.optional(v.pipe(v.string(), v.maxLength(500))),
  /** Ours: the number of the `changes` message that was refused. */
  number: v.optional(count),
})

/** Client → relay: it goes. */
const leave = v.object({ type: v.literal('leave'), senderId: id })

/** Client → relay: automerge-repo's gossip about other peers' heads. Taken, and not acted on. */
const gossip = v.object({ type: v.picklist(['remote-subscription-change', 'remote-heads-changed']), ...addressed })

/** Relay → client: new changes of this document travel as `changes` from now on, in both directions. The first `sync` about it asks for that. */
const live = v.object({
  type: v.literal('live'),
  documentId,
  /** Names the document in `changes`, for as long as the connection lasts. */
  channel: count,
})

/** Both ways: new changes of one document, dependencies first, not answered one by one. Encoded once for all receivers, so it names neither side. */
const changes = v.object({
  type: v.literal('changes'),
  /** From the relay's `live`. */
  channel: count,
  /** Automerge changes, never saved documents. Relay → client: in short where that can be (`core/sync/short-change.ts`). */
  changes: v.pipe(v.array(bytes), v.minLength(1), v.maxLength(limits.changes)),
  /** Client → relay only: 1 for the first such message of the connection, 2 for the next, and so on over all documents. */
  number: v.optional(count),
})

/** Relay → client: what this client sent in its `changes` up to a number is durable at the relay. Sent at most once for each group of writes. */
const ack = v.object({ type: v.literal('ack'), number: count })

/** Client → relay: which documents go with a text. Whoever may read the text may read them, and the margin is where a commenter may write. */
const parts = v.object({
  type: v.literal('parts'),
  /** The text. */
  documentId,
  margin: v.nullable(documentId),
  attachments: v.pipe(v.array(documentId), v.maxLength(limits.parts)),
})

/** Relay → client: what the person may do with a document that this client follows or has asked for: at first, and whenever that changes. */
const access = v.object({
  type: v.literal('access'),
  documentId,
  /** Null: nothing (any more). Where there was null before, the client may ask again. */
  role: v.nullable(v.picklist(roles)),
  /** A sentence for the person, where something was taken away. */
  reason: v.optional(v.pipe(v.string(), v.maxLength(500))),
})

const clientMessage = v.variant('type', [join, request, sync, ephemeral, unavailable, leave, gossip, changes, parts])
const relayMessage = v.variant('type', [peer, sync, ephemeral, unavailable, error, live, changes, ack, access])

export type ClientMessage = v.InferOutput<typeof clientMessage>
export type RelayMessage = v.InferOutput<typeof relayMessage>
export type PeerMetadata = v.InferOutput<typeof peerMetadata> & {
  /** automerge-repo's: the id of the sender's storage, by which others remember what it has. */
  storageId?: string
  /** automerge-repo's: set by a peer that stores nothing. */
  isEphemeral?: boolean
}
export type EphemeralMessage = v.InferOutput<typeof ephemeral>

// ---------------------------------------------------------------- frames

/** What a relay received. Throws `invalid` or `damaged`. */
export const readClientMessage = (frame: Uint8Array): ClientMessage => read(clientMessage, frame)

/** What a client received. Throws `invalid` or `damaged`. */
export const readRelayMessage = (frame: Uint8Array): RelayMessage => read(relayMessage, frame)

/** A message as a frame. */
export const writeMessage = (message: ClientMessage | RelayMessage): Uint8Array => encodeCbor(message)

function read<Schema extends typeof clientMessage | typeof relayMessage>(schema: Schema, frame: Uint8Array): v.InferOutput<Schema> {
  const result = v.safeParse(schema, decodeCbor(frame))
  if (result.success) return result.output
  const [issue] = result.issues
  // What it held instead may be somebody's words, and this sentence goes into logs.
  const expected = issue.message.replace(/ but received .*/s, '')
  throw new PalimpsestError('invalid', `a message that is none: ${v.getDotPath(issue) ?? 'it'}: ${expected}`)
}
