/**
 * What can be wrong between this computer and a relay, most often with a proxy in front of it, by what comes back: as sentences for the person, who can pass them on to
 * whoever runs the relay.
 */
import { hostOf, isSameHost } from '../../../core/protocol/sign-in.ts'
import { type LinkProblem, strange, unreachable } from './relay-problems.ts'

/** What came back instead of a relay's answer to a call. */
export interface OtherAnswer {
  status: number
  /** Of the header `Location`. */
  location: string
  /** Its beginning. */
  text: string
}

const isPlain = (address: string) => /^ws:/i.test(address)
const useSecure = strange('It expects a secure connection: begin the address with wss:// instead of ws://.')

/** A call was answered by something else than the relay. */
export function problemOfAnswer(address: string, { status, location, text }: OtherAnswer): LinkProblem {
  const isAskedForTls = /^https:/i.test(location) || /\bHTTPS (port|server)\b/i.test(text)
  if (isPlain(address) && isAskedForTls) return useSecure
  if (status === 200) return strange('What it answers is not what a relay answers.')
  if (status >= 300 && status < 400) return strange('It sends on to another address. Enter the address of the relay itself.')
  if (status === 401 || status === 407)
    return strange('The proxy in front of the relay asks for a password of its own, which the app cannot give.')
  if (status === 404) return strange('There is nothing under this address. Perhaps a part of it is missing.')
  if (status === 413) return unreachable('The proxy in front of the relay takes only small messages. It must let 256 KB through.')
  return problemOfStatus(status)
}

/** The relay has answered calls, and the handshake of the WebSocket at the same address was answered with a status. */
export function problemOfHandshake(status: number): LinkProblem {
  if (status === 429 || status >= 500) return problemOfStatus(status)
  return unreachable(
    'The relay answers, but the proxy in front of it does not let WebSockets through. It must pass on the headers Upgrade and Connection.',
  )
}

export function problemOfStatus(status: number): LinkProblem {
  if (status === 504) return unreachable('The proxy in front of the relay waits for it in vain.')
  if (status === 502 || status === 503) return unreachable('The relay is not running at the moment.')
  if (status === 429) return unreachable('You have too many connections to this relay already.')
  return strange(`It answered with the status ${status}.`)
}

/** A signature was not taken: null where that is not because the relay is called by another name than it hears. */
export function problemOfHost(address: string, heard: string): LinkProblem | null {
  if (heard === '' || isSameHost(heard, hostOf(address))) return null
  return {
    code: 'refused',
    detail: `The relay believes that it is called ${heard}, not ${hostOf(address)}. Whoever runs it can start it with --address ${address}.`,
  }
}

const certificateSentences: Record<string, string> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'The relay’s certificate is for another name.',
  CERT_HAS_EXPIRED: 'The relay’s certificate has come to its end.',
  CERT_NOT_YET_VALID: 'The relay’s certificate is not valid yet. Is the clock of this computer right?',
}
const untrusted = /SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/
const noTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'EPROTO'])

export function problemOfError({ code = '' }: { code?: string | undefined }): LinkProblem {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unreachable('There is no computer of that name, or no network.')
  if (code === 'ECONNREFUSED') return unreachable('The computer is there, but no relay is listening at that port.')
  if (noTls.has(code))
    return strange(
      'It has no secure connection (TLS) at this port. A proxy that has one belongs in front of the relay; ws:// instead of wss:// does without.',
    )
  if (certificateSentences[code]) return unreachable(certificateSentences[code])
  if (untrusted.test(code)) return unreachable('The relay’s certificate is from nobody whom this computer trusts.')
  if (code.includes('CERT') || code.includes('SSL')) return unreachable('The relay’s certificate is not valid.')
  if (/^E[A-Z]+$/.test(code) || code === 'UND_ERR_SOCKET' || code.endsWith('_TIMEOUT')) return unreachable('The relay cannot be reached.')
  return strange('It does not speak WebSocket.')
}

export const ticketsLost = unreachable(
  'The relay answers, but does not get the ticket of the app. The proxy in front of it must pass on what stands behind the question mark of an address.',
)

/** A connection that was ended again and again, each time so soon. */
export const cutOften = (seconds: number): LinkProblem =>
  unreachable(
    `The connection was ended three times, each time within ${seconds < 2 ? 'a second' : `${seconds} seconds`}. If there is a proxy in front of the relay, it must leave quiet connections alone for 30 seconds.`,
  )
