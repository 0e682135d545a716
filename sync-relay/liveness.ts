import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/**
 * Whether somebody is still at the other end of a connection. Where nothing waits to be sent, a ping asks for a sign of life, and anything that comes is one: on a slow line an answer
 * stands behind what the client sends. Where something waits, a ping would wait behind it, and so it has to move.
 */
export class Liveness {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #onLost: () => void
  #hasAnswered = true
  /** Bytes that had come when it was last asked. */
  #received = 0

  /** `stalledMs` is how long what waits may stay where it is; it may be noticed after twice that time. */
  constructor(socket: WebSocket, stream: Socket, stalledMs: number, onLost: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#onLost = onLost
    socket.on('pong', () => {
      this.#hasAnswered = true
    })
    // Node counts what the system has taken of a long frame too.
    stream.setTimeout(stalledMs, () => {
      if (this.#hasMore) onLost()
    })
    // Who takes no answers gets none: only the last one is asked for, and pings cost the sender as much as answers the relay.
    socket.on('ping', (data: Buffer) => {
      if (!this.#hasMore) socket.pong(data)
    })
  }

  /** Asks for a sign of life; when the last time brought none, the client is lost. */
  ask(): void {
    if (this.#hasMore) return
    // What is not read cannot be a sign; but the client waits for one of the relay, too.
    if (!this.#socket.isPaused) {
      if (!this.#hasAnswered && this.#stream.bytesRead === this.#received) return this.#onLost()
      this.#hasAnswered = false
      this.#received = this.#stream.bytesRead
    }
    this.#socket.ping()
  }

  get #hasMore(): boolean {
    return this.#stream.writableLength > 0
  }
}
