import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Outgoing } from './outgoing.ts'

let server: WebSocketServer
afterEach(() => {
  for (const client of server.clients) client.terminate()
  server.close()
})

/** The relay's end of a connection whose other end reads nothing. */
async function towardsSleeper(): Promise<WebSocket> {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  const sleeper = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [socket] = (await once(server, 'connection')) as [WebSocket]
  sleeper.pause()
  return socket
}

const kilobyte = 1024

it('what waits for a reader who does not read stays within its bound, byte for byte [R12]', async () => {
  const socket = await towardsSleeper()
  const limits = { streamBytes: 256 * kilobyte, totalBytes: 1024 * kilobyte }
  let slow = 0
  const outgoing = new Outgoing(socket, limits, () => (slow += 1))
  const most = { stream: 0, total: 0 }
  const look = () => {
    // What the socket itself holds is what the process keeps.
    expect(outgoing.waiting.total).toBe(socket.bufferedAmount)
    most.stream = Math.max(most.stream, outgoing.waiting.stream)
    most.total = Math.max(most.total, outgoing.waiting.total)
  }
  for (let i = 0; i < 2_000; i++) {
    outgoing.shared(new Uint8Array(10 * kilobyte))
    look()
  }
  expect(slow).toBeGreaterThan(0)
  expect(most.stream).toBeGreaterThan(limits.streamBytes - 20 * kilobyte)
  expect(most.stream).toBeLessThanOrEqual(limits.streamBytes + kilobyte)
  // Sync messages have room where the live stream has none, and a bound too.
  for (let i = 0; i < 200; i++) {
    outgoing.own(new Uint8Array(10 * kilobyte))
    look()
  }
  expect(most.total).toBeGreaterThan(limits.totalBytes - 20 * kilobyte)
  expect(most.total).toBeLessThanOrEqual(limits.totalBytes + kilobyte)
  expect(most.stream).toBeLessThanOrEqual(limits.streamBytes + 2 * kilobyte)
})
