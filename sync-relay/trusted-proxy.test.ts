import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { apiAddress } from '../core/protocol/sign-in.ts'
import { RelayPerson } from '../test/relay-person.ts'
import { createRelay } from './server.ts'

/** The address that the audit log has for somebody who claims to come from those. */
async function notedAddress(trustsProxy: boolean, forwarded: string | null): Promise<string | null> {
  const dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), trustsProxy })
  onTestFinished(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
  const ada = await RelayPerson.join(relay, 'Ada')
  await fetch(`${apiAddress(relay.address)}invite.create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada.ticket}`, ...(forwarded !== null && { 'x-forwarded-for': forwarded }) },
    body: JSON.stringify({ standing: 'member', uses: 1, expiresAt: Date.now() + 60_000 }),
  })
  return relay.people?.audit.entries(0, 10).find(({ action, person }) => action === 'invite.create' && person === ada.key)?.address ?? null
}

it.each([
  ['what the nearest proxy saw, not what the client claims', true, '10.9.8.7, 192.0.2.4', '192.0.2.4'],
  ['IPv6 too', true, '2001:db8::7', '2001:db8::7'],
  ['where the proxy itself is, when it says nothing', true, null, '127.0.0.1'],
  ['where the socket comes from, without trust in a proxy', false, '192.0.2.4', '127.0.0.1'],
])('the relay notes %s', async (_, trustsProxy, forwarded, address) => {
  expect(await notedAddress(trustsProxy, forwarded)).toBe(address)
})
