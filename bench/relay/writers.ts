/** Writers in one document at one server, as bare sockets: what they send is real; what observers receive is counted and recognised. */
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

export interface Writers {
  /** Sends one change of one writer. */
  write(writer: number): Passed
  /** What observers have received since the last call. */
  takeReceived(): { bytes: number; changes: Passed[] }
  close(): void
}

/** A change at a socket: given to it, or come out of it. */
export interface Passed {
  /** Tells it apart from all others. */
  mark: string
  /** Milliseconds, on the clock of this process. */
  at: number
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
}

/** A frame and when it came. It is looked into afterwards: what comes while another one is read would be measured with the reading. */
export interface Arrival {
  frame: Buffer
  at: number
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
