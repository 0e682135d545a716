/**
 * Between a host (Electron's main process or the web host) and the engine's process, which it starts, restarts and stops.
 * Ports of renderers travel beside these messages, in the way of each host.
 */
import type { ErrorCode } from '../errors.ts'

/** Given to the engine's process as its one argument, as JSON. */
export interface EngineLaunch {
  dataDir: string
  /** Of the product, as in `package.json`. */
  version: string
  /** True when an engine died before this one under the same host. */
  restarted: boolean
  /** Whether the host answers `seal` and `unseal`. */
  hasKeyStore?: boolean
}

/** Host → engine. */
export type HostMessage =
  /** A renderer connects; its MessagePort comes with the message. */
  | { type: 'connect' }
  /** A renderer connects; the socket of its WebSocket handshake comes with the message, not answered yet. */
  | { type: 'upgrade'; id: number; headers: Record<string, string> }
  /** The host has let go of the socket of that `upgrade`: now the handshake may be answered. */
  | { type: 'released'; id: number }
  /** The answer to a `seal` or `unseal`; null where the platform has no key store, or it does not open. */
  | { type: 'key-store'; id: number; text: string | null }
  /** Write what is pending, let go of the data folder, and exit. */
  | { type: 'close' }

/** Engine → host. */
export type EngineMessage =
  /** The data folder is this engine's: it opens what is there, and will be ready in a moment. */
  | { type: 'holding' }
  | { type: 'ready' }
  /** To be sealed with the platform's key store, or opened again; at start, before `ready`. */
  | { type: 'seal' | 'unseal'; id: number; text: string }
  /** It is going to end, and wants to be started again: it was given another person. */
  | { type: 'restarting' }
  /** The socket of that `upgrade` is here. */
  | { type: 'received'; id: number }
  /** It could not start, and exits. */
  | { type: 'failed'; code: ErrorCode; message: string }
