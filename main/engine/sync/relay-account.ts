/**
 * This person at one relay: signs in with their key, keeps the ticket and makes it last, and makes the relay's HTTP calls. A relay that is open to all has no
 * people; then there is no ticket, and nothing to call.
 */
import * as v from 'valibot'
import { PalimpsestError } from '../../../core/errors.ts'
import type { DeviceKey, PersonKey } from '../../../core/ids.ts'
import { feedPath } from '../../../core/protocol/feed.ts'
import {
  type Admission,
  apiError,
  type ApiProblem,
  type RelayCall,
  type RelayParams,
  type RelayValue,
  relayCalls,
} from '../../../core/protocol/relay-api.ts'
import { apiAddress, challengeText, hostOf, ticketAddress, type Voucher } from '../../../core/protocol/sign-in.ts'
import { type OtherAnswer, problemOfAnswer, problemOfError, problemOfHost, problemOfStatus } from './proxy-problems.ts'
import { type Problem, problemOfApi, tooLong } from './relay-problems.ts'

/** Who signs in. */
export interface Signer {
  /** The device's. */
  readonly key: DeviceKey
  readonly person: PersonKey
  /** From the person's first device to this one. */
  readonly vouchers: readonly Voucher[]
  readonly deviceName: string
  sign(message: Uint8Array): Uint8Array
  /** As the person calls themselves at the moment. */
  profile(): { name: string; color: number | null }
}

const callMs = 15_000
/** A relay's answer that is longer is not read. */
export const maxAnswerBytes = 8 * 1024 * 1024
/** A ticket is renewed when this part of its time is over. */
const renewAfter = 0.5
const maxTimerMs = 2 ** 31 - 1

type Standing = { is: 'unknown' } | { is: 'open' } | { is: 'signed-in'; ticket: string; isOwner: boolean }

export class RelayAccount {
  readonly address: string
  readonly #signer: Signer
  #standing: Standing = { is: 'unknown' }
  #entering: Promise<Standing> | null = null
  #renewal: NodeJS.Timeout | null = null

  constructor(address: string, signer: Signer) {
    this.address = address
    this.#signer = signer
  }

  /** Whether the relay is the person's to run, as it said when they signed in. */
  get isOwner(): boolean {
    return this.#standing.is === 'signed-in' && this.#standing.isOwner
  }

  /** The address for the WebSocket, with a ticket in it where the relay asks for one. Throws a `RelayProblem`. */
  async enter(): Promise<string> {
    const standing = await this.#signedIn()
    return ticketAddress(this.address, standing.is === 'signed-in' ? standing.ticket : null)
  }

  /** Signs in anew with what lets the person in. Throws a `RelayProblem`. */
  async admit(admission: Admission): Promise<void> {
    await this.#entering?.catch(() => undefined) // Who waits for that is told.
    this.forget()
    await this.#enterOnce(admission)
  }

  /** Takes the role that a link gives, and lets the person in by it where they are not known yet. */
  async useLink(link: Omit<Extract<Admission, { by: 'link' }>, 'by'>): Promise<void> {
    try {
      await this.call('link.use', link)
    } catch (error) {
      if (error instanceof RelayProblem && error.problem === 'no-invite') return this.admit({ by: 'link', ...link })
      throw error
    }
  }

  /** Null on a relay that is open to all. Throws a `RelayProblem`. */
  async call<Name extends RelayCall>(name: Name, params: RelayParams<Name>): Promise<RelayValue<Name> | null> {
    const standing = await this.#signedIn()
    if (standing.is !== 'signed-in') return null
    try {
      return await this.#post(name, params, standing.ticket)
    } catch (error) {
      if (!(error instanceof RelayProblem) || error.problem !== 'signed-out') throw error
      this.forget()
      const again = await this.#signedIn()
      return again.is === 'signed-in' ? this.#post(name, params, again.ticket) : null
    }
  }

  /** A call that needs no ticket. Throws a `RelayProblem`. */
  ask<Name extends 'pairing.ask' | 'pairing.fetch'>(name: Name, params: RelayParams<Name>): Promise<RelayValue<Name>> {
    return this.#post(name, params)
  }

  /**
   * The pieces of the feed after the event `last`, or from now on, as they come; null on a relay that is open to all. Ends when the relay ends it, and throws a
   * `RelayProblem` for one that is not begun.
   */
  async feed(last: number | null, cancelled: AbortSignal): Promise<AsyncIterable<Uint8Array> | null> {
    const standing = await this.#signedIn()
    if (standing.is !== 'signed-in') return null
    const headers = {
      authorization: `Bearer ${standing.ticket}`,
      connection: 'close',
      ...(last !== null && { 'last-event-id': String(last) }),
    }
    const response = await fetch(`${apiAddress(this.address)}${feedPath}`, { headers, redirect: 'manual', signal: cancelled })
    if (response.status === 200 && response.body) return response.body
    await response.body?.cancel()
    throw new RelayProblem(this.address, problemOfStatus(response.status))
  }

