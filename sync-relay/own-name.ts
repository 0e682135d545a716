/**
 * Under which name a request found this relay: what is signed at sign-in has to name it.
 *
 * A relay that was told its address knows no other name. One that was not believes the `Host` header only where nobody else can be called like that for whoever signs:
 * the very address and port at which the connection arrived, and loopback, which is their own computer. Believing any name, it would be the accomplice of a relay that passes its challenge on to a
 * person who signs in over there, and brings the signature here with its own name in the header.
 */
import type { IncomingMessage } from 'node:http'
import { hostOf, isSameHost } from '../core/protocol/sign-in.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i
const plain = (address: string) => address.replace(/^::ffff:/i, '')

/** `publicAddress` is the address that the relay was told, if it was. */
export function ownName({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>, publicAddress: string | undefined): string {
  if (publicAddress !== undefined) return hostOf(publicAddress)
  const { localAddress = '', localPort = 0 } = socket
  const ip = plain(localAddress)
  const arrived = `${ip.includes(':') ? `[${ip}]` : ip}:${localPort}`
  const { host = '' } = headers
  return isSameHost(host, arrived) || loopback.test(host) ? host : arrived
}
