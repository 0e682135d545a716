/**
 * The person's devices. All of them are one person to everybody; each has a key of its own, and the library is what they share.
 *
 * A device joins by a code (`pairing-code.ts`): the one that is there already shows it and waits (`WaitingDevice`), the new one asks, is told what it needs when the person
 * has said yes, fetches the library, and is that person's from the next start of its engine on. A device that is removed is noted in the library, and whichever
 * device comes to a relay next tells it.
 */
import { hostname, platform } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { EngineHandlers, Person } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, PersonKey } from '../../../core/ids.ts'
import { isRelayAddress } from '../../../core/protocol/share-link.ts'
import { newDevice } from '../identity.ts'
import { personOf } from '../preferences.ts'
import { type Answer, meetingOf, openAnswer, sealQuestion } from './pairing-code.ts'
import { RelayAccount, RelayProblem, type Signer } from './relay-account.ts'
import type { RelayClient } from './relay-client.ts'
import type { Tasks, TaskSteps } from './tasks.ts'
import { lookEveryMs, mayPass, noRelay, notFromYours, openRelay, WaitingDevice, type WaitingOptions } from './waiting-device.ts'

export type DeviceCall = 'device.list' | 'device.remove' | 'device.invite' | 'device.answer' | 'device.cancel' | 'device.join'

export interface DevicesOptions extends WaitingOptions {
  tasks: Tasks
  /** The relay of the settings, or null. */
  favourite(): RelayClient | null
  clients(): RelayClient[]
  client(address: string): RelayClient
  /** A client beside the others, as somebody else. */
  newClient(address: string, as: Signer): RelayClient
  onMoved(): void
}

/** Longest time that a code is good. */
const codeMs = 10 * 60_000
const fetchMs = 120_000

const systems: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macOS', linux: 'Linux', win32: 'Windows' }
export const deviceName = (): string => `${hostname()}, ${systems[platform()] ?? platform()}`.slice(0, 100)

export class Devices {
  readonly #options: DevicesOptions
  readonly #waiting: WaitingDevice
  /** Relays, each with a device of whose removal it was told. */
  readonly #told = new Set<string>()
  /** The name and colour that the library said last. */
  #lastSaid = ''

  constructor(options: DevicesOptions) {
    this.#options = options
    this.#waiting = new WaitingDevice(options)
    const { identity, library, onEmit, profile } = options.parts
    onEmit((name, event) => {
      if (name === 'person.changed' && (event as Person).key === identity.key && library.home !== null) void library.setMe(profile.value)
      if (name === 'library.changed') this.#takeName()
    })
    this.#takeName()
  }

