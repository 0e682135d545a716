/** Who may come in: keys, challenges, tickets and invites, at a real relay. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Repo } from '@automerge/automerge-repo/slim'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeCodes } from '../../core/protocol/messages.ts'
import { maxApiBytes, type RelayParams } from '../../core/protocol/relay-api.ts'
import { inviteLink } from '../../core/protocol/share-link.ts'
import { ticketAddress } from '../../core/protocol/sign-in.ts'
import { eventually } from '../../test/eventually.ts'
import { RawClient } from '../../test/raw-client.ts'
import { inviteTo, RelayPerson } from '../../test/relay-person.ts'
import { createRelay, type Relay } from '../server.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

let dataDir: string
let relay: Relay
let clock: number
const start = (port = 0) => createRelay({ port, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), now: () => clock })

beforeEach(async () => {
  clock = Date.now()
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await start()
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

function newInvite(terms: Partial<RelayParams<'invite.create'>> = {}): string {
  return inviteTo(relay, { expiresAt: clock + dayMs, ...terms })
}
const owner = () => RelayPerson.join(relay, 'Ada')
const member = (invite = newInvite()) => RelayPerson.join(relay, 'Ben', invite)

/** What a handshake with a ticket comes to. */
const handshake = (ticket: string | null) =>
  RawClient.open(ticketAddress(relay.address, ticket)).then(
    () => 'open',
    (error: Error) => error.message,
  )

describe('signing in [R16]', () => {
  it('needs the person’s own key', async () => {
    const ada = await owner()
    const mallory = new RelayPerson(relay.address, 'Mallory')
    const { nonce } = (await ada.ask('person.challenge', { key: ada.key })) as { nonce: string }
    const asked = { key: ada.key, nonce, name: 'Ada', color: null }
    await expect(mallory.ask('person.sign-in', { ...asked, signature: mallory.sign(nonce) })).rejects.toMatchObject({
      problem: 'signed-out',
    })
  })

  it('takes a signature once, and only under its own challenge', async () => {
    const ada = await owner()
    const { nonce } = (await ada.ask('person.challenge', { key: ada.key })) as { nonce: string }
    const asked = { key: ada.key, nonce, signature: ada.sign(nonce), name: 'Ada', color: null }
    await ada.ask('person.sign-in', asked)
    await expect(ada.ask('person.sign-in', asked)).rejects.toMatchObject({ problem: 'signed-out', status: 401 })
    const invented = 'ab'.repeat(32)
    await expect(ada.ask('person.sign-in', { ...asked, nonce: invented, signature: ada.sign(invented) })).rejects.toMatchObject({
      problem: 'signed-out',
    })
  })

  it('takes no signature that was made for another relay', async () => {
    const ada = await owner()
    const { nonce } = (await ada.ask('person.challenge', { key: ada.key })) as { nonce: string }
    const asked = { key: ada.key, nonce, signature: ada.sign(nonce, 'evil.example.org'), name: 'Ada', color: null }
    await expect(ada.ask('person.sign-in', asked)).rejects.toMatchObject({ problem: 'signed-out' })
  })

  it.each(['evil.example.org', 'evil.example.org:3030', '192.0.2.1', 'localhost.example.org', ''])(
    'takes no signature that another relay, called “%s”, was given under this one’s challenge, whatever it says here',
    async (host) => {
      const ada = await owner()
      const asEvil = async (call: string, params: object) => {
        const { port } = new URL(relay.address)
        const request = httpRequest({ port, host: '127.0.0.1', path: `/api/${call}`, method: 'POST', headers: { host } })
        const [response] = (await once(request.end(JSON.stringify(params)), 'response')) as [IncomingMessage]
        return { status: response.statusCode, body: JSON.parse((await response.toArray()).join('')) as Record<string, unknown> }
      }
      const { body } = await asEvil('person.challenge', { key: ada.key })
      const nonce = String(body['nonce'])
      const asked = { key: ada.key, nonce, signature: ada.sign(nonce, host), name: 'Ada', color: null }
      expect(await asEvil('person.sign-in', asked)).toMatchObject({ status: 401, body: { error: { problem: 'signed-out' } } })
    },
  )

  it('takes one under the names that only this computer has, and under the one it was told alone', async () => {
    const ada = await owner()
    const { port } = new URL(relay.address)
    ada.relay = `ws://localhost:${port}`
    await ada.signIn()
    await relay.close()
    const named = { publicAddress: 'wss://relay.example.org', now: () => clock }
    relay = await createRelay({ port: Number(port), host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), ...named })
    await expect(ada.signIn()).rejects.toMatchObject({ problem: 'signed-out' })
  })

  it('takes no signature that comes too late', async () => {
    const ada = await owner()
    const { nonce } = (await ada.ask('person.challenge', { key: ada.key })) as { nonce: string }
    clock += 2 * minuteMs
    const asked = { key: ada.key, nonce, signature: ada.sign(nonce), name: 'Ada', color: null }
    await expect(ada.ask('person.sign-in', asked)).rejects.toMatchObject({ problem: 'signed-out' })
  })

  it.each([
    ['no JSON', 'person.sign-in', '{', 400],
    ['parameters of another kind', 'person.sign-in', '{"key":7}', 400],
    [
      'a key that is no point of the curve',
      'person.sign-in',
      JSON.stringify({ key: 'ff'.repeat(32), nonce: 'aa'.repeat(32), signature: 'bb'.repeat(64), name: '', color: null }),
      401,
    ],
    ['a body without end', 'person.challenge', 'x'.repeat(maxApiBytes + 1), 400],
    ['a call that there is not', 'relay.shut-down', '{}', 404],
    ['a call without a ticket', 'person.list', '{}', 401],
    ['a name of JavaScript’s own', 'constructor', '{}', 404],
  ])('is not shaken by %s', async (_, name, body, status) => {
    const mallory = new RelayPerson(relay.address, 'Mallory')
    expect(await mallory.post(name, body)).toMatchObject({ status, body: { error: { problem: expect.any(String) } } })
    await owner()
  })
})