  /** Ends the ticket at the relay. */
  async signOut(): Promise<void> {
    if (this.#standing.is === 'signed-in') await this.call('person.sign-out', {})
    this.forget()
  }

  /** The ticket is of no use any more. */
  forget(): void {
    if (this.#renewal) clearTimeout(this.#renewal)
    this.#renewal = null
    this.#standing = { is: 'unknown' }
  }

  async #signedIn(): Promise<Standing> {
    return this.#standing.is === 'unknown' ? this.#enterOnce() : this.#standing
  }

  /** Whoever asks meanwhile waits for the same answer. */
  #enterOnce(admission?: Admission): Promise<Standing> {
    this.#entering ??= this.#enter(admission).finally(() => {
      this.#entering = null
    })
    return this.#entering
  }

  async #enter(admission?: Admission): Promise<Standing> {
    const { key, person, vouchers, deviceName, sign, profile } = this.#signer
    const challenge = await this.#post('person.challenge', { key })
    if ('open' in challenge) {
      this.#standing = { is: 'open' }
      return this.#standing
    }
    const text = challengeText({ host: hostOf(this.address), nonce: challenge.nonce, key })
    const signature = Buffer.from(sign(Buffer.from(text))).toString('hex')
    const asked = {
      key,
      nonce: challenge.nonce,
      signature,
      ...profile(),
      deviceName,
      person,
      vouchers: [...vouchers],
      ...(admission && { admission }),
    }
    const {
      ticket,
      expiresAt,
      person: known,
    } = await this.#post('person.sign-in', asked).catch((error: unknown) => {
      const misheard = error instanceof RelayProblem && error.problem === 'signed-out' ? problemOfHost(this.address, challenge.host) : null
      throw misheard ? new RelayProblem(this.address, misheard, 'signed-out') : error
    })
    this.#standing = { is: 'signed-in', ticket, isOwner: known.standing === 'owner' }
    this.#renewBefore(expiresAt)
    return this.#standing
  }

  #renewBefore(expiresAt: number): void {
    if (this.#renewal) clearTimeout(this.#renewal)
    const renew = async () => {
      const renewed = await this.call('ticket.renew', {})
      if (renewed) this.#renewBefore(renewed.expiresAt)
    }
    const pauseMs = Math.min(Math.max(expiresAt - Date.now(), 60_000) * renewAfter, maxTimerMs)
    // When it fails, the relay ends the connection with the ticket, and the next one begins with a new ticket.
    this.#renewal = setTimeout(() => void renew().catch(() => undefined), pauseMs)
    this.#renewal.unref()
  }

  async #post<Name extends RelayCall>(name: Name, params: RelayParams<Name>, ticket?: string): Promise<RelayValue<Name>> {
    const { body, ...answer } = await this.#fetch(name, params, ticket)
    const value = v.safeParse(relayCalls[name].value, body)
    if (answer.status === 200 && value.success) return value.output
    const error = v.safeParse(apiError, body)
    if (error.success) throw new RelayProblem(this.address, problemOfApi(error.output.error.problem), error.output.error.problem)
    throw new RelayProblem(this.address, problemOfAnswer(this.address, answer))
  }

  async #fetch(name: RelayCall, params: unknown, ticket?: string): Promise<OtherAnswer & { body: unknown }> {
    try {
      const response = await fetch(`${apiAddress(this.address)}${name}`, {
        method: 'POST',
        body: JSON.stringify(params),
        // A connection that is kept may be one to a relay that was stopped since, which is noticed only when the call has failed. Not every call can be made twice.
        headers: {
          'content-type': 'application/json',
          connection: 'close',
          ...(ticket !== undefined && { authorization: `Bearer ${ticket}` }),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(callMs),
      })
      const text = await readText(response)
      return { status: response.status, location: response.headers.get('location') ?? '', text: text.slice(0, 1_000), body: parsed(text) }
    } catch (error) {
      if (error instanceof DOMException) throw new RelayProblem(this.address, tooLong)
      throw new RelayProblem(this.address, problemOfError((error as { cause?: { code?: string } }).cause ?? {}))
    }
  }
}

/** Empty for too much. */
async function readText(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece as Uint8Array, { stream: true })
    if (text.length > maxAnswerBytes) return ''
  }
  return text
}

/** Null for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Why a relay did not do what it was asked, with a sentence for the person. */
export class RelayProblem extends PalimpsestError {
  /** What the relay itself said, if it said something. */
  readonly problem: ApiProblem | null
  readonly found: Problem

  constructor(address: string, found: Problem, problem: ApiProblem | null = null) {
    super(found.code, `relay ${address}: ${problem ?? found.detail}`, { detail: found.detail })
    this.found = found
    this.problem = problem
  }
}
