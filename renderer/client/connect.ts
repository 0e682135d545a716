import type { BytesPort } from '../../core/contract/port.ts'
import { shell } from './shell.ts'
import { openShellPort } from './shell-port.ts'
import { openWebSocketPort } from './web-socket-port.ts'

/** A connection to the engine through whatever host this page runs in. */
export const connectToHost = (): Promise<BytesPort> => (shell ? openShellPort(shell) : openWebSocketPort(engineAddress()))

/** The web host's socket, on the page's own origin; its cookie carries the right to use it. */
function engineAddress(): string {
  const address = new URL('/engine', location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  return address.href
}
