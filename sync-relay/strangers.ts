/** Bounds for whoever has not said yet who they are. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import type { Connection } from './connection.ts'

/** Cuts off who sends too much before `join`. Counted below the WebSocket, which would keep a frame of any size until it is whole. */
export function boundUntilJoined(stream: Duplex, connection: Connection, limit: number): void {
  let bytes = 0
  stream.on('data', function count(data: Buffer) {
    if (!connection.isJoining) return void stream.off('data', count)
    bytes += data.length
    if (bytes > limit) stream.destroy()
  })
}

/** Ends sockets of an address that has too many already. Behind a proxy all come from there, and counting them is the proxy's part. */
export function countSockets(limit: number, log: Logger): (socket: Socket) => void {
  const open = new Map<string, number>()
  return (socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
    if (count <= limit) return
    log.info({ address, count }, 'an address has too many sockets')
    socket.destroy()
  }
}