describe('limits before and after signing in [R29]', () => {
  it('keep a guesser waiting, and let others in again after a while', async () => {
    const mallory = new RelayPerson(relay.address, 'Mallory')
    let refused: unknown = null
    for (let i = 0; i < 200 && !refused; i++)
      await mallory.ask('person.challenge', { key: mallory.key }).catch((error: unknown) => (refused = error))
    expect(refused).toMatchObject({ problem: 'too-many', status: 429 })
    clock += minuteMs
    await owner()
  })

  it('bound how many connections a person has', async () => {
    const ada = await owner()
    const clients = []
    for (let i = 0; i < 50; i++) clients.push(await ada.connect())
    expect(await handshake(ada.ticket)).toMatch(/429/)
    clients[0]?.socket.close()
    await clients[0]?.closed
    await eventually(async () => expect(await handshake(ada.ticket)).toBe('open'))
  })
})

describe('a ticket [R17]', () => {
  it('opens the socket, also that of a stock client', async () => {
    const ada = await owner()
    expect(await handshake(ada.ticket)).toBe('open')
    const stock = async () => {
      const repo = new Repo({ network: [new WebSocketClientAdapter(ticketAddress(relay.address, ada.ticket))] })
      await new Promise((resolve) => repo.networkSubsystem.once('peer', resolve))
      return repo
    }
    const mine = await stock()
    const { url } = mine.create<{ text: string }>({ text: 'It began in the night.' })
    // Until the relay has it, clients are told that it is not there.
    const text = await eventually(async () => {
      const yours = await stock()
      try {
        return (await yours.find<{ text: string }>(url)).doc().text
      } finally {
        await yours.shutdown()
      }
    })
    expect(text).toBe('It began in the night.')
    await mine.shutdown()
  })

  it.each([
    ['none', () => null],
    ['an empty one', () => ''],
    ['an invented one', () => 'A'.repeat(32)],
    ['one that is too long', () => 'A'.repeat(10_000)],
  ])('is needed: %s opens nothing', async (_, ticket) => {
    expect(await handshake(ticket())).toMatch(/401/)
  })

  it('ends after a day, and later when it is renewed, and at last after a month', async () => {
    const ada = await owner()
    clock += 0.9 * dayMs
    const { expiresAt } = await ada.ask('ticket.renew', {})
    expect(expiresAt).toBe(clock + dayMs)
    for (let day = 0; day < 29; day++) {
      clock += dayMs - 1
      await ada.ask('ticket.renew', {}).catch(() => undefined)
    }
    const client = await ada.connect().catch(() => null)
    clock += 2 * dayMs
    expect(await handshake(ada.ticket)).toMatch(/401/)
    expect(await client?.closed).toBe(closeCodes.signedOut)
    await expect(ada.ask('ticket.renew', {})).rejects.toMatchObject({ problem: 'signed-out' })
  })

  it('ends with signing out, and its connection with it', async () => {
    const ada = await owner()
    const client = await ada.connect()
    await ada.ask('person.sign-out', {})
    expect((await client.next('error')).message).toBe('You signed out.')
    expect(await client.closed).toBe(closeCodes.signedOut)
    expect(await handshake(ada.ticket)).toMatch(/401/)
  })

  it('is good after a restart of the relay, and is nowhere in its files', async () => {
    const ada = await owner()
    const port = Number(new URL(relay.address).port)
    await relay.close()
    for (const file of readdirSync(dataDir)) expect(readFileSync(join(dataDir, file)).includes(ada.ticket)).toBe(false)
    relay = await start(port)
    expect(await handshake(ada.ticket)).toBe('open')
  })
})

