import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { feedPath } from '../core/protocol/feed.ts'
import { closeCodes, limits } from '../core/protocol/messages.ts'
import { inviteLink } from '../core/protocol/share-link.ts'
import { createApi } from './api/api.ts'
import type { FeedStreams } from './api/feed-streams.ts'
import { Connection, type ConnectionLimits, defaultLimits } from './connection.ts'
import { DocumentWork } from './document-work.ts'
import { createFanOut } from './fan-out.ts'
import { createPages } from './http/pages.ts'
import { Figures } from './metrics/figures.ts'
import { Meter } from './metrics/meter.ts'
import { exportedAudit } from './people/audit.ts'
import { removedWords } from './people/people.ts'
import { openRelayPeople, type RelayPeople } from './people/relay-people.ts'
import { ownName } from './own-name.ts'
import { openToAll, type Visitor } from './policy.ts'
import { defaultQuotas, MessageRate, type Quotas } from './quotas.ts'
import { Rooms } from './rooms.ts'
import { SqliteStore } from './sqlite-store.ts'
import { boundUntilJoined, countSockets } from './strangers.ts'
import { StatusLinks } from './status/status-links.ts'
import { version } from './version.ts'

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
  /** With which `/metrics` is read; nobody may where there is none. */
  metricsToken?: string
  limits?: Partial<RelayLimits>
  quotas?: Partial<Quotas>
  now?: () => number
}

export interface Relay {
  /** `ws://host:port`, or the public address. */
  readonly address: string
  /** An invite for the relay's first owner; null where it has one, or is open to all. */
  readonly ownersInvite: string | null
  /** Null where the relay is open to all. */
  readonly people: RelayPeople | null
  /** Writes that would make a file larger, in pages of four kilobytes, fail as on a full disk. */
  setMaxPages(maxPages: number): void
  /** Stops taking anything, makes everything durable, and says goodbye to everybody. */
  close(): Promise<void>
}

/** Limits for everybody, known or not. */
export interface RelayLimits extends ConnectionLimits {
  /** Between two pings. A dead connection is noticed by the second one after it died. */
  pingMs: number
  /** For a request's headers, and for all of it. */
  requestMs: number
  /** That a client may send before it has said who it is. */
  bytesBeforeJoin: number
  /** Open sockets of one address, whatever they are for. A team may be behind one. */
  socketsPerAddress: number
}

const usualLimits: RelayLimits = { ...defaultLimits, pingMs: 12_000, requestMs: 15_000, bytesBeforeJoin: 64 * 1024, socketsPerAddress: 500 }
/** A link's end, and the end of a ticket, are noticed this soon. */
const lookEveryMs = 500
/** How long a closing relay waits for the others to close too. */
const goodbyeMs = 2_000

