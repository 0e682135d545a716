/**
 * Who may use the web host: the browser that brought the token printed on the terminal, and no page but ours.
 *
 * The token is made anew at each start and is traded for a cookie that scripts cannot read and other sites cannot send. `Host` must be the
 * loopback address (against DNS rebinding), and `Origin`, where the browser sends one, must be ours.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface Access {
  /** To be printed: opens the app in a browser. */
  readonly address: string
  readonly port: number
  /** Whether the request came to our address, and from our page or from none. */
  isOurs(headers: IncomingHttpHeaders): boolean
  hasCookie(headers: IncomingHttpHeaders): boolean
  isToken(token: string): boolean
  /** The `Set-Cookie` header that a token is traded for. */
  readonly cookie: string
}

export function createAccess(port: number): Access {
  const token = randomBytes(32).toString('base64url')
  const session = randomBytes(32).toString('base64url')
  const host = `127.0.0.1:${port}`
  // Browsers share cookies among the ports of a host; the port in its name keeps two apps apart.
  const cookieName = `palimpsest-${port}`
  return {
    address: `http://${host}/?token=${token}`,
    port,
    isOurs: (headers) => headers.host === host && (headers.origin === undefined || headers.origin === `http://${host}`),
    hasCookie: (headers) => equal(readCookie(headers.cookie ?? '', cookieName), session),
    isToken: (given) => equal(given, token),
    cookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
  }
}

function readCookie(header: string, name: string): string {
  const pairs = header.split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const equal = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))