describe('an invite [R18]', () => {
  it('is made by a relay that has no owner, and by none that has one', async () => {
    const first = relay.ownersInvite
    const port = Number(new URL(relay.address).port)
    await relay.close()
    relay = await start(port)
    await expect(RelayPerson.join(relay, 'Eve', first)).rejects.toMatchObject({ problem: 'invite-unknown' })
    const ada = await owner()
    expect(await ada.ask('person.list', {})).toMatchObject([{ key: ada.key, name: 'Ada', standing: 'owner' }])
    await relay.close()
    relay = await start(port)
    expect(relay.ownersInvite).toBeNull()
  })

  it('is needed by whoever is not known', async () => {
    await expect(new RelayPerson(relay.address, 'Eve').signIn()).rejects.toMatchObject({ problem: 'no-invite', status: 403 })
  })

  it('is made by an owner, and by nobody else', async () => {
    const [ada, ben] = [await owner(), await member()]
    const terms = { standing: 'member', uses: 2, expiresAt: clock + dayMs } as const
    const { secret } = await ada.ask('invite.create', terms)
    const link = inviteLink({ relay: relay.address, secret })
    await Promise.all([RelayPerson.join(relay, 'Cleo', link), RelayPerson.join(relay, 'Dora', link)])
    await expect(RelayPerson.join(relay, 'Eve', link)).rejects.toMatchObject({ problem: 'invite-used' })
    await expect(ben.ask('invite.create', terms)).rejects.toMatchObject({ problem: 'not-allowed' })
    await expect(ben.ask('person.remove', { key: ada.key })).rejects.toMatchObject({ problem: 'not-allowed' })
  })

  it('ends at its time, and when it is taken back', async () => {
    const ada = await owner()
    const old = newInvite({ expiresAt: clock + minuteMs })
    const { id, secret } = await ada.ask('invite.create', { standing: 'member', uses: 1, expiresAt: clock + dayMs })
    await ada.ask('invite.revoke', { id })
    clock += minuteMs
    await expect(member(old)).rejects.toMatchObject({ problem: 'invite-expired' })
    await expect(member(inviteLink({ relay: relay.address, secret }))).rejects.toMatchObject({ problem: 'invite-unknown' })
  })

  it('ends with the owner who made it, who would let themselves in again by it', async () => {
    const [ada, eve] = [await owner(), await member(newInvite({ standing: 'owner' }))]
    const terms = { standing: 'owner', uses: 5, expiresAt: clock + dayMs } as const
    const { secret } = await eve.ask('invite.create', terms)
    const own = await ada.ask('invite.create', terms)
    await ada.ask('person.remove', { key: eve.key })
    await expect(eve.signIn({ by: 'invite', secret })).rejects.toMatchObject({ problem: 'invite-unknown' })
    await expect(member(inviteLink({ relay: relay.address, secret }))).rejects.toMatchObject({ problem: 'invite-unknown' })
    await member(inviteLink({ relay: relay.address, secret: own.secret }))
  })

  it('lets a person who was removed come back, and nothing else does', async () => {
    const [ada, ben] = [await owner(), await member()]
    const client = await ben.connect()
    await ada.ask('person.remove', { key: ben.key })
    expect((await client.next('error')).message).toBe('You were removed from this relay.')
    expect(await client.closed).toBe(closeCodes.refused)
    expect(await handshake(ben.ticket)).toMatch(/401/)
    await expect(ben.signIn()).rejects.toMatchObject({ problem: 'removed' })
    await expect(ada.ask('person.remove', { key: ada.key })).rejects.toMatchObject({ problem: 'not-allowed' })
  })
})

describe('the audit log [R28]', () => {
  it('knows who did what, holds no secret, and cannot be changed', async () => {
    const ada = await owner()
    const { secret } = await ada.ask('invite.create', { standing: 'member', uses: 1, expiresAt: clock + dayMs })
    const ben = await member(inviteLink({ relay: relay.address, secret }))
    const entries = relay.people?.audit.entries(0, 100) ?? []
    expect(entries).toMatchObject([
      { action: 'invite.create', person: null },
      { action: 'person.join', person: ada.key, subject: { standing: 'owner' }, address: expect.stringContaining('127.0.0.1') },
      { action: 'invite.create', person: ada.key },
      { action: 'person.join', person: ben.key, at: clock },
    ])
    expect(JSON.stringify(entries)).not.toContain(secret)
    expect(await ada.ask('audit.read', { after: entries[1]?.id ?? 0 })).toEqual(entries.slice(2))
    await expect(ben.ask('audit.read', { after: 0 })).rejects.toMatchObject({ problem: 'not-allowed' })
    const db = new Database(join(dataDir, 'people.sqlite'))
    expect(() => db.exec('delete from audit')).toThrow(/append only/)
    expect(() => db.exec(`update audit set action = 'nothing'`)).toThrow(/append only/)
    db.close()
  })
})
