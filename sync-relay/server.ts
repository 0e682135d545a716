import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { feedPath } from '../core/protocol/feed.ts'
import { closeCodes, limits } from '../core/protocol/messages.ts'
import { inviteLink } from '../core/protocol/share-link.ts'
import { hostOf } from '../core/protocol/sign-in.ts'
import { createApi } from './api/api.ts'
import type { FeedStreams } from './api/feed-streams.ts'
import { Connection, type ConnectionLimits, defaultLimits } from './connection.ts'
import { DocumentWork } from './document-work.ts'
import { createFanOut } from './fan-out.ts'
import { removedWords } from './people/people.ts'
import { openRelayPeople, type RelayPeople } from './people/relay-people.ts'
import { openToAll, type Visitor } from './policy.ts'
import { Rooms } from './rooms.ts'
import { SqliteStore } from './sqlite-store.ts'

export interface RelayOptions {
  /** 0 for any that is free. */
  port: number
  host: string
  dataDir: string
  log: Logger
  /** No people, no roles: whoever reaches the relay and knows a document's id may read and write it. */
  isOpen?: boolean
  /** Under which the relay is known, where that is not `host` and `port`. */
  publicAddress?: string
  /** Whether a proxy in front of the relay says where requests come from. */
  trustsProxy?: boolean
  limits?: Partial<ConnectionLimits>
  now?: () => number
}

export interface Relay {
  /** `ws://host:port`, or the public address. */
  readonly address: string
  /** An invite for the relay's first owner; null where it has one, or is open to all. */
  readonly ownersInvite: string | null
  /** Null where the relay is open to all. */
  readonly people: RelayPeople | null
  /** Stops taking anything, makes everything durable, and says goodbye to everybody. */
  close(): Promise<void>
}

/** A dead connection is noticed by the second ping after it died. */
const pingEveryMs = 12_000
/** A link's end, and the end of a ticket, are noticed this soon. */
const lookEveryMs = 500
/** How long a closing relay waits for the others to close too. */
const goodbyeMs = 2_000
/** Connections of one person at a time. */
const maxSockets = 50
/** For a request's headers and for all of it. */
const requestMs = 15_000

const welcome = 'This is a Palimpsest relay. Writers come to it with an invite, which they paste in the app: Settings, Relay.\n'

export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { log, dataDir } = options
  mkdirSync(dataDir, { recursive: true })
  const store = new SqliteStore({
    file: join(dataDir, 'relay.sqlite'),
    onHealth: (error) =>
      error ? log.error({ error: error.message }, 'the store cannot be written') : log.info('the store can be written again'),
  })
  const work = new DocumentWork()
  const fanOut = createFanOut()
  const rooms = new Rooms({ store, fanOut, work, log })
  const isStored = (document: DocumentId) => store.has(document)
  const firstAuthor = (document: DocumentId) => rooms.look(document, (room) => (room.graph.size > 0 ? room.graph.authorAt(0) : null))
  const people = options.isOpen ? null : openRelayPeople({ dataDir, isStored, firstAuthor, ...(options.now && { now: options.now }) })
  const parts = { rooms, store, fanOut, policy: people?.policy ?? openToAll, log, peerId: `relay-${randomUUID()}` }
  const connections = new Set<Connection>()
  let isClosed = false
  const addressOf = (request: IncomingMessage) => addressOfRequest(request, options.trustsProxy === true)
  const publicHost = options.publicAddress === undefined ? null : hostOf(options.publicAddress)
  const api = createApi({ parts: people, host: publicHost, addressOf, log, now: options.now ?? Date.now })

  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (request, response) => {
    const [, call] = /^\/api\/([\w.-]+)$/.exec(request.url ?? '') ?? []
    if (call !== undefined && request.method === 'POST') void api.call(call, request, response)
    else if (call === feedPath && request.method === 'GET') api.feed(request, response)
    else answer(request, response, store.healthy)
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const visitor = visitorOf(request, people, addressOf(request))
    if (!visitor) return turnAway(socket, '401 Unauthorized', 'Sign in first, and come with a ticket.\n')
    const { person } = visitor
    const isCrowded = person !== null && [...connections].filter((each) => each.visitor.person === person).length >= maxSockets
    if (isCrowded) return turnAway(socket, '429 Too Many Requests', 'This person has too many connections already.\n')
    sockets.handleUpgrade(request, socket, head, (webSocket) => welcomeVisitor(webSocket, visitor))
  })
  function welcomeVisitor(socket: WebSocket, visitor: Visitor): void {
    const connection = new Connection(socket, visitor, parts, { ...defaultLimits, ...options.limits })
    connections.add(connection)
    noteSeen(visitor)
    socket.on('close', () => {
      connections.delete(connection)
      noteSeen(visitor)
    })
  }

  function noteSeen({ person, device }: Visitor): void {
    if (person !== null && device !== null && !isClosed) people?.devices.noteSeen(person, device)
  }

  const watching = people && watchPeople(people, connections, api.streams)
  const pinging = setInterval(() => {
    for (const connection of connections) connection.ping()
    rooms.forgetIdle()
  }, pingEveryMs)

  const { port } = await listen(server, options)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  const address = options.publicAddress ?? `ws://${host}:${port}`
  const secret = people?.people.ownersInvite() ?? null
  return {
    address,
    ownersInvite: secret && inviteLink({ relay: address, secret }),
    people,
    async close() {
      clearInterval(pinging)
      if (watching) clearInterval(watching)
      const stopped = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.close(closeCodes.goingAway, 'the relay is being stopped')
      api.streams?.close()
      const impatient = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), goodbyeMs)
      server.closeIdleConnections()
      await stopped
      clearTimeout(impatient)
      await work.close()
      await store.close()
      isClosed = true
      people?.close()
    },
  }
}

