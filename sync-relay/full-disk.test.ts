/** A relay whose disk is full: what it acknowledged is there, what it could not write is not half there, and it goes on by itself when there is room. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { closeCodes } from '../core/protocol/messages.ts'
import { carriersIn } from '../test/carriers.ts'
import { eventually } from '../test/eventually.ts'
import type { RawClient } from '../test/raw-client.ts'
import { inviteTo, RelayPerson } from '../test/relay-person.ts'
import { fill, smallDisk } from '../test/small-disk.ts'
import { newSecret } from './people/secrets.ts'
import { createRelay, type Relay } from './server.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId

async function start(dataDir: string, port = 0): Promise<Relay> {
  const relay = await createRelay({ port, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), now: () => clock })
  onTestFinished(() => relay.close())
  return relay
}
let clock = Date.now()

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'relay-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A relay on a small disk of its own, or where there can be none, with files that cannot grow. */
async function onSmallDisk() {
  const disk = smallDisk(8)
  const dataDir = disk ?? folder()
  const relay = await start(dataDir)
  let empty = () => relay.setMaxPages(1_000_000)
  return {
    relay,
    dataDir,
    fill() {
      if (disk) empty = fill(disk)
      else relay.setMaxPages(1)
    },
    empty: () => empty(),
    /** What another relay would find if this one were killed now. */
    async afterKill(): Promise<Relay> {
      const copy = folder()
      cpSync(dataDir, copy, { recursive: true, filter: (path) => !/ballast|\.lock/.test(path) })
      return start(copy)
    },
  }
}

const health = async (relay: Relay) => (await fetch(`${relay.address.replace('ws:', 'http:')}/healthz`)).status

function member(relay: Relay, name: string): Promise<RelayPerson> {
  return RelayPerson.join(relay, name, inviteTo(relay, { expiresAt: clock + 60_000 }))
}

/** An owner of the relay with a document on it. */
async function ownerOf(relay: Relay) {
  const ada = await RelayPerson.join(relay, 'Ada')
  const doc = ada.begin()
  await ada.put(documentId, [A.getLastLocalChange(doc) as Uint8Array])
  return { ada, doc }
}

/** Sends changes one by one until the relay takes no more. Returns how many were acknowledged, and the document with all of them. */
async function typeUntilRefused(client: RawClient, channel: number, before: A.Doc<Record<string, string>>, author: PersonKey) {
  let doc = A.clone(before, { author })
  let open = true
  void client.closed.then(() => (open = false))
  for (let number = 1; open; number++) {
    doc = A.change(doc, (draft) => void (draft[`key ${number}`] = newSecret(2_000)))
    client.send({ type: 'changes', channel, changes: [A.getLastLocalChange(doc) as Uint8Array], number })
    await new Promise(setImmediate)
  }
  const acknowledged = client.inbox.flatMap((message) => (message.type === 'ack' ? message.number : []))
  return { doc, acknowledged: Math.max(0, ...acknowledged), code: await client.closed }
}

/** Asks another relay than the person's own, which knows the same tickets. */
async function at<Result>({ address }: Relay, person: RelayPerson, ask: () => Promise<Result>): Promise<Result> {
  const own = person.relay
  person.relay = address
  return ask().finally(() => (person.relay = own))
}

const keysAt = (relay: Relay, person: RelayPerson) => at(relay, person, () => readKeys(person))
async function readKeys(person: RelayPerson): Promise<string[]> {
  const client = await person.connect({ live: false })
  client.sendSync(documentId, { takesDocuments: true })
  const { changes } = await client.nextSync()
  client.socket.close()
  return Object.keys(A.loadIncremental(A.init<Record<string, string>>(), Buffer.concat(changes)))
}

describe('on a full disk [R15]', () => {
  it('no acknowledged change is lost, and what was refused can be sent again when there is room', { timeout: 60_000 }, async () => {
    const { relay, fill, empty, afterKill } = await onSmallDisk()
    const { ada, doc } = await ownerOf(relay)
    const client = await ada.connect()
    const channel = await client.follow(documentId)
    fill()
    const typed = await typeUntilRefused(client, channel, doc, ada.key)
    expect(typed.code).toBe(closeCodes.tryLater)
    expect(await health(relay)).toBe(503)
    const wanted = Array.from({ length: typed.acknowledged }, (_, at) => `key ${at + 1}`)
    expect(await keysAt(await afterKill(), ada)).toEqual(expect.arrayContaining(['start', ...wanted]))

    empty()
    await eventually(async () => expect(await health(relay)).toBe(200))
    const again = await ada.connect()
    again.sendSync(documentId, { heads: A.getHeads(typed.doc) as never, changes: A.getAllChanges(typed.doc) })
    await eventually(async () => expect((await keysAt(relay, ada)).sort()).toEqual(Object.keys(typed.doc).sort()))
    expect((await keysAt(await afterKill(), ada)).sort()).toEqual(Object.keys(typed.doc).sort())
  })

  it('a right is given and acknowledged, or refused and not given', async () => {
    const { relay, fill, empty, afterKill } = await onSmallDisk()
    const { ada } = await ownerOf(relay)
    const links: number[] = []
    const makeLink = async () => {
      links.push((await ada.ask('link.create', { documentId, secret: newSecret(), salt: newSecret(40), role: 'viewer' })).id)
    }
    const linksAt = async (other: Relay) => {
      const access = await at(other, ada, () => ada.ask('document.access', { documentId }))
      return access?.links.map(({ id }) => id)
    }
    await makeLink()
    fill()
    let refusal: unknown = null
    while (refusal === null) await makeLink().catch((error: unknown) => (refusal = error))
    expect(refusal).toMatchObject({ problem: 'internal', status: 500 })
    expect(await linksAt(relay)).toEqual(links)
    expect(await linksAt(await afterKill())).toEqual(links)
    empty()
    await makeLink()
    expect(await linksAt(await afterKill())).toEqual(links)
  })

  it('people come and go, links end late, and what was carried is noted when there is room', async () => {
    const { relay, dataDir, fill, empty } = await onSmallDisk()
    const { ada, doc } = await ownerOf(relay)
    const [ben, cleo] = [await member(relay, 'Ben'), await member(relay, 'Cleo')]
    const secret = newSecret()
    const { id } = await ada.ask('link.create', { documentId, secret, salt: '', role: 'viewer', expiresAt: clock + 10_000 })
    await ben.ask('link.use', { documentId, secret })
    const reader = await ben.connect()
    await reader.follow(documentId)
    const client = await ada.connect()
    const channel = await client.follow(documentId)
    fill()
    // So full that not even what there is can be written over.
    for (let refused = false; !refused; )
      await ada.ask('link.create', { documentId, secret: newSecret(), salt: newSecret(40), role: 'viewer' }).catch(() => (refused = true))
    clock += 20_000
    for (const person of [ada, ben, cleo]) (await person.connect()).socket.close()
    client.send({ type: 'changes', channel, changes: [cleo.write(doc, newSecret(30_000))], number: 1 })
    await eventually(async () => expect(await health(relay)).toBe(503))
    empty()
    expect((await client.next('ack')).number).toBe(1)
    expect(carriersIn(dataDir, documentId)).toEqual([null, ada.key])
    await eventually(() => expect(reader.inbox).toContainEqual(expect.objectContaining({ type: 'access', role: null })))
    expect((await ada.ask('document.access', { documentId })).links.map((link) => link.id)).not.toContain(id)
  })
})
