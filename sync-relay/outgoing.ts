import type { WebSocket } from 'ws'

export interface OutgoingLimits {
  /** Bytes of the live stream and of presence that may wait for a slow reader. */
  streamBytes: number
  /** The same for everything, sync messages included. */
  totalBytes: number
}

/** What goes out to one client, and what of it waits because the client does not read. */
export class Outgoing {
  readonly #socket: WebSocket
  readonly #limits: OutgoingLimits
  readonly #onSlow: () => void
  /** Of what waits, the bytes of messages that are for this client alone. */
  #ownBytes = 0

  /** `onSlow` is called when too much waits; the message at hand is not sent then. */
  constructor(socket: WebSocket, limits: OutgoingLimits, onSlow: () => void) {
    this.#socket = socket
    this.#limits = limits
    this.#onSlow = onSlow
  }

  /** Bytes that wait: of the live stream, and in all. */
  get waiting(): { stream: number; total: number } {
    const total = this.#socket.bufferedAmount
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

  /** A frame that many get. With no callback: there are thousands of them in a second. */
  shared(frame: Uint8Array): void {
    if (this.#hasRoomFor(frame, 'stream')) this.#socket.send(frame)
  }

  #hasRoomFor({ length }: Uint8Array, kind: 'stream' | 'total'): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false
    const { stream, total } = this.waiting
    const isTooMuch = (kind === 'stream' && stream + length > this.#limits.streamBytes) || total + length > this.#limits.totalBytes
    if (isTooMuch) this.#onSlow()
    return !isTooMuch
  }
}