  readonly handlers: Pick<EngineHandlers, DeviceCall> = {
    'device.list': async () => (await this.#home().account.call('device.list', {})) ?? [],

    'device.remove': async ({ key }) => {
      const { library } = this.#options.parts
      if ((await this.#home().account.call('device.remove', { key })) === null) throw openRelay
      await library.noteRemovedDevice(key)
      for (const client of this.#options.clients()) this.tellRemoved(client)
      return null
    },

    'device.invite': () => this.#waiting.begin(this.#options.favourite()),
    'device.answer': ({ accept }) => this.#waiting.answer(accept),
    'device.cancel': () => {
      this.#waiting.end()
      return null
    },

    'device.join': async ({ relay, code, task }) => {
      await this.#options.tasks.run(task, (steps) => this.#join(relay, code, steps))
      // The answer goes out first.
      setImmediate(() => this.#options.onMoved())
      return null
    },
  }

  /** Tells a relay that is there which devices were removed. */
  tellRemoved({ address, account, isConnected }: RelayClient): void {
    const { identity, library, log } = this.#options.parts
    if (!isConnected) return
    for (const key of library.removedDevices()) {
      const told = `${address} ${key}`
      if (key === identity.device || this.#told.has(told)) continue
      this.#told.add(told)
      account.call('device.remove', { key }).catch((error: unknown) => {
        this.#told.delete(told)
        log.error('a relay was not told of a device that was removed', asPalimpsestError(error))
      })
    }
  }

  /** The person is called the same on all their devices. Only what is news is taken: what they have just typed here may not be in the library yet. */
  #takeName(): void {
    const { emit, identity, library, log, profile } = this.#options.parts
    const { me } = library
    const said = JSON.stringify(me)
    if (me === null || said === this.#lastSaid) return
    this.#lastSaid = said
    const { name, color } = profile.value
    if (me.name === name && me.color === color) return
    profile.set({ ...profile.value, ...me }).then(
      () => emit('person.changed', personOf(identity.key, profile.value)),
      (error: unknown) => log.error('the name was not kept', asPalimpsestError(error)),
    )
  }

  close(): void {
    this.#waiting.end()
  }

  #home(): RelayClient {
    const { client, favourite, parts } = this.#options
    const { home } = parts.library
    const relay = home === null ? favourite() : client(home)
    if (!relay) throw noRelay
    return relay
  }

  async #join(relay: string, code: string, { cancelled }: TaskSteps): Promise<void> {
    const { parts, newClient } = this.#options
    if (!isRelayAddress(relay)) throw noAddress
    const meeting = await meetingOf(code)
    const device = newDevice()
    const stranger: Signer = {
      key: device.key,
      person: device.key,
      vouchers: [],
      deviceName: deviceName(),
      sign: device.sign,
      profile: () => ({ name: '', color: null }),
    }
    const account = new RelayAccount(relay, stranger)
    await account.ask('pairing.ask', { meeting: meeting.id, sealed: sealQuestion(meeting, { device: device.key, name: deviceName() }) })
    const answer = open(await this.#answered(account, meeting.id, cancelled), (sealed) => openAnswer(meeting, device.key, sealed))
    if (!answer.accepted) throw declined
    const { name, color, library, linkKey, person, vouchers } = answer
    const client = newClient(answer.relay, { ...stranger, person, vouchers, profile: () => ({ name, color }) })
    try {
      await this.#fetchLibrary(client, answer, cancelled)
      if (person !== parts.identity.key) await this.#handOver(client, person)
    } finally {
      client.close()
    }
    await parts.documents.flush()
    await parts.profile.set({ ...parts.profile.value, name, color })
    await parts.settings.set({ ...parts.settings.value, relay: answer.relay })
    await parts.leftRelays.set(parts.leftRelays.value.filter((left) => left !== answer.relay))
    await parts.identity.become(device, { person, vouchers, linkKey }, library)
  }

  async #answered(account: RelayAccount, meeting: string, cancelled: AbortSignal): Promise<string> {
    const end = Date.now() + codeMs
    while (Date.now() < end) {
      const answer = await account.ask('pairing.fetch', { meeting }).catch((error: unknown) => {
        if (error instanceof RelayProblem && error.problem === 'code-unknown') throw waitsNoLonger
        return mayPass(error)
      })
      if (answer && answer.sealed !== null) return answer.sealed
      await pause(lookEveryMs, undefined, { signal: cancelled }).catch(() => {
        throw cancelled.reason
      })
    }
    throw waitsNoLonger
  }

  /** Makes the person the owner of what this device has put on the same relay as who it was before: nobody could do so later. */
  async #handOver(theirs: RelayClient, key: PersonKey): Promise<void> {
    const { clients, parts } = this.#options
    const { address } = theirs
    const mine = clients().find((client) => client.address === address && client.isConnected)
    if (!mine) return
    const isMine = (id: DocumentId) => parts.library.relayOf(id) === address && parts.syncStates.get(id, address).role === 'owner'
    for (const documentId of parts.library.documents().filter(isMine)) {
      try {
        await mine.account.call('document.grant', { documentId, key, role: 'editor' })
        await theirs.account.call('invitation.answer', { documentId, accept: true })
        await mine.account.call('document.transfer', { documentId, key })
      } catch (error) {
        parts.log.error(`document ${documentId} was not handed over`, asPalimpsestError(error))
      }
    }
  }

  /** Without the library nothing of what this device did next could be told from what the others did. */
  async #fetchLibrary(client: RelayClient, { library }: Extract<Answer, { accepted: true }>, cancelled: AbortSignal): Promise<void> {
    const { documents } = this.#options.parts
    const wasHere = await documents.has(library)
    const document = client.share(library)
    try {
      await client.until(() => ['caught-up', 'unavailable', 'refused'].includes(document.state), fetchMs, cancelled)
      if (document.state !== 'caught-up')
        throw new PalimpsestError('not-found', `the relay has no library ${library}`, { detail: noLibrary })
    } catch (error) {
      if (!wasHere) await documents.remove(library)
      throw error
    }
  }
}

function open<Message>(sealed: string, unseal: (sealed: string) => Message): Message {
  try {
    return unseal(sealed)
  } catch (cause) {
    throw new PalimpsestError('refused', 'a pairing message that cannot be opened', { cause, detail: notFromYours })
  }
}

const noLibrary =
  'The relay does not have your library. Nothing was changed here. Look whether your other device is connected, and try it with a new code.'
const waitsNoLonger = new PalimpsestError('refused', 'no answer to the pairing question', {
  detail: 'Your other device waits no longer. Ask for a new code there.',
})
const declined = new PalimpsestError('refused', 'the other device declined', { detail: 'You said no on your other device.' })
const noAddress = new PalimpsestError('invalid', 'no relay address', {
  detail: 'This is not the address of a relay. Your other device shows it beside the code.',
})
