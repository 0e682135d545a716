/** Custom schemes. A page cannot have one without Electron, so `app://host/path` is shown as `http://host.app.localhost/path`, a secure origin. */
import type { Session } from './connection.ts'

type Handler = (request: Request) => Response | Promise<Response>

const handlers = new Map<string, Handler>()

export const protocol = {
  registerSchemesAsPrivileged() {},
  handle(scheme: string, handler: Handler) {
    if (handlers.has(scheme)) throw new Error(`the scheme ${scheme} has a handler already`)
    handlers.set(scheme, handler)
  },
}

export function toPageAddress(address: string): string {
  const match = /^([a-z]+):\/\/([^/]+)(.*)$/.exec(address)
  return match && handlers.has(match[1] ?? '') ? `http://${match[2]}.${match[1]}.localhost${match[3]}` : address
}

export function fromPageAddress(address: string): string {
  const match = /^http:\/\/([^/:]+)\.([a-z]+)\.localhost(.*)$/.exec(address)
  return match && handlers.has(match[2] ?? '') ? `${match[2]}://${match[1]}${match[3]}` : address
}

interface Paused {
  requestId: string
  request: { url: string; method: string; headers: Record<string, string> }
}

/** Answers one request of a page from the handler of its scheme, and refuses it where there is none: no test reaches the network. */
export async function answerRequest(session: Session, { requestId, request }: Paused): Promise<void> {
  const address = fromPageAddress(request.url)
  const handler = handlers.get(new URL(address).protocol.slice(0, -1))
  if (!handler) {
    await session.send('Fetch.failRequest', { requestId, errorReason: 'InternetDisconnected' })
    return
  }
  const response = await handler(new Request(address, { method: request.method, headers: request.headers }))
  await session.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  })
}
