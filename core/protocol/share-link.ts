import { PalimpsestError } from '../errors.ts'
import { type DocumentId, isDocumentId } from '../ids.ts'

/** What a share link says: which document, and the relay that holds it. */
export interface ShareTarget {
  documentId: DocumentId
  /** `ws:` or `wss:`. */
  relay: string
}

const linkPattern = /^palimpsest:\/\/open\/([1-9A-HJ-NP-Za-km-z]+)\/?\?relay=([^&#]+)$/
const relayPattern = /^wss?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?(\/[\w./~%-]*)?$/i
/** Longer than any address that works in practice. */
const maxLinkLength = 2_000

/** Whether `address` can be the address of a relay: a WebSocket address with neither credentials, query nor fragment. */
export const isRelayAddress = (address: string): boolean =>
  address.length <= maxLinkLength && relayPattern.test(address) && Number(relayPattern.exec(address)?.[2] ?? 0) <= 65_535

/** `palimpsest://open/<document>?relay=<address>` */
export const shareLink = ({ documentId, relay }: ShareTarget): string =>
  `palimpsest://open/${documentId}?relay=${encodeURIComponent(relay)}`

/** Reads a link that someone was sent. Throws `invalid` with a sentence for the person. */
export function parseShareLink(link: string): ShareTarget {
  const [, documentId, encoded] = linkPattern.exec(link.trim().slice(0, maxLinkLength)) ?? []
  const relay = encoded === undefined ? null : decoded(encoded)
  if (!isDocumentId(documentId) || relay === null || !isRelayAddress(relay)) {
    throw new PalimpsestError('invalid', `no share link: ${link.slice(0, 200)}`, {
      detail: 'This is not a link to a shared document. Such a link begins with “palimpsest://open/”.',
    })
  }
  return { documentId, relay }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray percent sign: the link was damaged on its way.
    return null
  }
}
