/** The device that shows a code: waits for another one that knows it, asks the person, and tells that device what it needs. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pairing } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import { maxVouchers } from '../../../core/protocol/relay-api.ts'
import { vouchFor } from '../identity.ts'
import type { EngineParts } from '../parts.ts'
import { type Meeting, meetingOf, newCode, openQuestion, type Question, sealAnswer } from './pairing-code.ts'
import type { RelayClient } from './relay-client.ts'

export interface WaitingOptions {
  parts: EngineParts
  /** The library may say another relay now. */
  followHome(): void
}

interface Waiting {
  relay: RelayClient
  meeting: Meeting
  question: Question | null
  /** The new device reads the answer when it comes to it, whether somebody still looks on here or not. */
  isAnswered: boolean
  ended: AbortController
}

/** How often a device looks whether the other one has said something. */
export const lookEveryMs = 800
const shareMs = 120_000
/** How long the new device may take to come, before it is left to itself. */
const comingMs = 30_000

export class WaitingDevice {
  readonly #options: WaitingOptions
  #waiting: Waiting | null = null

  constructor(options: WaitingOptions) {
    this.#options = options
  }

  async begin(relay: RelayClient | null): Promise<{ code: string; relay: string; expiresAt: number }> {
    if (!relay) throw noRelay
    this.end()
    const code = newCode()
    const meeting = await meetingOf(code)
    const opened = await relay.account.call('pairing.open', { meeting: meeting.id })
    if (!opened) throw openRelay
    this.end()
    const waiting: Waiting = { relay, meeting, question: null, isAnswered: false, ended: new AbortController() }
    this.#waiting = waiting
    this.#tell({ state: 'waiting' })
    void this.#wait(waiting).catch((error: unknown) => this.#failed(waiting, error))
    return { code, relay: relay.address, expiresAt: opened.expiresAt }
  }

  async answer(accept: boolean): Promise<null> {
    const waiting = this.#waiting
    if (!waiting?.question || waiting.isAnswered) throw new PalimpsestError('not-found', 'no device has asked')
    waiting.isAnswered = true
    try {
      if (accept) await this.#add(waiting, waiting.question)
      else await this.#say(waiting, sealAnswer(waiting.meeting, waiting.question.device, { accepted: false }))
    } catch (error) {
      waiting.isAnswered = false
      this.#failed(waiting, error)
      throw error
    }
    if (this.#waiting === waiting) this.#waiting = null
    this.#tell({ state: 'ended', problem: null })
    return null
  }

  /** Waits no longer; the code is of no use from then on. */
  end(): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (!waiting) return
    waiting.ended.abort()
    if (waiting.isAnswered) return
    const closing = waiting.relay.account.call('pairing.close', { meeting: waiting.meeting.id })
    // It ends by itself where the relay cannot be told.
    closing.catch(() => undefined)
  }

  async #wait(waiting: Waiting): Promise<void> {
    const { relay, meeting, ended } = waiting
    while (!ended.signal.aborted) {
      const read = await relay.account.call('pairing.read', { meeting: meeting.id }).catch(mayPass)
      if (ended.signal.aborted) return
      if (read && read.sealed !== null) return this.#asked(waiting, read.sealed)
      await pause(lookEveryMs, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }

  #asked(waiting: Waiting, sealed: string): void {
    try {
      waiting.question = openQuestion(waiting.meeting, sealed)
    } catch (cause) {
      throw new PalimpsestError('refused', 'a pairing message that cannot be opened', { cause, detail: notFromYours })
    }
    this.#tell({ state: 'asked', name: waiting.question.name })
  }

  async #add(waiting: Waiting, { device }: Question): Promise<void> {
    const { relay, meeting, ended } = waiting
    const { identity, profile } = this.#options.parts
    if (identity.vouchers.length >= maxVouchers) throw tooFar
    await this.#shareLibrary(relay)
    const { name, color } = profile.value
    const { key: person, library, linkKey } = identity
    const vouchers = vouchFor(identity, device)
    await this.#say(
      waiting,
      sealAnswer(meeting, device, { accepted: true, person, name, color, library, relay: relay.address, vouchers, linkKey }),
    )
    const end = Date.now() + comingMs
    while (Date.now() < end && !ended.signal.aborted) {
      const devices = await relay.account.call('device.list', {}).catch(() => null)
      if (devices?.some(({ key }) => key === device)) return
      await pause(lookEveryMs, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }

  /** Puts the person's library on the relay where the devices share it from now on. Resolves when the relay has all of it. */
  async #shareLibrary(relay: RelayClient): Promise<void> {
    const { parts, followHome } = this.#options
    const document = relay.share(parts.identity.library)
    const settle = () => relay.until(() => document.isSettled || document.refusal !== null, shareMs)
    await settle()
    if (document.refusal !== null) {
      if (parts.library.home === null) relay.drop(document.id)
      throw new PalimpsestError('refused', `library: ${document.refusal}`, { detail: notPut })
    }
    await parts.library.setHome(relay.address)
    await parts.library.setMe(parts.profile.value)
    followHome()
    await settle()
  }

  async #say({ relay, meeting }: Waiting, sealed: string): Promise<void> {
    await relay.account.call('pairing.answer', { meeting: meeting.id, sealed })
  }

  #failed(waiting: Waiting, thrown: unknown): void {
    if (this.#waiting !== waiting) return
    this.end()
    const error = asPalimpsestError(thrown)
    const isOver = 'problem' in error && error.problem === 'code-unknown'
    this.#tell({ state: 'ended', problem: isOver ? 'The code is no longer good.' : (error.detail ?? error.message) })
  }

  #tell(pairing: Pairing): void {
    this.#options.parts.emit('pairing.changed', pairing)
  }
}

const tooFar = new PalimpsestError('not-allowed', 'too many vouchers in a row', {
  detail: 'Too many devices have added each other in a row. Add this one from an older device of yours.',
})
const notPut = 'The relay does not take your library, which your devices share. Only members of a relay can add devices there.'
export const notFromYours =
  'What came through the relay was not from your other device. Nothing was changed. Try it with a new code, and ask who runs the relay if it happens again.'
export const noRelay = new PalimpsestError('not-found', 'there is no relay', {
  detail: 'Devices find each other through a relay. Join one in the settings first.',
})
export const openRelay = new PalimpsestError('not-allowed', 'the relay has no people', {
  detail: 'This relay is open to everybody, and knows no devices.',
})

/** A line that fails for a moment is no reason to begin anew. */
export function mayPass(thrown: unknown): null {
  if (asPalimpsestError(thrown).code === 'unreachable') return null
  throw thrown
}
