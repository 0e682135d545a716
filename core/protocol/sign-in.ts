/**
 * Signing in to a relay: the relay draws a nonce, the client signs it with its device's key, and gets a ticket that opens the WebSocket and the HTTP calls.
 *
 * What is signed names the relay as the client reaches it, so that a relay cannot pass on the challenge of another one and sign in there as
 * the person who trusted it.
 */
import type { DeviceKey, PersonKey } from '../ids.ts'

/** Where a relay's HTTP calls are: `https://host/path/api/`. `relay` is a relay's address. */
export const apiAddress = (relay: string): string => `${relay.replace(/^ws/i, 'http').replace(/\/*$/, '')}/api/`

/** A link that opens a relay's status page. The secret stands behind `#`, so that neither the relay's nor a proxy's log ever has it. */
export const statusLink = (relay: string, secret: string): string => `${relay.replace(/^ws/i, 'http').replace(/\/*$/, '')}/status#${secret}`

/** The address of the WebSocket with a ticket in it, as the stock `WebSocketClientAdapter` takes it too. */
export const ticketAddress = (relay: string, ticket: string | null): string => (ticket === null ? relay : `${relay}?ticket=${ticket}`)

/** Host and port of a relay's address, as an HTTP client names them in its `Host` header. */
export const hostOf = (relay: string): string => /^wss?:\/\/([^/?#]*)/i.exec(relay)?.[1] ?? ''

/** Behind a proxy it is not known which port is the usual one, so neither is named. */
const normalHost = (host: string): string => host.toLowerCase().replace(/:(80|443)$/, '')

/** Whether two names, each with a port or without, are the same relay's. */
export const isSameHost = (one: string, other: string): boolean => normalHost(one) === normalHost(other)

/** The text that is signed, as UTF-8. `host` is the relay's, see `hostOf`; `key` that of the device that signs. */
export const challengeText = ({ host, nonce, key }: { host: string; nonce: string; key: DeviceKey }): string =>
  `Palimpsest sign-in\nrelay ${normalHost(host)}\nkey ${key}\nnonce ${nonce}\n`

/** One device of a person says by its signature under `voucherText` that another one is theirs too. */
export interface Voucher {
  /** The person's key, which is that of their first device, or the key of a device that was vouched for itself. */
  by: DeviceKey
  device: DeviceKey
  /** 64 bytes, hex. */
  signature: string
}

/** The text that a device signs to vouch for another one of its person. */
export const voucherText = ({ person, by, device }: { person: PersonKey; by: DeviceKey; device: DeviceKey }): string =>
  `Palimpsest device\nperson ${person}\nby ${by}\ndevice ${device}\n`
