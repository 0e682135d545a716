/**
 * How other people are called: as it is remembered here, and as the relays say that know them. A relay tells it of those with whom the person shares a document.
 * Nobody waits for a relay: what is remembered is the answer, and the windows are told of what turns out to be different.
 */
import type { EngineHandlers, Person } from '../../../core/contract/engine.ts'
import { asPalimpsestError } from '../../../core/errors.ts'
import type { PersonKey } from '../../../core/ids.ts'
import { type Face, maxPictureBytes } from '../../../core/protocol/relay-api.ts'
import type { EngineParts } from '../parts.ts'
import { colorOfKey, personOf } from '../preferences.ts'
import { maxAnswerBytes } from './relay-account.ts'
import type { RelayClient } from './relay-client.ts'

/** So many faces fit into one answer, each with the largest picture in base64. */
const facesInAnswer = Math.floor(maxAnswerBytes / (maxPictureBytes * 1.5))

export class Faces {
  readonly #parts: EngineParts
  readonly #clients: () => readonly RelayClient[]
  /** Whom the windows have asked about: a relay that is connected later is asked too. */
  readonly #wanted = new Set<PersonKey>()
  /** What each relay was last told of this person, by address. */
  readonly #told = new Map<string, string>()

  constructor(parts: EngineParts, clients: () => readonly RelayClient[]) {
    this.#parts = parts
    this.#clients = clients
    parts.onEmit((name, event) => {
      if (name === 'person.changed' && (event as Person).key === parts.identity.key) for (const client of clients()) this.#tellMine(client)
    })
  }

  readonly handlers: Pick<EngineHandlers, 'person.lookup'> = {
    'person.lookup': ({ keys }) => {
      const { identity, profile } = this.#parts
      const others = keys.filter((key) => key !== identity.key)
      for (const key of others) this.#wanted.add(key)
      for (const client of this.#clients()) this.#ask(client, others)
      return keys.map((key) => (key === identity.key ? personOf(key, profile.value) : this.#remembered(key)))
    },
  }

  /** Asks a relay that is there again, also for those whom it may call differently now. */
  connected(client: RelayClient): void {
    // Name and colour came with signing in, as they were then.
    if (this.#parts.profile.value.picture !== undefined || this.#told.has(client.address)) this.#tellMine(client)
    this.#ask(client, [...this.#wanted])
  }

  #remembered(key: PersonKey): Person {
    const { name = '', color = null, picture = null } = this.#parts.people.find(key) ?? {}
    return { key, name, color: color ?? colorOfKey(key), picture }
  }

  #ask(client: RelayClient, keys: readonly PersonKey[]): void {
    if (!client.isConnected) return
    for (let from = 0; from < keys.length; from += facesInAnswer) {
      const some = keys.slice(from, from + facesInAnswer)
      client.account.call('person.lookup', { keys: some }).then(
        (faces) => this.#learn((faces ?? []).filter(({ key }) => some.includes(key))),
        (error: unknown) => this.#parts.log.error('names were not looked up', asPalimpsestError(error)),
      )
    }
  }

  /** Somebody without a name on this relay may have one on another, and keeps it. */
  #learn(faces: readonly Face[]): void {
    for (const { key, name, color, picture } of faces) {
      const before = this.#remembered(key)
      this.#parts.people.remember(key, { name: name || before.name, color, picture })
      const now = this.#remembered(key)
      if (now.name !== before.name || now.color !== before.color || now.picture !== before.picture) this.#parts.emit('person.changed', now)
    }
  }

  /** A relay that is not there now is told when it is. */
  #tellMine(client: RelayClient): void {
    const { name, color, picture } = this.#parts.profile.value
    const told = JSON.stringify([name, color, picture])
    if (this.#told.get(client.address) === told) return
    this.#told.set(client.address, client.isConnected ? told : '')
    if (!client.isConnected) return
    client.account.call('person.update', { name, color, ...(picture !== undefined && { picture }) }).catch((error: unknown) => {
      this.#told.delete(client.address)
      this.#parts.log.error('the name was not told to a relay', asPalimpsestError(error))
    })
  }
}
