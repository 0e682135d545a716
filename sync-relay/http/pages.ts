/** What a relay answers to a browser or a monitor: what it is, how it is, and its figures to whoever may see them. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Logger } from 'pino'
import type { PersonKey } from '../../core/ids.ts'
import { type Figures, metricsText } from '../metrics/figures.ts'
import { hashOf, newSecret } from '../people/secrets.ts'
import type { Looker, StatusLinks } from '../status/status-links.ts'
import { closedPage, contentPolicy, statusFigures, statusPage } from '../status/status-page.ts'

export interface PageParts {
  figures: Figures
  links: StatusLinks
  /** Null: nobody may read `/metrics`. */
  metricsToken: string | null
  /** The person of a ticket, or null. */
  holderOf: (ticket: string) => PersonKey | null
  /** Whether a person is an owner of the relay. */
  isOwner: (person: PersonKey) => boolean
  /** The audit log, in pieces; null where there are no people. */
  audit: (() => Iterable<string>) | null
  /** Under which writers reach the relay. */
  address: () => string
  log: Logger
  now: () => number
}

const welcome = 'This is a Palimpsest relay. Writers come to it with an invite, which they paste in the app: Settings, Relay.\n'
const upgradeNeeded =
  'This address is for WebSocket handshakes, and this request is none. A proxy in front of the relay must pass on the headers Upgrade and Connection, over HTTP/1.1.\n'

const cookieName = 'palimpsest-status'
const sessionMs = 12 * 60 * 60_000
const maxSessions = 100
const maxSecretBytes = 100

interface Answer {
  status: number
  /** Or pieces of it, made as they are sent. */
  body: string | Iterable<string>
  type?: string
  headers?: Record<string, string>
}

const text = (status: number, body: string, headers?: Record<string, string>): Answer => ({ status, body, ...(headers && { headers }) })
const nothing = text(404, 'There is nothing here.\n')

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function createPages({ figures, links, metricsToken, holderOf, isOwner, audit, address, log, now }: PageParts): Pages {
  const sessions = new Map<string, Looker & { until: number }>()
  const described = () => ({ address: address(), figures, hasAudit: audit !== null })

  function mayLook(request: IncomingMessage): boolean {
    const session = sessions.get(hashOf(cookieOf(request)).toString('hex'))
    // Who is an owner no longer looks no longer.
    if (session && session.until > now()) return session.person === null || isOwner(session.person)
    const holder = holderOf(bearerOf(request))
    return holder !== null && isOwner(holder)
  }

  function showStatus(request: IncomingMessage): Answer {
    const nonce = randomBytes(16).toString('base64')
    const isOpen = mayLook(request)
    const body = isOpen ? statusPage(described(), nonce) : closedPage(nonce)
    const headers = { 'content-security-policy': contentPolicy(nonce), 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' }
    return { status: isOpen ? 200 : 401, body, type: 'text/html', headers }
  }

  async function beginSession(request: IncomingMessage): Promise<Answer> {
    const looker = links.use(await readSecret(request))
    if (!looker) return text(401, 'This link was used already, or is too old.\n')
    const secret = newSecret()
    if (sessions.size >= maxSessions) sessions.clear()
    sessions.set(hashOf(secret).toString('hex'), { ...looker, until: now() + sessionMs })
    const secure = address().startsWith('wss:') ? '; Secure' : ''
    return text(204, '', { 'set-cookie': `${cookieName}=${secret}; HttpOnly; SameSite=Strict; Max-Age=${sessionMs / 1000}${secure}` })
  }

  function readMetrics(request: IncomingMessage): Answer {
    if (metricsToken === null) return nothing
    if (!isSame(bearerOf(request), metricsToken)) return text(401, 'This needs the token for metrics.\n', { 'www-authenticate': 'Bearer' })
    return { status: 200, body: metricsText(figures), type: 'text/plain; version=0.0.4' }
  }

  function exportAudit(request: IncomingMessage): Answer {
    if (!mayLook(request)) return text(401, 'This is for the relay’s owners.\n')
    if (audit === null) return nothing
    const headers = { 'content-disposition': 'attachment; filename="audit-log.jsonl"' }
    return { status: 200, body: audit(), type: 'application/x-ndjson', headers }
  }

  function health(): Answer {
    return figures.sources.isHealthy() ? text(200, 'ok\n') : text(503, 'the store cannot be written\n')
  }

  function answerTo(request: IncomingMessage, path: string): Answer | Promise<Answer> {
    if (path === '/status/session' && request.method === 'POST') return beginSession(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Only GET is answered here.\n')
    if (isCutHandshake(request)) return text(426, upgradeNeeded, { upgrade: 'websocket', connection: 'upgrade' })
    if (path === '/') return text(200, welcome)
    if (path === '/healthz') return health()
    if (path === '/metrics') return readMetrics(request)
    if (path === '/status') return showStatus(request)
    if (path === '/status/audit') return exportAudit(request)
    if (path === '/status/figures')
      return mayLook(request) ? { ...text(200, statusFigures(described())), type: 'text/html' } : text(401, '')
    return nothing
  }

  async function answered(request: IncomingMessage, path: string): Promise<Answer> {
    try {
      return await answerTo(request, path)
    } catch (error) {
      log.error({ error: String(error) }, 'a page could not be answered')
      return text(500, 'The relay met a fault of its own.\n')
    }
  }

  return async (request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?')
    const { status, body, type = 'text/plain', headers } = await answered(request, path)
    response.writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    })
    if (request.method === 'HEAD') response.end()
    else if (typeof body === 'string') response.end(body)
    // Who goes away in the middle of it ends it, and nothing else.
    else await pipeline(Readable.from(body), response).catch(() => undefined)
  }
}

/** A WebSocket handshake from which a proxy has taken what makes it one. */
const isCutHandshake = (request: IncomingMessage): boolean => request.headers['sec-websocket-key'] !== undefined

const bearerOf = (request: IncomingMessage): string => /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '')?.[1] ?? ''

function cookieOf(request: IncomingMessage): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([name]) => name === cookieName)?.[1] ?? ''
}

/** Without telling by the time that it takes how much of it is right. */
const isSame = (given: string, wanted: string): boolean => timingSafeEqual(hashOf(given), hashOf(wanted))

async function readSecret(request: IncomingMessage): Promise<string> {
  let secret = ''
  for await (const piece of request as AsyncIterable<Buffer>) {
    secret += piece.toString('latin1')
    if (secret.length > maxSecretBytes) return ''
  }
  return secret
}