export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { log, dataDir } = options
  const bounds = { ...usualLimits, ...options.limits }
  const quotas = { ...defaultQuotas, ...options.quotas }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const meter = new Meter()
  const store = new SqliteStore({
    file: join(dataDir, 'relay.sqlite'),
    onHealth: (error) =>
      error ? log.error({ error: error.message }, 'the store cannot be written') : log.info('the store can be written again'),
    onDurable: (changes, waitedMs) => meter.stored(changes, waitedMs),
  })
  const work = new DocumentWork()
  const fanOut = createFanOut()
  const now = options.now ?? Date.now
  const rooms = new Rooms({ store, fanOut, work, log, now })
  const isStored = (document: DocumentId) => store.has(document)
  const firstAuthor = (document: DocumentId) => rooms.look(document, (room) => (room.graph.size > 0 ? room.graph.authorAt(0) : null))
  const bytesOf = (document: DocumentId) => store.bytesOf(document)
  const knowing = { dataDir, isStored, firstAuthor, bytesOf, quotas, ...(options.now && { now: options.now }) }
  const people = options.isOpen ? null : openRelayPeople(knowing)
  people?.moveNotes(store)
  const rate = new MessageRate(quotas.messagesPerSecond)
  const policy = people?.policy ?? openToAll
  const parts = { rooms, store, fanOut, policy, rate, log, peerId: `relay-${randomUUID()}`, meter }
  const connections = new Set<Connection>()
  let isClosed = false
  const addressOf = (request: IncomingMessage) => addressOfRequest(request, options.trustsProxy === true)
  const nameFor = (request: IncomingMessage) => ownName(request, options.publicAddress)
  const statusLinks = new StatusLinks(dataDir, now)
  const api = createApi({ parts: people && { ...people, statusLinks }, nameFor, addressOf, rate, log, meter, now })

  const { requestMs } = bounds
  const timeouts = { requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: Math.ceil(requestMs / 3) }
  const server = createServer(timeouts, (request, response) => {
    const [, call] = /^\/api\/([\w.-]+)$/.exec(request.url ?? '') ?? []
    if (call !== undefined && request.method === 'POST') void api.call(call, request, response)
    else if (call === feedPath && request.method === 'GET') api.feed(request, response)
    else void pages(request, response)
  })
  server.on('connection', (socket) => meter.watch(socket))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false, autoPong: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const visitor = visitorOf(request, people, addressOf(request))
    if (!visitor) return turnAway(socket, 401, 'Unauthorized', 'Sign in first, and come with a ticket.\n')
    const { person } = visitor
    const isCrowded = person !== null && [...connections].filter((each) => each.visitor.person === person).length >= quotas.connections
    if (isCrowded) return turnAway(socket, 429, 'Too Many Requests', 'This person has too many connections already.\n')
    // Node's server makes them of nothing else.
    const stream = socket as Socket
    sockets.handleUpgrade(request, stream, head, (webSocket) => welcomeVisitor(webSocket, stream, visitor))
  })
  function turnAway(socket: Duplex, status: number, phrase: string, body: string): void {
    meter.turnedAway.add(status)
    const head = [
      `HTTP/1.1 ${status} ${phrase}`,
      'connection: close',
      'content-type: text/plain',
      `content-length: ${Buffer.byteLength(body)}`,
    ]
    // Nobody else listens to this socket any more: an error would end the relay, and a client that does not end it would keep it for ever.
    socket.on('error', () => socket.destroy())
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  }
  if (!options.trustsProxy) server.on('connection', countSockets(bounds.socketsPerAddress, log))
  function welcomeVisitor(socket: WebSocket, stream: Socket, visitor: Visitor): void {
    meter.connectionsOpened += 1
    const connection = new Connection(socket, stream, visitor, parts, bounds)
    connections.add(connection)
    boundUntilJoined(stream, connection, bounds.bytesBeforeJoin)
    noteSeen(visitor)
    socket.on('close', () => {
      connections.delete(connection)
      noteSeen(visitor)
    })
  }

  /** For what nobody waits for: on a full disk it is left out, and the relay goes on. */
  function attempt(write: () => void): void {
    try {
      write()
    } catch (error) {
      log.warn({ error: String(error) }, 'people.sqlite cannot be written')
    }
  }

  function noteSeen({ person, device }: Visitor): void {
    if (person === null || device === null || isClosed) return
    attempt(() => people?.devices.noteSeen(person, device))
  }

  const watching = people && watchPeople(people, connections, api.streams, attempt)
  const pinging = setInterval(() => {
    for (const connection of connections) connection.ping()
    rooms.forgetIdle()
  }, bounds.pingMs)

  const figures = new Figures({
    meter,
    connections: () => connections.size,
    people: () => new Set([...connections].flatMap(({ visitor }) => visitor.person ?? [])).size,
    openDocuments: () => rooms.count,
    storedDocuments: () => store.documentCount,
    waitingWrites: () => store.waiting,
    waitingJobs: () => work.waiting,
    waitingBytes: () => [...sockets.clients].reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0),
    isHealthy: () => store.healthy,
    files: [store.file, join(dataDir, 'people.sqlite')],
    version,
  })
  let address = options.publicAddress ?? ''
  const pages = createPages({
    figures,
    links: statusLinks,
    metricsToken: options.metricsToken ?? null,
    holderOf: (ticket) => people?.people.recognise(ticket)?.person ?? null,
    isOwner: (person) => people?.people.find(person)?.standing === 'owner',
    audit: people && (() => exportedAudit(people.audit, (person) => people.people.face(person).name)),
    address: () => address,
    log,
    now,
  })
  async function letGo(): Promise<void> {
    clearInterval(pinging)
    if (watching) clearInterval(watching)
    figures.close()
    await work.close()
    await store.close()
    isClosed = true
    people?.close()
  }

  const { port } = await listen(server, options).catch(async (error: unknown) => {
    await letGo()
    throw error
  })
  address ||= `ws://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  const secret = people?.people.ownersInvite() ?? null
  return {
    address,
    ownersInvite: secret && inviteLink({ relay: address, secret }),
    people,
    setMaxPages(maxPages) {
      store.setMaxPages(maxPages)
      people?.setMaxPages(maxPages)
    },
    async close() {
      const stopped = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.close(closeCodes.goingAway, 'the relay is being stopped')
      api.streams?.close()
      const impatient = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        // A request that was sent by half would be waited for without end: nothing watches its time any more.
        server.closeAllConnections()
      }, goodbyeMs)
      server.closeIdleConnections()
      await stopped
      clearTimeout(impatient)
      await letGo()
    },
  }
}

/** Brings what changes in people's rights to their connections. */
function watchPeople(
  { people, rights, links, remarks, notice }: RelayPeople,
  connections: ReadonlySet<Connection>,
  streams: FeedStreams | null,
  attempt: (write: () => void) => void,
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
    attempt(() => links.expire())
    remarks.writeMissed()
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
  // Not by `URL`, which throws at what need not be one.
  const [, query] = (request.url ?? '').split('?')
  const shown = new URLSearchParams(query).get('ticket') ?? ''
  const ticket = people.people.recognise(shown)
  return ticket && { person: ticket.person, device: ticket.device, ticket: ticket.id, address }
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