/** Brings what changes in people's rights to their connections. */
function watchPeople(
  { people, rights, links, notice }: RelayPeople,
  connections: ReadonlySet<Connection>,
  streams: FeedStreams | null,
): NodeJS.Timeout {
  const those = (person: PersonKey) => [...connections].filter(({ visitor }) => visitor.person === person)
  rights.onChanged = (change) => {
    for (const connection of [...connections]) connection.rightsChanged(change)
  }
  people.onEnded = (ended) => {
    const isOver = ({ visitor }: Connection) =>
      'ticket' in ended ? visitor.ticket === ended.ticket : 'device' in ended ? visitor.device === ended.device : true
    const code = 'ticket' in ended ? closeCodes.signedOut : closeCodes.refused
    for (const connection of those(ended.person).filter(isOver)) connection.expel(code, ended.reason)
    // The tickets are gone, and with them whatever they opened.
    streams?.look()
  }
  return setInterval(() => {
    notice()
    links.expire()
    streams?.look()
    for (const connection of connections) {
      const { person, ticket } = connection.visitor
      if (person === null || ticket === null || people.isGood(ticket)) continue
      if (people.isRemoved(person)) connection.expel(closeCodes.refused, removedWords)
      else connection.expel(closeCodes.signedOut, 'The ticket is no longer good.')
    }
  }, lookEveryMs)
}

/** Who a handshake is from, by the ticket in its address; null for nobody who is known here. */
function visitorOf(request: IncomingMessage, people: RelayPeople | null, address: string | null): Visitor | null {
  if (!people) return { person: null, device: null, ticket: null, address }
  const shown = new URL(request.url ?? '/', 'http://relay').searchParams.get('ticket') ?? ''
  const ticket = people.people.recognise(shown)
  return ticket && { person: ticket.person, device: ticket.device, ticket: ticket.id, address }
}

function turnAway(socket: Duplex, status: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** The last entry of `X-Forwarded-For` is what the nearest proxy saw; the others are whatever the client claims. */
function addressOfRequest(request: IncomingMessage, trustsProxy: boolean): string | null {
  const forwarded = trustsProxy ? request.headers['x-forwarded-for'] : undefined
  return forwarded?.toString().split(',').at(-1)?.trim() ?? request.socket.remoteAddress ?? null
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
