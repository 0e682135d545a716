import { PalimpsestError } from '../errors.ts'
import { type DocumentId, isDocumentId } from '../ids.ts'

/** What a share link says: which document, the relay that holds it, and what opens it there. */
export interface ShareTarget {
  documentId: DocumentId
  /** `ws:` or `wss:`. */
  relay: string
  /** The secret of a link grant. Without it the link only says where the document is. */
  secret: string | null
}

/** What an invite to a relay says. */
export interface Invite {
  /** `ws:` or `wss:`. */
  relay: string
  secret: string
}

const linkPattern = /^palimpsest:\/\/open\/([1-9A-HJ-NP-Za-km-z]+)\/?\?relay=([^&#]+)(?:&key=([\w-]{16,64}))?$/
const invitePattern = /^palimpsest:\/\/join\/([\w-]{16,64})\/?\?relay=([^&#]+)$/
const relayPattern = /^wss?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(\/[\w./~%-]*)?$/i
/** Longer than any address that works in practice. */
const maxLinkLength = 2_000

/** Whether `address` can be the address of a relay: a WebSocket address with neither credentials, query nor fragment. */
export const isRelayAddress = (address: string): boolean =>
  address.length <= maxLinkLength && relayPattern.test(address) && Number(relayPattern.exec(address)?.[2] ?? 0) <= 65_535

/** `palimpsest://open/<document>?relay=<address>&key=<secret>` */
export const shareLink = ({ documentId, relay, secret }: ShareTarget): string =>
  `palimpsest://open/${documentId}?relay=${encodeURIComponent(relay)}${secret === null ? '' : `&key=${secret}`}`

/** `palimpsest://join/<secret>?relay=<address>` */
export const inviteLink = ({ relay, secret }: Invite): string => `palimpsest://join/${secret}?relay=${encodeURIComponent(relay)}`

/** Reads a link that someone was sent. Throws `invalid` with a sentence for the person. */
export function parseShareLink(link: string): ShareTarget {
  const [, documentId, encoded, secret = null] = linkPattern.exec(link.trim().slice(0, maxLinkLength)) ?? []
  const relay = encoded === undefined ? null : decoded(encoded)
  if (!isDocumentId(documentId) || relay === null || !isRelayAddress(relay)) {
    throw new PalimpsestError('invalid', `no share link: ${link.slice(0, 200)}`, {
      detail: 'This is not a link to a shared document. Such a link begins with “palimpsest://open/”.',
    })
  }
  return { documentId, relay, secret }
}

/** Reads an invite that someone was sent. Throws `invalid` with a sentence for the person that names what is wrong with it. */
export function parseInvite(link: string): Invite {
  const [, secret, encoded] = invitePattern.exec(link.trim().slice(0, maxLinkLength)) ?? []
  const relay = encoded === undefined ? null : decoded(encoded)
  if (secret === undefined || relay === null || !isRelayAddress(relay))
    throw new PalimpsestError('invalid', `no invite: ${link.slice(0, 60)}`, { detail: whatIsWrong(link.trim()) })
  return { relay, secret }
}

/** Whether a text is meant as an invite, whole or not. */
export const isInvite = (text: string): boolean => /^palimpsest:\/\/join\b/i.test(text.trim())

function whatIsWrong(link: string): string {
  if (/^palimpsest:\/\/open\b/i.test(link)) return 'This is a link to a document, not an invite. Choose “Open a link” for it.'
  if (!isInvite(link)) return 'This is not an invite. An invite begins with “palimpsest://join/”.'
  if (!/[?&]relay=./.test(link)) return 'The end of the invite is missing. Copy the whole line as it was sent to you.'
  return 'The invite was damaged on its way. Copy the whole line as it was sent to you.'
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray percent sign: the link was damaged on its way.
    return null
  }
}
