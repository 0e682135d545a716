/** The HTTP side of the web host: serves the built page to whoever has access, and hands accepted WebSocket handshakes on. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { securityHeaders } from '../host/content-policy.ts'
import { readPageFile } from '../host/page-files.ts'
import { type Access, createAccess } from './access.ts'

export interface WebServerOptions {
  /** The first that is free is taken; 0 stands for any. */
  ports: readonly number[]
  /** The built page. */
  folder: string
  /** A renderer that may connect. The handshake is not answered yet. */
  onRenderer(socket: Socket, headers: Record<string, string>): void
}

// An `import` of it would read all its exports, one of which loads a whole HTTP client that nothing here uses, for 40 ms.
const { createServer } = process.getBuiltinModule('node:http')

/** Listens on the loopback interface only. Rejects when all ports are taken. */
export async function startWebServer(options: WebServerOptions): Promise<Access> {
  const server = createServer()
  await listenOnFirst(server, options.ports)
  const access = createAccess((server.address() as AddressInfo).port)
  server.on('request', (request, response) => {
    answer(access, options.folder, request, response).catch((thrown: unknown) => {
      console.error(thrown)
      response.destroy()
    })
  })
  server.on('upgrade', (request, socket: Socket) => {
    // Node leaves such a socket to us: without a listener, a connection that is cut would end the host.
    socket.on('error', () => socket.destroy())
    const status = upgradeStatus(access, request)
    if (status === null) options.onRenderer(socket, handshakeHeaders(request))
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  return access
}

async function listenOnFirst(server: Server, [port = 0, ...others]: readonly number[]): Promise<void> {
  try {
    await listen(server, port)
  } catch (error) {
    if (others.length === 0) throw error
    await listenOnFirst(server, others)
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      listening()
    })
  })
}

async function answer(access: Access, folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!access.isOurs(request.headers)) return refuse(response, 403, 'This is not the address of Palimpsest.')
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Palimpsest only answers GET here.')
  const url = parseUrl(request.url)
  if (!url) return refuse(response, 400, 'This is no address.')
  const token = url.searchParams.get('token')
  if (token !== null) return tradeToken(access, token, response)
  if (!access.hasCookie(request.headers)) return refuse(response, 401, 'Open the address that Palimpsest printed when it started.')
  const file = await readPageFile(folder, url.pathname)
  if (!file) return refuse(response, 404, 'There is nothing here.')
  response.writeHead(200, file.headers).end(request.method === 'HEAD' ? undefined : file.body)
}

/** The token leaves the address bar at once, and with it the history of the browser. */
function tradeToken(access: Access, token: string, response: ServerResponse) {
  if (!access.isToken(token))
    return refuse(response, 403, 'This address is from an earlier start. Open the one that Palimpsest printed last.')
  response.writeHead(303, { ...securityHeaders, 'set-cookie': access.cookie, 'cache-control': 'no-store', location: '/' }).end()
}

function refuse(response: ServerResponse, status: number, sentence: string) {
  const headers = { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(`${sentence}\n`)
}

function upgradeStatus(access: Access, request: IncomingMessage): string | null {
  if (!access.isOurs(request.headers) || request.headers.origin === undefined) return '403 Forbidden'
  if (!access.hasCookie(request.headers)) return '401 Unauthorized'
  if (parseUrl(request.url)?.pathname !== '/engine') return '404 Not Found'
  return null
}

function handshakeHeaders(request: IncomingMessage): Record<string, string> {
  const names = [
    'upgrade',
    'connection',
    'sec-websocket-key',
    'sec-websocket-version',
    'sec-websocket-extensions',
    'sec-websocket-protocol',
  ]
  return Object.fromEntries(names.flatMap((name) => (request.headers[name] ? [[name, String(request.headers[name])]] : [])))
}

/** Only the path and the query count; a target such as `//elsewhere` must not be taken for a host. */
function parseUrl(target = '/'): URL | null {
  return target.startsWith('/') ? URL.parse(`http://palimpsest.invalid${target}`) : null
}
