import type { BytesPort } from '../../core/contract/port.ts'
import { PalimpsestError } from '../../core/errors.ts'

/** Opens a WebSocket and resolves when it is ready to carry messages. */
export function openWebSocketPort(address: string): Promise<BytesPort> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => resolve(portOfSocket(socket)), { once: true })
    socket.addEventListener('close', () => reject(new PalimpsestError('unreachable', 'the engine does not answer')), { once: true })
  })
}

function portOfSocket(socket: WebSocket): BytesPort {
  const early: Uint8Array[] = []
  let receive = (bytes: Uint8Array): void => {
    early.push(bytes)
  }
  let closed = () => {}
  socket.addEventListener('message', (event: MessageEvent<ArrayBuffer>) => receive(new Uint8Array(event.data)))
  socket.addEventListener('close', () => closed(), { once: true })
  return {
    post(bytes) {
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes as Uint8Array<ArrayBuffer>)
    },
    onMessage(receiver) {
      receive = receiver
      for (const bytes of early.splice(0)) receiver(bytes)
    },
    onClose(listener) {
      closed = listener
      if (socket.readyState === WebSocket.CLOSED) listener()
    },
    close: () => socket.close(),
  }
}
