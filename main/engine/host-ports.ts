/** The two kinds of port that hosts bring, as `BytesPort`s. */
import type { WebSocket } from 'ws'
import type { BytesPort } from '../../core/contract/port.ts'

/** Electron's `MessagePortMain`, as far as it is used here; the engine imports nothing of Electron. */
export interface ElectronPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
  close(): void
}

export function messagePort(port: ElectronPort): BytesPort {
  let isOpen = true
  port.on('close', () => {
    isOpen = false
  })
  return {
    post: (bytes) => {
      // A view would take its whole buffer along.
      if (isOpen) port.postMessage(new Uint8Array(bytes))
    },
    onMessage(receive) {
      port.on('message', ({ data }) => {
        if (data instanceof Uint8Array) receive(data)
      })
      port.start()
    },
    onClose: (closed) => void port.on('close', closed),
    close() {
      isOpen = false
      port.close()
    },
  }
}

/** The socket is paused until there is a receiver, so that nothing is lost before. */
export function webSocketPort(socket: WebSocket): BytesPort {
  socket.binaryType = 'nodebuffer'
  socket.pause()
  // A broken frame or a cut connection is followed by `close`, which is all that matters here.
  socket.on('error', () => {})
  return {
    post: (bytes) => {
      if (socket.readyState === socket.OPEN) socket.send(new Uint8Array(bytes))
    },
    onMessage(receive) {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) receive(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      })
      socket.resume()
    },
    onClose: (closed) => void socket.once('close', closed),
    close: () => socket.close(),
  }
}
