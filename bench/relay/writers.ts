/** Writers in one document at one server, as bare sockets: what they send is real; what observers receive is counted and recognised. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

export interface Writers {
  /** Sends one change of one writer, and returns what tells it apart from all others. */
  write(writer: number): string
  /** Changes that observers received, and the bytes of their frames, since the last call. */
  takeTraffic(): { bytes: number; changes: number }
  close(): void
}

export interface WritersOptions {
  address: string
  count: number
  /** Name of the document. */
  document: string
  /** Whose changes these are, where the server asks. */
  author?: string
  /** So many of the writers look into what they receive; the others throw it away. */
  observers: number
  /** An observer received the change with this mark. */
  onReceived: (mark: string) => void
}

/**
 * Reads what comes and throws it away below the WebSocket, whose parsing for a hundred receivers in one process would be most of what is measured.
 * The library gives no such access, so its socket is taken from inside.
 */
export function deafen(socket: WebSocket): void {
  const { _socket: stream } = socket as unknown as { _socket: Socket }
  stream.removeAllListeners('data')
  stream.on('data', () => {})
}
