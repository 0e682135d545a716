import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { framed } from './framed-message.ts'
import { Outgoing, type OutgoingLimits } from './outgoing.ts'

const kilobyte = 1024
const wide: OutgoingLimits = { streamBytes: 1024 * kilobyte, totalBytes: 1024 * kilobyte }

const server = createServer()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
afterEach(() => {
  for (const client of sockets.clients) client.terminate()
  server.removeAllListeners('upgrade').close()
})

/** Both ends of a connection, and what the relay's is made of. */
async function connect(limits: OutgoingLimits) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const upgraded = new Promise<{ socket: WebSocket; stream: Duplex }>((resolve) =>
    server.once('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      sockets.handleUpgrade(request, stream, head, (socket) => resolve({ socket, stream })),
    ),
  )
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const { socket, stream } = await upgraded
  const found = { slow: 0, errors: 0 }
  socket.on('error', () => (found.errors += 1))
  return { client, socket, stream, found, outgoing: new Outgoing(socket, stream, limits, () => (found.slow += 1)) }
}

it('what waits for a reader who does not read stays within its bound, byte for byte [R12]', async () => {
  const limits = { streamBytes: 256 * kilobyte, totalBytes: 1024 * kilobyte }
  const { client, socket, found, outgoing } = await connect(limits)
  client.pause()
  const most = { stream: 0, total: 0 }
  const look = () => {
    // What the socket itself holds is what the process keeps.
    expect(outgoing.waiting.total).toBe(socket.bufferedAmount)
    most.stream = Math.max(most.stream, outgoing.waiting.stream)
    most.total = Math.max(most.total, outgoing.waiting.total)
  }
  for (let i = 0; i < 2_000; i++) {
    outgoing.shared(framed(new Uint8Array(10 * kilobyte)))
    look()
  }
  expect(found.slow).toBeGreaterThan(0)
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

it('messages of any length come whole and in their order, whoever frames them, also with pings between them', async () => {
  const { client, socket, outgoing } = await connect(wide)
  // Each length at which a frame's header grows, and its neighbours.
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537].flatMap((length) => [length, length])
  const received: Buffer[] = []
  let pings = 0
  client.on('message', (data: Buffer) => received.push(data))
  client.on('ping', () => (pings += 1))
  const sent = lengths.map((length, at) => new Uint8Array(length).fill(at + 1))
  sent.forEach((message, at) => {
    if (at % 2 === 0) outgoing.shared(framed(message))
    else outgoing.own(message)
    socket.ping()
  })
  socket.close(4000, 'over')
  const [code] = (await once(client, 'close')) as [number]
  expect(code).toBe(4000)
  expect(pings).toBe(sent.length)
  expect(received.map((data) => new Uint8Array(data))).toEqual(sent)
})

it('nothing is written into a connection that is closing, closed or broken', async () => {
  const closing = await connect(wide)
  const received: Buffer[] = []
  closing.client.on('message', (data: Buffer) => received.push(data))
  closing.socket.close()
  closing.outgoing.shared(framed(Uint8Array.of(1)))
  await once(closing.client, 'close')
  closing.outgoing.shared(framed(Uint8Array.of(2)))
  expect(received).toEqual([])
  expect(closing.found).toEqual({ slow: 0, errors: 0 })
  server.close()

  // The system says that it is broken before `ws` has noticed.
  const broken = await connect(wide)
  broken.stream.destroy()
  broken.outgoing.shared(framed(Uint8Array.of(3)))
  await once(broken.socket, 'close')
  expect(broken.found.slow).toBe(0)
})
