/**
 * One WebSocket to one relay, kept up: it connects, says who it is, and connects again when it is lost, at first quickly and then less and less often.
 * A dead connection is noticed because the relay's pings stay out.
 */
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { ErrorCode } from '../../../core/errors.ts'
import {
  type ClientMessage,
  closeCodes,
  limits,
  liveVersion,
  protocolVersion,
  type RelayMessage,
  readRelayMessage,
  writeMessage,
} from '../../../core/protocol/messages.ts'

/** Why there is no connection. */
export interface LinkProblem {
  code: Extract<ErrorCode, 'unreachable' | 'not-a-relay' | 'refused'>
  /** A sentence for the person. */
  detail: string
}

export type LinkState =
  | { is: 'connecting' }
  /** `relayId` and `peerId` are the names of the two sides on the wire. */
  | { is: 'connected'; relayId: string }
  /** Until the next attempt. */
  | { is: 'waiting'; problem: LinkProblem }
  | { is: 'closed' }

export interface LinkOptions {
  address: string
  /** Our name on the wire. */
  peerId: string
  onState: (state: LinkState) => void
  onMessage: (message: RelayMessage) => void
}

const handshakeMs = 10_000
/** The relay pings more often than every fifteen seconds. */
const silenceMs = 40_000
const firstRetryMs = 400
const lastRetryMs = 30_000
/** A connection that lasted this long was a good one. */
const steadyMs = 5_000

export class RelayLink {
  readonly #options: LinkOptions
  #state: LinkState = { is: 'connecting' }
  #socket: WebSocket | null = null
  #timer: NodeJS.Timeout | null = null
  #failures = 0
  #connectedAt = 0

  constructor(options: LinkOptions) {
    this.#options = options
    this.#connect()
  }

  get state(): LinkState {
    return this.#state
  }

  /** Sends when connected; what is not sent is brought by the next sync. */
  send(message: ClientMessage): void {
    if (this.#state.is === 'connected') this.#socket?.send(writeMessage(message))
  }

  /** Tries at once instead of waiting. */
  retryNow(): void {
    if (this.#state.is !== 'waiting') return
    this.#failures = 0
    this.#connect()
  }

  close(): void {
    this.#set({ is: 'closed' })
    this.#stopTimer()
    this.#socket?.close(closeCodes.normal)
    this.#socket = null
  }

  #connect(): void {
    this.#stopTimer()
    if (this.#state.is !== 'connecting') this.#set({ is: 'connecting' })
    const socket = new WebSocket(this.#options.address, {
      handshakeTimeout: handshakeMs,
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
    })
    this.#socket = socket
    let problem: LinkProblem | null = null
    const giveUp = (found: LinkProblem) => {
      problem ??= found
      socket.terminate()
    }
    socket.on('open', () => {
      socket.send(writeMessage(this.#join()))
      this.#watch(handshakeMs, () => giveUp(strange('It answers, but not as a relay does.')))
    })
    socket.on('message', (data: Buffer) => this.#receive(socket, data, giveUp))
    socket.on('ping', () => this.#watch(silenceMs, () => giveUp(lost)))
    socket.on('unexpected-response', (request, response) => {
      giveUp(problemOfAnswer(response))
      request.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => giveUp(problemOfError(error)))
    socket.on('close', (code, reason) => this.#lost(socket, problem ?? problemOfClose(code, reason.toString())))
  }

  #join(): ClientMessage {
    return {
      type: 'join',
      senderId: this.#options.peerId,
      peerMetadata: { palimpsest: { live: liveVersion } },
      supportedProtocolVersions: [protocolVersion],
    }
  }

  #receive(socket: WebSocket, data: Buffer, giveUp: (problem: LinkProblem) => void): void {
    if (socket !== this.#socket || this.#state.is === 'closed') return
    let message: RelayMessage
    try {
      message = readRelayMessage(data)
    } catch {
      // Whatever it is, it does not speak our language.
      return giveUp(strange('What it sends is not what a relay sends.'))
    }
    if (message.type !== 'peer') return this.#state.is === 'connected' ? this.#options.onMessage(message) : undefined
    if (message.peerMetadata.palimpsest?.live !== liveVersion) return giveUp(strange('It is another kind of sync server.'))
    this.#watch(silenceMs, () => giveUp(lost))
    this.#connectedAt = Date.now()
    this.#set({ is: 'connected', relayId: message.senderId })
  }

  #lost(socket: WebSocket, problem: LinkProblem): void {
    if (socket !== this.#socket || this.#state.is === 'closed') return
    this.#socket = null
    const wasSteady = this.#state.is === 'connected' && Date.now() - this.#connectedAt > steadyMs
    this.#failures = wasSteady ? 1 : this.#failures + 1
    const pauseMs = Math.min(firstRetryMs * 2 ** (this.#failures - 1), lastRetryMs)
    // Spread out, so that not everybody comes back in the same moment after the relay was restarted.
    this.#watch(pauseMs * (0.5 + Math.random()), () => this.#connect())
    this.#set({ is: 'waiting', problem })
  }

  /** One timer serves all that is waited for: the handshake, a sign of life, the next attempt. */
  #watch(ms: number, then: () => void): void {
    this.#stopTimer()
    this.#timer = setTimeout(then, ms)
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #set(state: LinkState): void {
    if (this.#state.is === 'closed') return
    this.#state = state
    this.#options.onState(state)
  }
}

const strange = (detail: string): LinkProblem => ({ code: 'not-a-relay', detail: `This address is not a Palimpsest relay. ${detail}` })
const unreachable = (detail: string): LinkProblem => ({ code: 'unreachable', detail })
const lost = unreachable('The relay no longer answers.')

/** A proxy in front of a relay that is down answers with one of these. */
const gatewayProblems = new Set([502, 503, 504])

function problemOfAnswer({ statusCode = 0 }: IncomingMessage): LinkProblem {
  if (gatewayProblems.has(statusCode)) return unreachable('The relay is not running at the moment.')
  return strange(`It answered with the status ${statusCode}.`)
}

function problemOfError({ code = '' }: NodeJS.ErrnoException): LinkProblem {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unreachable('There is no computer of that name, or no network.')
  if (code === 'ECONNREFUSED') return unreachable('The computer is there, but no relay is listening at that port.')
  if (code.startsWith('CERT_') || code.includes('CERT') || code.includes('SSL')) return unreachable('The relay’s certificate is not valid.')
  if (/^E[A-Z]+$/.test(code)) return unreachable('The relay cannot be reached.')
  return strange('It does not speak WebSocket.')
}

function problemOfClose(code: number, reason: string): LinkProblem {
  if (code === closeCodes.refused) return { code: 'refused', detail: `The relay does not let you in: ${reason}` }
  if (code === closeCodes.goingAway) return unreachable('The relay is being restarted.')
  return lost
}
