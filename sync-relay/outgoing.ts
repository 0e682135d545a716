import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { FramedMessage } from './framed-message.ts'

export interface OutgoingLimits {
  /** Bytes of the live stream and of presence that may wait for a slow reader. */
  streamBytes: number
  /** The same for everything, sync messages included. */
  totalBytes: number
}

/** What goes out to one client, and what of it waits because the client does not read. */
export class Outgoing {
  readonly #socket: WebSocket
  readonly #stream: Duplex
  readonly #limits: OutgoingLimits
  readonly #onSlow: () => void
  /** Of what waits, the bytes of messages that are for this client alone. */
  #ownBytes = 0

  /**
   * `stream` is what `socket` was made of: each of the two writes whole frames at once, so they never stand within each other. That holds as long as messages
   * are not compressed. `onSlow` is called when too much waits; the message at hand is not sent then.
   */
  constructor(socket: WebSocket, stream: Duplex, limits: OutgoingLimits, onSlow: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#limits = limits
    this.#onSlow = onSlow
  }

  /** Bytes that wait: of the live stream, and in all. */
  get waiting(): { stream: number; total: number } {
    const total = this.#stream.writableLength
    return { stream: total - this.#ownBytes, total }
  }

  /** A message for this client alone. */
  own(frame: Uint8Array): void {
    if (!this.#hasRoomFor(frame, 'total')) return
    this.#ownBytes += frame.length
    this.#socket.send(frame, () => {
      this.#ownBytes -= frame.length
    })
  }

  /** What many get. With no callback: there are thousands of them in a second. */
  shared(message: FramedMessage): void {
    if (this.#hasRoomFor(message, 'stream')) this.#stream.write(message)
  }

  #hasRoomFor({ length }: Uint8Array, kind: 'stream' | 'total'): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false
    const { stream, total } = this.waiting
    const isTooMuch = (kind === 'stream' && stream + length > this.#limits.streamBytes) || total + length > this.#limits.totalBytes
    if (isTooMuch) this.#onSlow()
    return !isTooMuch
  }
}
