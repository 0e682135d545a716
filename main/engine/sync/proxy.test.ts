/** What a proxy in front of a relay can get wrong, and the sentence that the connection test has for each: a real relay, and proxies that do what real ones do. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect as connectTo } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inviteLink, parseInvite } from '../../../core/protocol/share-link.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { until } from '../testing/test-engine.ts'

const tls = (name: string) => readFileSync(join(import.meta.dirname, '../../../test/fixtures/tls', name))

interface Habits {
  /** What it passes on as the header `Host`. */
  host?: string
  /** It knows no WebSockets: their headers end with it, as nginx does unless told otherwise. */
  dropsUpgrade?: boolean
  dropsQuery?: boolean
  /** Answers by itself. */
  answers?: (request: IncomingMessage, response: ServerResponse) => boolean
  isSecure?: boolean
  /** Ends connections after so many messages of the relay. */
  cuts?: boolean
}

/** A proxy in front of a relay. Resolves with its address. */
async function proxy(relay: string, habits: Habits): Promise<string> {
  const { port } = new URL(relay)
  const headersOf = (headers: IncomingMessage['headers']) => ({ ...headers, host: habits.host ?? headers.host ?? '' })
  const pathOf = (url = '/') => (habits.dropsQuery ? (url.split('?')[0] ?? '/') : url)
  const pass = (incoming: IncomingMessage, response: ServerResponse) => {
    if (habits.answers?.(incoming, response)) return
    const { upgrade: _, connection: __, ...headers } = headersOf(incoming.headers)
    const outgoing = request({ port, method: incoming.method, path: pathOf(incoming.url), headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.writeHead(502).end())
    incoming.pipe(outgoing)
  }
  const server = habits.isSecure
    ? createSecureServer({ key: tls('key.pem'), cert: tls('certificate.pem') }, pass)
    : createServer({ shouldUpgradeCallback: () => !habits.dropsUpgrade }, pass)
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const upstream = connectTo(Number(port), '127.0.0.1')
    const lines = Object.entries(headersOf(incoming.headers)).map(([name, value]) => `${name}: ${value}`)
    upstream.write(`GET ${pathOf(incoming.url)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    let pieces = 0
    upstream.on('data', () => ++pieces > 1 && habits.cuts && setImmediate(() => socket.destroy()))
    upstream.pipe(socket).pipe(upstream)
    for (const each of [socket, upstream])
      each.on('error', () => undefined).on('close', () => [socket, upstream].forEach((other) => other.destroy()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  return `${habits.isSecure ? 'wss' : 'ws'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A member of a relay behind a proxy that came in when all was well, and the proxy's address from now on. */
async function member(habits: Habits) {
  const relay = await startRelay()
  const address = await proxy(relay.address, habits)
  const { client } = await startWriter(null)
  return { relay, address, client, invite: inviteLink({ relay: address, secret: parseInvite(relay.invite()).secret }) }
}

const answering =
  (status: number, body = 'no', headers: Record<string, string> = {}): Habits['answers'] =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body)
    return true
  }

describe('the connection test, through a proxy', () => {
  it('passes where the proxy passes everything on', async () => {
    const { client, address, invite } = await member({})
    await client.call('relay.join', { invite })
    expect(await client.call('relay.test', { address })).toBeNull()
  })

  it.each<[string, Habits, RegExp]>([
    ['does not let WebSockets through', { dropsUpgrade: true }, /headers Upgrade and Connection/],
    [
      'passes on a name of its own',
      { host: '127.0.0.1:3030' },
      /believes that it is called 127\.0\.0\.1:3030, not 127\.0\.0\.1:\d+\. .*--address/,
    ],
    ['takes only small bodies', { answers: answering(413) }, /let 256 KB through/],
    ['has no relay behind it', { answers: answering(502) }, /not running at the moment/],
    ['waits for a relay in vain', { answers: answering(504) }, /waits for it in vain/],
    ['asks for a password', { answers: answering(401) }, /password of its own/],
    ['knows no such path', { answers: answering(404) }, /nothing under this address/],
    ['sends on to HTTPS', { answers: answering(308, '', { location: 'https://relay.example.org/' }) }, /begin the address with wss/],
    ['sends on to somewhere else', { answers: answering(302, '', { location: '/welcome' }) }, /sends on to another address/],
    [
      'speaks TLS at this port, as nginx says',
      { answers: answering(400, '<h1>400</h1>The plain HTTP request was sent to HTTPS port') },
      /begin the address with wss/,
    ],
    [
      'speaks TLS at this port, as Caddy says',
      { answers: answering(400, 'Client sent an HTTP request to an HTTPS server.\n') },
      /begin the address with wss/,
    ],
  ])('names one that %s', async (_, habits, words) => {
    const { client, address, invite } = await member(habits)
    await client.call('relay.join', { invite }).catch(() => undefined)
    await expect(client.call('relay.test', { address })).rejects.toMatchObject({ detail: expect.stringMatching(words) })
  })

  it('names a certificate that nobody vouches for, and a port without TLS', async () => {
    const { client, address, relay } = await member({ isSecure: true })
    await expect(client.call('relay.test', { address })).rejects.toMatchObject({
      detail: expect.stringMatching(/from nobody whom this computer trusts/),
    })
    await expect(client.call('relay.test', { address: relay.address.replace('ws:', 'wss:') })).rejects.toMatchObject({
      detail: expect.stringMatching(/no secure connection \(TLS\) at this port/),
    })
  })

  it.each<[string, Habits, RegExp]>([
    ['drops the query, when two tickets were not taken', { dropsQuery: true }, /behind the question mark/],
    ['ends quiet connections, when it has done so three times', { cuts: true }, /ended three times/],
  ])('names one that %s', async (_, habits, words) => {
    const { client, address, invite } = await member(habits)
    await client.call('relay.join', { invite }).catch(() => undefined)
    await client.call('settings.update', { relay: address })
    await until(async () => words.test((await client.call('relay.status', {})).problem ?? ''))
  })
})
