/**
 * A two-way, ordered pipe for whole messages of bytes: a WebSocket, a MessagePort, or two ends in one process.
 * Everything between a renderer and an engine goes over one of these.
 */
export interface BytesPort {
  /** Sends a copy; the bytes may be reused at once. Silently dropped after `close`. */
  post(bytes: Uint8Array): void
  /** At most one receiver; messages that came before it was set are delivered to it. */
  onMessage(receive: (bytes: Uint8Array) => void): void
  /** Called once, when either side closed or died. */
  onClose(closed: () => void): void
  close(): void
}
