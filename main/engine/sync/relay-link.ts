/**
 * One WebSocket to one relay, kept up: it connects, says who it is, and connects again when it is lost, at first quickly and then less and less often.
 * A dead connection is noticed because nothing comes any more, not even the relay's pings.
 */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
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
import { type RelayAccount, RelayProblem } from './relay-account.ts'
import { cutOften, problemOfError, problemOfHandshake, ticketsLost } from './proxy-problems.ts'
import { type LinkProblem, linkProblemOf, lost, problemOfClose, strange } from './relay-problems.ts'

export type { LinkProblem } from './relay-problems.ts'

export type LinkState =
  /** `problem` is what was wrong the last time. */
  | { is: 'connecting'; problem: LinkProblem | null }
  /** `relayId` and `peerId` are the names of the two sides on the wire. */
  | { is: 'connected'; relayId: string }
  /** Until the next attempt. */
  | { is: 'waiting'; problem: LinkProblem }
  | { is: 'closed' }

export interface LinkOptions {
  account: RelayAccount
  /** Our name on the wire. */
  peerId: string
  onState: (state: LinkState) => void
  onMessage: (message: RelayMessage) => void
  /** For how long nothing may come. The relay pings more often than every fifteen seconds. */
  silenceMs?: number
}

interface Incoming {
  giveUp: (found: LinkProblem) => void
  /** Waits for something to come. */
  listen: () => void
}

const handshakeMs = 10_000
const usualSilenceMs = 40_000
const firstRetryMs = 400
const lastRetryMs = 30_000
/** A relay says something at least this often, so a proxy that ends quiet connections sooner ends all of them. */
const quietMs = 13_000
const manyCuts = 3
/** A connection that lasted this long was a good one. */
const steadyMs = 5_000

export class RelayLink {
  readonly #options: LinkOptions
  #state: LinkState = { is: 'connecting', problem: null }
  #socket: WebSocket | null = null
  #timer: NodeJS.Timeout | null = null
  #failures = 0
  #connectedAt = 0
  /** Handshakes in a row for which the ticket was not taken, though each brought a new one. */
  #ticketsRefused = 0
  /** Connections in a row that were ended without a word, and soon. */
  #cuts = 0
  /** Counts attempts, so that one that was given up does not come back. */
  #attempt = 0

  constructor(options: LinkOptions) {
    this.#options = options
    void this.#connect()
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
    if (this.#state.is === 'waiting') this.restart()
  }

  /** Gives up what there is, and connects anew. */
  restart(): void {
    if (this.#state.is === 'closed') return
    const socket = this.#socket
    this.#socket = null
    socket?.close(closeCodes.normal)
    this.#failures = 0
    void this.#connect()
  }

  close(): void {
    this.#set({ is: 'closed' })
    this.#attempt += 1
    this.#stopTimer()
    this.#socket?.close(closeCodes.normal)
    this.#socket = null
  }

  async #connect(): Promise<void> {
    const attempt = ++this.#attempt
    this.#stopTimer()
    if (this.#state.is !== 'connecting') this.#set({ is: 'connecting', problem: this.#state.is === 'waiting' ? this.#state.problem : null })
    try {
      const address = await this.#options.account.enter()
      if (attempt === this.#attempt) this.#open(address)
    } catch (error) {
      if (attempt === this.#attempt) this.#wait(error instanceof RelayProblem ? linkProblemOf(error.found) : strange(String(error)))
    }
  }

  #open(address: string): void {
    const socket = new WebSocket(address, { handshakeTimeout: handshakeMs, maxPayload: limits.frameBytes, perMessageDeflate: false })
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
    let stream: Socket | null = null
    socket.on('upgrade', (response) => (stream = response.socket))
    // On a slow line the pings stand behind a long message; it is a sign of life while it comes.
    const listen = () => {
      const before = stream?.bytesRead
      this.#watch(this.#options.silenceMs ?? usualSilenceMs, () => (stream?.bytesRead === before ? giveUp(lost) : listen()))
    }
    socket.on('message', (data: Buffer) => this.#receive(socket, data, { giveUp, listen }))
    socket.on('ping', listen)
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      // The ticket is no longer good: the next attempt begins with a new one.
      if (statusCode === 401) this.#options.account.forget()
      giveUp(statusCode === 401 ? (++this.#ticketsRefused > 1 ? ticketsLost : lost) : problemOfHandshake(statusCode))
      request.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => giveUp(problemOfError(error)))
    socket.on('close', (code, reason) => {
      if (code === closeCodes.signedOut || code === closeCodes.refused) this.#options.account.forget()
      this.#lost(socket, problem ?? problemOfClose(code, reason.toString()))
    })
  }

  #join(): ClientMessage {
    return {
      type: 'join',
      senderId: this.#options.peerId,
      peerMetadata: { palimpsest: { live: liveVersion } },
      supportedProtocolVersions: [protocolVersion],
    }
  }

  #receive(socket: WebSocket, data: Buffer, { giveUp, listen }: Incoming): void {
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
    listen()
    this.#connectedAt = Date.now()
    this.#ticketsRefused = 0
    this.#set({ is: 'connected', relayId: message.senderId })
  }

  #lost(socket: WebSocket, problem: LinkProblem): void {
    if (socket !== this.#socket || this.#state.is === 'closed') return
    this.#socket = null
    const wasConnected = this.#state.is === 'connected'
    const lastedMs = Date.now() - this.#connectedAt
    if (wasConnected && lastedMs > steadyMs) this.#failures = 0
    this.#cuts = problem === lost && wasConnected && lastedMs < quietMs ? this.#cuts + 1 : 0
    this.#wait(this.#cuts < manyCuts ? problem : cutOften(Math.ceil(lastedMs / 1000)))
  }

  #wait(problem: LinkProblem): void {
    this.#failures += 1
    const pauseMs = Math.min(firstRetryMs * 2 ** (this.#failures - 1), lastRetryMs)
    // Spread out, so that not everybody comes back in the same moment after the relay was restarted.
    this.#watch(pauseMs * (0.5 + Math.random()), () => void this.#connect())
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
