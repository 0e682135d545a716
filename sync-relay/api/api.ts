/** Answers HTTP calls: reads a bounded body, finds out who is calling, parses, calls, and says what went wrong in one form. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import * as v from 'valibot'
import { feedPath } from '../../core/protocol/feed.ts'
import { type ApiProblem, isRelayCall, maxApiBytes, type RelayCall, relayCalls } from '../../core/protocol/relay-api.ts'
import type { Meter } from '../metrics/meter.ts'
import { ApiRefusal } from '../people/api-refusal.ts'
import type { Ticket } from '../people/people.ts'
import type { MessageRate } from '../quotas.ts'
import { type FeedParts, FeedStreams } from './feed-streams.ts'
import { RateLimiter } from './rate-limit.ts'
import { type CallParts, type Caller, createCalls, isOpenCall, type Stranger } from './calls.ts'

export interface ApiOptions {
  /** Null on a relay that is open to all: it has no people, and no calls but one that says so. */
  parts: (CallParts & FeedParts) | null
  /** Host and port under which a request found this relay. */
  nameFor: (request: IncomingMessage) => string
  /** Where a request comes from. */
  addressOf: (request: IncomingMessage) => string | null
  /** For those with a ticket. */
  rate: MessageRate
  log: Logger
  meter: Meter
  now: () => number
}

/** Calls without a ticket from one address: a team behind one router signs in, a guesser does not get far. */
const strangersLimit = { burst: 120, perSecond: 2 }

const statuses: Record<ApiProblem, number> = {
  invalid: 400,
  'signed-out': 401,
  'no-invite': 403,
  'invite-unknown': 403,
  'invite-expired': 403,
  'invite-used': 403,
  removed: 403,
  'device-unknown': 403,
  'device-removed': 403,
  'code-unknown': 404,
  'code-used': 403,
  'link-unknown': 403,
  'link-expired': 403,
  'password-needed': 403,
  'password-wrong': 403,
  'not-allowed': 403,
  'not-found': 404,
  'too-many': 429,
  internal: 500,
}

export interface Api {
  /** Answers a call. */
  call(name: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Begins a stream of the feed. */
  feed(request: IncomingMessage, response: ServerResponse): void
  /** Open streams; null where the relay has no people. */
  readonly streams: FeedStreams | null
}

export function createApi({ parts, nameFor, addressOf, rate, log, meter, now }: ApiOptions): Api {
  const strangers = new RateLimiter(strangersLimit, now)
  const calls = parts && createCalls(parts)

  async function answer(name: string, request: IncomingMessage): Promise<unknown> {
    if (!isRelayCall(name)) throw new ApiRefusal('not-found', 'there is no such call')
    if (isOpenCall(name) && !mayCall(strangers, name, addressOf(request) ?? ''))
      throw new ApiRefusal('too-many', 'too many calls without a ticket from there')
    // Before the body is read, and again after it: a ticket may end meanwhile.
    if (parts && !isOpenCall(name)) await waitForTurn(ticketOf(parts, request), rate)
    const params = await readParams(name, request)
    if (!parts || !calls) {
      if (name === 'person.challenge') return { open: true }
      throw new ApiRefusal('not-found', 'this relay has no people')
    }
    const stranger = { address: addressOf(request), host: nameFor(request) }
    const call = calls[name] as (params: unknown, by: Stranger | Caller) => unknown
    return call(params, isOpenCall(name) ? stranger : callerOf(parts, stranger, request))
  }

  const streams = parts && new FeedStreams(parts, now)
  function refuse(name: string, response: ServerResponse, error: unknown): void {
    const refusal = error instanceof ApiRefusal ? error : new ApiRefusal('internal', 'a fault of the relay’s own')
    if (refusal !== error) log.error({ call: name, error: String(error) }, 'a call could not be answered')
    else log.info({ call: name, problem: refusal.problem }, 'a call is refused')
    meter.callsRefused.add(refusal.problem)
    send(response, statuses[refusal.problem], { error: { problem: refusal.problem, message: refusal.message } })
  }

  return {
    streams,
    call: async (name, request, response) => {
      try {
        send(response, 200, await answer(name, request))
      } catch (error) {
        refuse(name, response, error)
      }
    },
    feed(request, response) {
      try {
        if (!parts || !streams) throw new ApiRefusal('not-found', 'this relay has no people')
        streams.open(ticketOf(parts, request), request, response)
      } catch (error) {
        refuse(feedPath, response, error)
      }
    },
  }
}

/** Signing in takes two calls. */
function mayCall(strangers: RateLimiter, name: RelayCall, place: string): boolean {
  if (name === 'person.challenge') return strangers.mayBegin(place)
  return name === 'person.sign-in' ? strangers.mayGoOn(place) : strangers.mayCall(place)
}

/** Throws `too-many` for somebody who makes more calls than can wait. */
async function waitForTurn({ person }: Ticket, rate: MessageRate): Promise<void> {
  const pauseMs = rate.takeCall(person, performance.now())
  if (pauseMs === null) throw new ApiRefusal('too-many', 'this person makes too many calls')
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
}

/** In the header only: an address is written into logs. Throws `signed-out`. */
function ticketOf({ people }: Pick<CallParts, 'people'>, request: IncomingMessage): Ticket {
  const [, shown = ''] = /^Bearer ([\w-]{16,64})$/.exec(request.headers.authorization ?? '') ?? []
  const ticket = people.recognise(shown)
  if (!ticket) throw new ApiRefusal('signed-out', 'the ticket is none, or no longer good')
  return ticket
}

function callerOf(parts: CallParts, stranger: Stranger, request: IncomingMessage): Caller {
  const ticket = ticketOf(parts, request)
  return { ...stranger, person: ticket.person, ticket }
}

async function readParams(name: RelayCall, request: IncomingMessage): Promise<unknown> {
  const parsed = v.safeParse(relayCalls[name].params, await readJson(request))
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new ApiRefusal('invalid', `${v.getDotPath(issue) ?? 'the body'}: ${issue.message}`)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > maxApiBytes) throw new ApiRefusal('invalid', `a body of more than ${maxApiBytes} bytes`)
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    throw new ApiRefusal('invalid', 'the body is no JSON')
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(JSON.stringify(value))
}
