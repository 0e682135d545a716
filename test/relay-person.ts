/** A person at a relay made of nothing but a key, HTTP calls and sockets: says what it is told to say, also what no honest app would. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import * as A from '@automerge/automerge/slim'
import type { DeviceKey, DocumentId, PersonKey } from '../core/ids.ts'
import type { Admission, RelayCall, RelayParams, RelayValue } from '../core/protocol/relay-api.ts'
import { inviteLink, parseInvite } from '../core/protocol/share-link.ts'
import { apiAddress, challengeText, hostOf, ticketAddress, type Voucher, voucherText } from '../core/protocol/sign-in.ts'
import { theRelay } from '../sync-relay/people/audit.ts'
import type { Relay } from '../sync-relay/server.ts'
import { RawClient } from './raw-client.ts'

/** Why a call was not answered. */
export type Refused = { problem: string }

/** An invite for one member, made by the relay itself. */
export function inviteTo(relay: Relay, terms: Partial<RelayParams<'invite.create'>> = {}): string {
  const made = relay.people?.people.invite({ standing: 'member', uses: 1, expiresAt: Date.now() + 60_000, ...terms }, theRelay)
  return inviteLink({ relay: relay.address, secret: made?.secret ?? '' })
}

export class RelayPerson {
  /** Where the relay is. */
  relay: string
  readonly name: string
  /** The person's, who writes. */
  readonly key: PersonKey
  /** The device's, which signs in. */
  readonly device: DeviceKey
  vouchers: Voucher[] = []
  readonly #privateKey: KeyObject
  ticket = ''
  #sockets = 0

  /** A first device, or another one of `person`. */
  constructor(relay: string, name: string, person: PersonKey | null = null) {
    this.relay = relay
    this.name = name
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    this.#privateKey = privateKey
    this.device = publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex') as DeviceKey
    this.key = person ?? this.device
  }

  /** Somebody who uses an invite: the relay's first owner, or a member invited by the relay itself. */
  static async join(relay: Pick<Relay, 'address' | 'ownersInvite'>, name: string, invite = relay.ownersInvite): Promise<RelayPerson> {
    const person = new RelayPerson(relay.address, name)
    await person.signIn({ by: 'invite', secret: parseInvite(invite ?? '').secret })
    return person
  }

  sign = (nonce: string, host = hostOf(this.relay)): string =>
    sign(null, Buffer.from(challengeText({ host, nonce, key: this.device })), this.#privateKey).toString('hex')

  /** Another device of the same person, for which this one vouches. It has not signed in yet. */
  addDevice(name: string, relay = this.relay): RelayPerson {
    const other = new RelayPerson(relay, name, this.key)
    other.vouchers = [...this.vouchers, this.vouchFor(other.device)]
    return other
  }

  vouchFor(device: DeviceKey, person = this.key): Voucher {
    const text = voucherText({ person, by: this.device, device })
    return { by: this.device, device, signature: sign(null, Buffer.from(text), this.#privateKey).toString('hex') }
  }

  /** Throws what the relay says. */
  async signIn(admission?: Admission): Promise<void> {
    const { device: key, key: person, vouchers, name } = this
    const { nonce } = (await this.ask('person.challenge', { key })) as { nonce: string }
    const asked = { key, nonce, signature: this.sign(nonce), name, color: null, deviceName: name, person, vouchers }
    this.ticket = (await this.ask('person.sign-in', { ...asked, ...(admission && { admission }) })).ticket
  }

  /** The answer to a call. Throws `Refused`. */
  async ask<Name extends RelayCall>(name: Name, params: RelayParams<Name>): Promise<RelayValue<Name>> {
    const { status, body } = await this.post(name, JSON.stringify(params))
    if (status !== 200) throw { status, ...(body as { error: Refused }).error }
    return body as RelayValue<Name>
  }

  /** Any body to any name. */
  async post(name: string, body: string): Promise<{ status: number; body: unknown }> {
    // A connection of its own: one that is kept may be that of a relay that was stopped since, which `fetch` notices only as it sends.
    const headers = { authorization: `Bearer ${this.ticket}`, connection: 'close' }
    const response = await fetch(`${apiAddress(this.relay)}${name}`, { method: 'POST', body, headers })
    return { status: response.status, body: await response.json() }
  }

  /** A socket of this person. */
  connect({ live = true } = {}): Promise<RawClient> {
    return RawClient.join(ticketAddress(this.relay, this.ticket), { name: `${this.name} ${++this.#sockets}`, live })
  }

  /** A new document, of which the first change is this person's own. */
  begin(): A.Doc<Record<string, string>> {
    return A.change(A.init<Record<string, string>>({ author: this.key }), (draft) => void (draft['start'] = this.name))
  }

  /** A change by this person on top of a document. */
  write(doc: A.Doc<Record<string, string>>, text = this.name): Uint8Array {
    const mine = A.change(A.clone(doc, { author: this.key }), (draft) => void (draft['text'] = text))
    return A.getLastLocalChange(mine) as Uint8Array
  }

  /** Puts a document on the relay, and declares its parts. Resolves when it is durable there. */
  async put(
    documentId: DocumentId,
    changes: Uint8Array[],
    parts?: { margin: DocumentId | null; attachments: DocumentId[] },
  ): Promise<void> {
    const client = await this.connect()
    if (parts) client.send({ type: 'parts', documentId, ...parts })
    client.sendSync(documentId, { heads: [A.decodeChange(changes.at(-1) as Uint8Array).hash as never] })
    const { channel } = await client.next('live')
    client.send({ type: 'changes', channel, changes, number: 1 })
    await client.next('ack')
    client.socket.close()
  }
}
