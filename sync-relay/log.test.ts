/** What a relay writes down about a day of work: enough to find a fault, and neither anybody's words nor anything that opens a door. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DocumentId } from '../core/ids.ts'
import { encodeCbor } from '../core/protocol/cbor.ts'
import { RawClient } from '../test/raw-client.ts'
import { parseInvite } from '../core/protocol/share-link.ts'
import { inviteTo, RelayPerson } from '../test/relay-person.ts'
import { newSecret } from './people/secrets.ts'
import { createRelay, type Relay } from './server.ts'
import { StatusLinks } from './status/status-links.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const metricsToken = 'the-monitors-own-token'
const password = 'correct horse battery staple'
const words = 'It was a dark and stormy night'

let dataDir: string
let relay: Relay
let written = ''

beforeEach(async () => {
  written = ''
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const log = pino({ level: 'trace' }, { write: (line: string) => void (written += line) })
  relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log, metricsToken })
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const http = (path: string, init?: RequestInit) => fetch(relay.address.replace('ws:', 'http:') + path, init)
const refused = (asked: Promise<unknown>) => expect(asked).rejects.toMatchObject({ problem: expect.any(String) })

/** Sharing as it goes, and everything that can go wrong with it. Returns what must be written nowhere. */
async function aDay(): Promise<string[]> {
  const ownersInvite = relay.ownersInvite ?? ''
  const ada = await RelayPerson.join(relay, 'Ada')
  const bensInvite = parseInvite(inviteTo(relay)).secret
  const ben = new RelayPerson(relay.address, 'Ben')
  await ben.signIn({ by: 'invite', secret: bensInvite })
  await refused(new RelayPerson(relay.address, 'Cleo').signIn({ by: 'invite', secret: bensInvite }))

  const doc = A.change(ada.begin(), (draft) => void (draft['text'] = words))
  await ada.put(documentId, A.getAllChanges(doc), { margin: null, attachments: [] })
  const linkSecret = newSecret()
  await ada.ask('link.create', { documentId, secret: linkSecret, salt: '', role: 'viewer', password })
  await refused(ben.ask('link.use', { documentId, secret: linkSecret, password: `not ${password}` }))
  await ben.ask('link.use', { documentId, secret: linkSecret, password })

  const client = await ben.connect()
  const channel = await client.follow(documentId)
  client.send({ type: 'changes', channel, changes: [ben.write(doc, words)], number: 1 })
  await client.next('error')
  client.sendEphemeral(documentId, new TextEncoder().encode(words))
  // Messages that are none, with words where something else belongs; and bytes that are nothing at all.
  const strangeFrames = [
    encodeCbor({ type: words }),
    encodeCbor({ type: 'sync', senderId: 'ben', targetId: 'relay', documentId: words, data: words }),
    Buffer.from(words),
  ]
  for (const frame of strangeFrames) {
    const strange = await ben.connect()
    strange.socket.send(frame)
    await strange.closed
  }
  const wrongTicket = newSecret(24)
  await expect(RawClient.open(`${relay.address}?ticket=${wrongTicket}`)).rejects.toThrow(/401/)
  await ben.post('person.update', `{"name": "${words}", "password": "${password}"`)
  await ben.post('person.update', JSON.stringify({ picture: words }))
  await ben.post('person.sign-in', JSON.stringify({ key: words, nonce: linkSecret, admission: { by: 'invite', secret: password } }))

  const statusSecret = new StatusLinks(dataDir).make()
  const query = 'a-query-that-nobody-reads'
  await http(`/status?${query}`)
  await http(`/nowhere?${query}`)
  await http('/status/session', { method: 'POST', body: statusSecret })
  await http('/metrics', { headers: { authorization: `Bearer ${metricsToken}` } })
  await ada.ask('person.remove', { key: ben.key })
  const secrets = [ada.ticket, ben.ticket, wrongTicket, bensInvite, linkSecret, password, statusSecret, metricsToken, query, words]
  return [...secrets, parseInvite(ownersInvite).secret]
}

it('holds no words, no secret and no query, whatever happened', async () => {
  const secrets = await aDay()
  await relay.close()
  const lines = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['a call is refused', 'a message is refused', 'a client is refused', 'a client is gone']),
  )
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8)
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')])
      expect(written).not.toContain(form)
  }
})

it('nor does the disk hold a secret, but for the words that it is there for', async () => {
  const secrets = (await aDay()).filter((secret) => secret !== words)
  await relay.close()
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['people.sqlite', 'relay.sqlite']))
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name)).toString('latin1')
    for (const secret of secrets) expect(bytes).not.toContain(secret)
  }
})
