import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { closeCodes, limits } from '../core/protocol/messages.ts'
import { Connection, type ConnectionLimits, defaultLimits } from './connection.ts'
import { DocumentWork } from './document-work.ts'
import { createFanOut } from './fan-out.ts'
import { openToAll, type Policy } from './policy.ts'
import { Rooms } from './rooms.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface RelayOptions {
  /** 0 for any that is free. */
  port: number
  host: string
  dataDir: string
  log: Logger
  policy?: Policy
  limits?: Partial<ConnectionLimits>
}

export interface Relay {
  /** `ws://host:port` */
  readonly address: string
  /** Stops taking anything, makes everything durable, and says goodbye to everybody. */
  close(): Promise<void>
}

/** A dead connection is noticed by the second ping after it died. */
const pingEveryMs = 12_000
/** How long a closing relay waits for the others to close too. */
const goodbyeMs = 2_000

const welcome =
  'This is a Palimpsest relay. Writers connect to it from the app: Settings, Relay, and this address with ws:// or wss:// in front.\n'

export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { log, dataDir, policy = openToAll } = options
  mkdirSync(dataDir, { recursive: true })
  const store = new SqliteStore({
    file: join(dataDir, 'relay.sqlite'),
    onHealth: (error) =>
      error ? log.error({ error: error.message }, 'the store cannot be written') : log.info('the store can be written again'),
  })
  const work = new DocumentWork()
  const fanOut = createFanOut()
  const rooms = new Rooms({ store, fanOut, work, log })
  const parts = { rooms, store, fanOut, policy, log, peerId: `relay-${randomUUID()}` }
  const connections = new Set<Connection>()

  const server = createServer((request, response) => answer(request, response, store.healthy))
  const sockets = new WebSocketServer({ server, maxPayload: limits.frameBytes, perMessageDeflate: false })
  sockets.on('connection', (socket: WebSocket) => {
    const connection = new Connection(socket, parts, { ...defaultLimits, ...options.limits })
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  const pinging = setInterval(() => {
    for (const connection of connections) connection.ping()
    rooms.forgetIdle()
  }, pingEveryMs)

  const { port } = await listen(server, options)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    address: `ws://${host}:${port}`,
    async close() {
      clearInterval(pinging)
      const stopped = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.close(closeCodes.goingAway, 'the relay is being stopped')
      const impatient = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), goodbyeMs)
      server.closeIdleConnections()
      await stopped
      clearTimeout(impatient)
      await work.close()
      await store.close()
    },
  }
}

function listen(server: Server, { port, host }: RelayOptions): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })
}

function answer(request: IncomingMessage, response: ServerResponse, healthy: boolean): void {
  const isHealthQuestion = request.url === '/healthz'
  const isKnown = isHealthQuestion || request.url === '/'
  const status = request.method !== 'GET' && request.method !== 'HEAD' ? 405 : !isKnown ? 404 : isHealthQuestion && !healthy ? 503 : 200
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(
    status >= 400 && !isHealthQuestion
      ? 'There is nothing here.\n'
      : isHealthQuestion
        ? healthy
          ? 'ok\n'
          : 'the store cannot be written\n'
        : welcome,
  )
}
