/** Figures of a real relay: who may read them, and whether they are true. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { closeCodes } from '../../core/protocol/messages.ts'
import { eventually } from '../../test/eventually.ts'
import { RawClient } from '../../test/raw-client.ts'
import { inviteTo, RelayPerson } from '../../test/relay-person.ts'
import { createRelay, type Relay } from '../server.ts'
import { StatusLinks } from '../status/status-links.ts'
import { Histogram, quantile, writeFamilies } from './prometheus.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const token = 'a-token-for-the-monitor'
let dataDir: string
let relay: Relay
let clock: number
const start = (options: Partial<Parameters<typeof createRelay>[0]> = {}) =>
  createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), metricsToken: token, now: () => clock, ...options })

beforeEach(async () => {
  clock = Date.now()
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await start()
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(relay.address.replace('ws:', 'http:') + path, { headers })
const bearer = (shown: string) => ({ authorization: `Bearer ${shown}` })

/** By name with labels, as they are written. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await get('/metrics', bearer(token))).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}
const figure = async (name: string) => (await metrics()).get(`palimpsest_relay_${name}`)

describe('the text format', () => {
  it('is written as Prometheus reads it', () => {
    const histogram = new Histogram([0.1, 1])
    histogram.observe(0.1, 3)
    histogram.observe(0.5)
    histogram.observe(7)
    const text = writeFamilies([
      { name: 'a_seconds', help: 'Times.', type: 'histogram', samples: histogram.samples() },
      { name: 'b', help: 'Of “a”.', type: 'gauge', samples: [{ labels: { of: 'a "b"\\\n' }, value: 1 }] },
    ])
    expect(text).toBe(
      '# HELP a_seconds Times.\n# TYPE a_seconds histogram\n' +
        'a_seconds_bucket{le="0.1"} 3\na_seconds_bucket{le="1"} 4\na_seconds_bucket{le="+Inf"} 5\na_seconds_sum 7.8\na_seconds_count 5\n' +
        '# HELP b Of “a”.\n# TYPE b gauge\nb{of="a \\"b\\"\\\\\\n"} 1\n',
    )
  })

  it('tells below which time most were', () => {
    expect(quantile(0.95, [1, 2], [0, 0, 0])).toBeNull()
    expect(quantile(0.5, [1, 2], [10, 0, 0])).toBe(0.5)
    expect(quantile(0.95, [1, 2], [50, 50, 0])).toBeCloseTo(1.9)
    expect(quantile(0.95, [1, 2], [0, 0, 5])).toBe(2)
  })
})

describe('metrics', () => {
  it('are for whoever has the token, and for nobody where there is none', async () => {
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', bearer(`${token}x`))).status).toBe(401)
    const ada = await RelayPerson.join(relay, 'Ada')
    expect((await get('/metrics', bearer(ada.ticket))).status).toBe(401)
    const response = await get('/metrics', bearer(token))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
    await relay.close()
    relay = await start({ metricsToken: undefined as never })
    expect((await get('/metrics', bearer(''))).status).toBe(404)
  })

  it('count what happens', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const doc = ada.begin()
    const changes = [A.getLastLocalChange(doc) as Uint8Array]
    await ada.put(documentId, changes)
    const client = await ada.connect()
    await client.follow(documentId)
    const garbage = await ada.connect()
    garbage.socket.send(Buffer.from('garbage'))
    expect(await garbage.closed).toBe(closeCodes.malformed)
    await expect(RawClient.open(`${relay.address}?ticket=none`)).rejects.toThrow(/401/)
    await expect(ada.ask('link.use', { documentId, secret: 'x'.repeat(20) })).rejects.toMatchObject({ problem: 'link-unknown' })
    await eventually(async () => expect(await figure('connections')).toBe(1))
    const found = await metrics()
    const of = (name: string) => found.get(`palimpsest_relay_${name}`)
    expect(of('connections_opened_total')).toBe(3)
    expect(of('connected_people')).toBe(1)
    expect(of('changes_total')).toBe(1)
    expect(of('change_bytes_total')).toBe(changes[0]?.length)
    expect(of('durable_seconds_count')).toBe(1)
    expect(of('documents_stored')).toBe(1)
    expect(of(`closed_total{code="${closeCodes.malformed}"}`)).toBe(1)
    expect(of('handshakes_refused_total{status="401"}')).toBe(1)
    expect(of('calls_refused_total{problem="link-unknown"}')).toBe(1)
    expect(of('healthy')).toBe(1)
    expect(of('waiting_writes')).toBe(0)
    const received = of('network_bytes_total{direction="in"}') ?? 0
    expect(received).toBeGreaterThan(changes[0]?.length ?? 0)
    client.socket.close()
    await eventually(async () => expect(await figure('connections')).toBe(0))
    expect(await figure('network_bytes_total{direction="in"}')).toBeGreaterThan(received)
  })

  it('count what is refused for want of a right, and who is removed', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const ben = await RelayPerson.join(relay, 'Ben', inviteTo(relay, { expiresAt: clock + 60_000 }))
    const doc = ada.begin()
    await ada.put(documentId, [A.getLastLocalChange(doc) as Uint8Array])
    await ada.ask('document.grant', { documentId, key: ben.key, role: 'viewer' })
    await ben.ask('invitation.answer', { documentId, accept: true })
    const client = await ben.connect()
    const channel = await client.follow(documentId)
    client.send({ type: 'changes', channel, changes: [ben.write(doc)], number: 1 })
    await client.next('error')
    expect(await figure('messages_refused_total')).toBe(1)
    await ada.ask('person.remove', { key: ben.key })
    await client.closed
    expect(await figure(`closed_total{code="${closeCodes.refused}"}`)).toBe(1)
  })

  it('name no person, no document and no address', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await ada.put(documentId, [A.getLastLocalChange(ada.begin()) as Uint8Array])
    const text = await (await get('/metrics', bearer(token))).text()
    for (const secret of [ada.key, ada.ticket, 'Ada', documentId, '127.0.0.1', token]) expect(text).not.toContain(secret)
  })
})

describe('the status page [R41]', () => {
  const enter = async (secret: string) => {
    const response = await fetch(`${relay.address.replace('ws:', 'http:')}/status/session`, { method: 'POST', body: secret })
    return {
      status: response.status,
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
      attributes: response.headers.get('set-cookie'),
    }
  }

  it('opens by a link once, and stays open in that browser until the evening', async () => {
    const secret = new StatusLinks(dataDir, () => clock).make()
    const { status, cookie, attributes } = await enter(secret)
    expect([status, attributes]).toEqual([204, expect.stringMatching(/HttpOnly; SameSite=Strict; Max-Age=43200$/)])
    expect((await enter(secret)).status).toBe(401)
    const page = await get('/status', { cookie })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('Writers connected')
    expect(await (await get('/status/figures', { cookie })).text()).toMatch(/^<h1>127\.0\.0\.1/)
    clock += 12 * 60 * 60_000
    expect((await get('/status/figures', { cookie })).status).toBe(401)
  })

  it('is closed to everybody else', async () => {
    const closed = await get('/status')
    expect(closed.status).toBe(401)
    expect(await closed.text()).not.toContain('Writers connected')
    expect((await get('/status/figures')).status).toBe(401)
    expect((await get('/status/figures', { cookie: 'palimpsest-status=' })).status).toBe(401)
    for (const secret of ['', '../relay.sqlite', '..', 'x'.repeat(24), 'x'.repeat(100_000)]) expect((await enter(secret)).status).toBe(401)
    const old = new StatusLinks(dataDir, () => clock - 11 * 60_000).make()
    expect((await enter(old)).status).toBe(401)
  })

  it('is open to a ticket of an owner of the relay, and to no other', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const ben = await RelayPerson.join(relay, 'Ben', inviteTo(relay, { expiresAt: clock + 60_000 }))
    expect((await get('/status', bearer(ada.ticket))).status).toBe(200)
    expect((await get('/status', bearer(ben.ticket))).status).toBe(401)
    await ada.ask('person.sign-out', {})
    expect((await get('/status', bearer(ada.ticket))).status).toBe(401)
  })

  it('is opened by a link that the relay makes for an owner, once, and for as long as they are one', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const owners = inviteTo(relay, { standing: 'owner', expiresAt: clock + 60_000 })
    const ben = await RelayPerson.join(relay, 'Ben', owners)
    const { secret } = await ben.ask('status.link', {})
    const { status, cookie } = await enter(secret)
    expect(status).toBe(204)
    expect((await enter(secret)).status).toBe(401)
    expect((await get('/status', { cookie })).status).toBe(200)
    await ada.ask('person.remove', { key: ben.key })
    expect((await get('/status', { cookie })).status).toBe(401)
    expect((await get('/status/figures', { cookie })).status).toBe(401)
  })

  it('gives owners the audit log as a file, however long it is, and nobody else', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const ben = await RelayPerson.join(relay, 'Ben', inviteTo(relay, { expiresAt: clock + 60_000 }))
    for (let at = 0; at < 1_200; at++)
      relay.people?.audit.note({ person: ben.key, address: '192.0.2.1' }, 'document.put', { document: String(at) })
    for (const headers of [{}, bearer(ben.ticket)]) expect((await get('/status/audit', headers)).status).toBe(401)
    const response = await get('/status/audit', bearer(ada.ticket))
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    const lines = (await response.text()).trimEnd().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(entries.map(({ id }) => id)).toEqual(lines.map((_, at) => at + 1))
    expect(entries.length).toBe(1_200 + 4)
    expect(entries.at(-1)).toEqual({
      id: 1_204,
      at: new Date(clock).toISOString(),
      person: ben.key,
      name: 'Ben',
      address: '192.0.2.1',
      action: 'document.put',
      subject: { document: '1199' },
    })
    expect(await (await get('/status', bearer(ada.ticket))).text()).toContain('href="status/audit"')
  })

  it('is linked to for owners of the relay only, and for ten minutes', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    for (const standing of ['member', 'guest'] as const) {
      const ben = await RelayPerson.join(relay, 'Ben', inviteTo(relay, { standing, expiresAt: clock + 60_000 }))
      await expect(ben.ask('status.link', {})).rejects.toMatchObject({ status: 403, problem: 'not-allowed' })
    }
    await expect(new RelayPerson(relay.address, 'Eve').ask('status.link', {})).rejects.toMatchObject({ status: 401 })
    const { secret } = await ada.ask('status.link', {})
    clock += 10 * 60_000
    expect((await enter(secret)).status).toBe(401)
    expect(readdirSync(join(dataDir, 'status-links'))).toEqual([])
  })

  it('runs nothing but its own script, and is shown in no other page', async () => {
    const one = (await get('/status')).headers.get('content-security-policy')
    const two = (await get('/status')).headers.get('content-security-policy')
    expect(one).toMatch(
      /^default-src 'none'; script-src 'nonce-\S{20,}'; style-src 'nonce-\S{20,}'; connect-src 'self'; .*frame-ancestors 'none'$/,
    )
    expect(one).not.toBe(two)
  })
})

it('a handshake from which a proxy took its headers is told so', async () => {
  const response = await get('/?ticket=x', { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' })
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  expect(await response.text()).toMatch(/must pass on the headers Upgrade and Connection/)
})
