/** The open streams of the feed. Each gives its person what they have missed, then what is new, until its ticket ends. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FeedEvent, feedHeartbeat, feedHeartbeatMs, writeFeedEvent } from '../../core/protocol/feed.ts'
import type { PersonKey } from '../../core/ids.ts'
import { ApiRefusal } from '../people/api-refusal.ts'
import type { Feed, KeptConcern } from '../people/feed.ts'
import type { Folders } from '../people/folders.ts'
import type { People, Ticket } from '../people/people.ts'
import type { Rights } from '../people/rights.ts'

export interface FeedParts {
  people: People
  rights: Rights
  folders: Folders
  feed: Feed
}

interface Stream {
  readonly response: ServerResponse
  readonly ticket: Ticket
  /** The number of the last event that was sent, or left out. */
  last: number
  saidAt: number
}

/** Streams of one person at a time: one for each device, and some that nobody has noticed to be dead. */
const maxStreams = 10
/** Bytes that may wait for a slow reader. */
const maxWaiting = 256 * 1024
const eventsAtOnce = 100

export class FeedStreams {
  readonly #parts: FeedParts
  readonly #now: () => number
  readonly #streams = new Set<Stream>()

  constructor(parts: FeedParts, now: () => number) {
    this.#parts = parts
    this.#now = now
    parts.feed.onAdded = (person) => {
      for (const stream of this.#of(person)) this.#tell(stream)
    }
  }

  /** Begins a stream after the event that the request names, or else with what is new. Throws `ApiRefusal`. */
  open(ticket: Ticket, request: IncomingMessage, response: ServerResponse): void {
    const { feed } = this.#parts
    const latest = feed.latest(ticket.person)
    const known = lastEventId(request) ?? latest
    // Whoever knows of more than there is knew this relay before it began anew.
    const stream = { response, ticket, last: known > latest ? 0 : known, saidAt: this.#now() }
    const [oldest] = this.#of(ticket.person)
    if (oldest && this.#of(ticket.person).length >= maxStreams) this.#end(oldest)
    this.#streams.add(stream)
    response.on('close', () => this.#streams.delete(stream))
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // A line that idles after its stream would keep the relay from stopping.
      connection: 'close',
    })
    this.#tell(stream)
    this.#write(stream, writeFeedEvent(stream.last, { kind: 'ready', at: this.#now() }))
  }

  /** To be called several times a second: ends streams with their tickets, and keeps the others alive. */
  look(): void {
    for (const stream of this.#streams) {
      if (!this.#parts.people.isGood(stream.ticket.id)) this.#end(stream)
      else if (this.#now() - stream.saidAt >= feedHeartbeatMs) this.#write(stream, feedHeartbeat)
    }
  }

  close(): void {
    for (const stream of this.#streams) this.#end(stream)
  }

  #of = (person: PersonKey) => [...this.#streams].filter(({ ticket }) => ticket.person === person)

  #tell(stream: Stream): void {
    const { person } = stream.ticket
    for (;;) {
      const concerns = this.#parts.feed.after(person, stream.last, eventsAtOnce)
      for (const concern of concerns) {
        stream.last = concern.id
        if (this.#maySee(person, concern)) this.#write(stream, writeFeedEvent(concern.id, this.#eventOf(concern)))
      }
      if (concerns.length < eventsAtOnce || !this.#streams.has(stream)) return
    }
  }

  /** Asked when an event is sent, not when it happened: rights may have gone since. Who lost something may know that they did. */
  #maySee(person: PersonKey, concern: KeptConcern): boolean {
    const { folders, rights } = this.#parts
    if (concern.kind === 'removed') return true
    const { document, folder } = { document: undefined, folder: undefined, ...concern }
    if (folder) return concern.kind === 'invited' ? folders.isOffered(person, folder.id) : folders.roleOf(person, folder.id) !== null
    if (!document) return false
    return concern.kind === 'invited' ? rights.isOffered(person, document) : rights.roleOf(person, document) !== null
  }

  #eventOf(concern: KeptConcern): FeedEvent {
    const { kind, at } = concern
    const { document, folder } = { document: undefined, folder: undefined, ...concern }
    const subject = { ...(document && { documentId: document }), ...(folder && { folder }) }
    if (kind === 'removed') return { kind, at, ...subject, reason: concern.reason }
    const { key, name, color } = this.#parts.people.face(concern.from)
    const from = { key, name, color }
    if (kind === 'shared') return { kind, at, folder: concern.folder, count: concern.count, from }
    if ('role' in concern) return { kind: concern.kind, at, ...subject, role: concern.role, from }
    return { kind: concern.kind, at, documentId: concern.document, from }
  }

  #write(stream: Stream, text: string): void {
    if (!this.#streams.has(stream)) return
    stream.response.write(text)
    stream.saidAt = this.#now()
    if (stream.response.writableLength > maxWaiting) this.#end(stream)
  }

  /** At once: what a slow reader has not taken is replayed to it when it comes again. */
  #end(stream: Stream): void {
    this.#streams.delete(stream)
    stream.response.end()
    if (stream.response.writableLength > 0) stream.response.destroy()
  }
}

function lastEventId({ headers }: IncomingMessage): number | null {
  const shown = headers['last-event-id']
  if (shown === undefined || shown === '') return null
  if (typeof shown !== 'string' || !/^\d{1,15}$/.test(shown)) throw new ApiRefusal('invalid', 'Last-Event-ID is no number of an event')
  return Number(shown)
}
