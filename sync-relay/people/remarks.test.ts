/** What others write in a margin and whom they mention there, as the feed tells it: at a real relay. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDocumentId } from '../../main/engine/identity.ts'
import type { DocumentId } from '../../core/ids.ts'
import { maxMentioned } from '../../core/protocol/relay-api.ts'
import { RawFeed } from '../../test/raw-feed.ts'
import { inviteTo, RelayPerson } from '../../test/relay-person.ts'
import { createRelay, type Relay } from '../server.ts'
import { keptEvents } from './feed.ts'
import type { GrantedRole } from './rights.ts'

const minuteMs = 60_000

let dataDir: string
let relay: Relay
let clock: number
/** Owns the text. */
let ada: RelayPerson
/** A commenter. */
let ben: RelayPerson
/** A viewer. */
let cleo: RelayPerson
/** Has no role. */
let dora: RelayPerson
let text: DocumentId
let margin: DocumentId
let image: DocumentId
let first: A.Doc<Record<string, string>>

beforeEach(async () => {
  clock = Date.now()
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), now: () => clock })
  ada = await RelayPerson.join(relay, 'Ada')
  ;[text, margin, image] = [newDocumentId(), newDocumentId(), newDocumentId()]
  first = ada.begin()
  await ada.put(text, A.getAllChanges(first), { margin, attachments: [image] })
  ;[ben, cleo, dora] = [await member('Ben'), await member('Cleo'), await member('Dora')]
  await letIn(ben, 'commenter')
  await letIn(cleo, 'viewer')
  // The margin and the image come when there are readers.
  for (const part of [margin, image]) await ada.put(part, A.getAllChanges(first))
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

async function member(name: string) {
  return RelayPerson.join(relay, name, inviteTo(relay, { expiresAt: clock + 60 * minuteMs }))
}

async function letIn(person: RelayPerson, role: GrantedRole) {
  await ada.ask('document.grant', { documentId: text, key: person.key, role })
  await person.ask('invitation.answer', { documentId: text, accept: true })
}

/** Brings changes, and resolves when the relay has them. */
async function bring(person: RelayPerson, document: DocumentId, ...changes: Uint8Array[]) {
  const client = await person.connect()
  const channel = await client.follow(document)
  client.send({ type: 'changes', channel, changes, number: 1 })
  await client.next('ack')
  client.socket.close()
}

const write = (person: RelayPerson, document = margin) => bring(person, document, person.write(first))

/** The comments and mentions that a person was told of, after the event with this number. */
async function told(person: RelayPerson, last = 0) {
  const feed = await RawFeed.open(relay.address, { authorization: `Bearer ${person.ticket}`, 'last-event-id': String(last) })
  return (await feed.replayed()).filter(({ event }) => event.kind === 'comment' || event.kind === 'mention')
}
const eventsOf = async (person: RelayPerson) => (await told(person)).map(({ event }) => event)
const by = ({ key, name }: RelayPerson) => ({ key, name, color: null })
const comment = (person: RelayPerson) => ({ kind: 'comment', at: clock, documentId: text, from: by(person) })
const mentionOf = (person: RelayPerson, ...people: RelayPerson[]) =>
  person.ask('document.mention', { documentId: text, keys: people.map(({ key }) => key) })

describe('what somebody writes in a margin [R39]', () => {
  it('is told to all who can read the text, as it happens, and to nobody else', async () => {
    const feed = await RawFeed.open(relay.address, { authorization: `Bearer ${ada.ticket}` })
    await feed.replayed()
    await write(ben)
    expect(await feed.next()).toEqual(comment(ben))
    expect(await eventsOf(cleo)).toEqual([comment(ben)])
    for (const person of [ben, dora]) expect(await eventsOf(person)).toEqual([])
  })

  it('is told once in ten minutes for each who writes', async () => {
    for (let time = 0; time < 3; time++) await write(ben)
    await write(ada)
    clock += 9 * minuteMs
    await write(ben)
    expect(await eventsOf(cleo)).toMatchObject([{ from: by(ben) }, { from: by(ada) }])
    clock += minuteMs
    await write(ben)
    expect(await eventsOf(cleo)).toHaveLength(3)
    expect(await eventsOf(ada)).toHaveLength(2)
  })

  it('is told also after the clock was set back', async () => {
    await write(ben)
    clock = 0
    await write(ben)
    // The tickets ended with that clock, but the feed has it.
    expect(relay.people?.feed.after(ada.key, 0, keptEvents)).toHaveLength(2)
  })

  it('is nothing that was written in the text or in an image, and nothing that a margin holds when it comes here', async () => {
    await write(ada, text)
    await write(ada, image)
    for (const person of [ben, cleo]) expect(await eventsOf(person)).toEqual([])
  })

  it('is said of who wrote it, whoever brings it, and never to them', async () => {
    await bring(ada, margin, ben.write(first))
    expect(await eventsOf(ada)).toEqual([comment(ben)])
    expect(await eventsOf(ben)).toEqual([])
  })

  it('is said of who brings it where it names nobody', async () => {
    const bare = A.change(
      A.applyChanges(A.init<Record<string, string>>(), A.getAllChanges(first))[0],
      (draft) => void (draft['text'] = 'whose?'),
    )
    await bring(ben, margin, A.getLastLocalChange(bare) as Uint8Array)
    expect(await eventsOf(ada)).toEqual([comment(ben)])
  })

  it('is told by the sync protocol as by the live stream', async () => {
    const client = await ben.connect({ live: false })
    const change = ben.write(first)
    client.sendSync(margin, { heads: [A.decodeChange(change).hash as never], changes: [change] })
    await client.nextSync()
    expect(await eventsOf(ada)).toEqual([comment(ben)])
    client.socket.close()
  })

  it('is refused and told to nobody where it may not be written', async () => {
    const client = await cleo.connect()
    client.send({ type: 'changes', channel: await client.follow(margin), changes: [cleo.write(first)], number: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'not-allowed' })
    expect(await eventsOf(ada)).toEqual([])
    client.socket.close()
  })

  it('is replayed after the last number, and not to who has lost the text', async () => {
    await write(ben)
    const [seen] = await told(cleo)
    await write(ada)
    expect((await told(cleo, seen?.id)).map(({ event }) => event)).toEqual([comment(ada)])
    await ada.ask('document.revoke', { documentId: text, key: cleo.key })
    expect(await told(cleo)).toEqual([])
  })

  it('is taken on a full disk of the people, and told when there is room', async () => {
    const feed = relay.people?.feed
    relay.people?.setMaxPages(1)
    const fill = () => {
      for (let more = 0; more < keptEvents; more++) feed?.add(ada.key, { kind: 'removed', document: text, reason: 'Goodbye.' })
    }
    expect(fill).toThrow(/full/)
    const stream = await RawFeed.open(relay.address, { authorization: `Bearer ${ada.ticket}` })
    await stream.replayed()
    const before = feed?.latest(ada.key)
    await write(ben)
    expect(feed?.latest(ada.key)).toBe(before)
    relay.people?.setMaxPages(1_000_000)
    expect(await stream.next()).toEqual(comment(ben))
    expect(await eventsOf(cleo)).toEqual([comment(ben)])
  })
})

describe('a mention [R40]', () => {
  it('is told to those who are named and can read the text, and to nobody else', async () => {
    expect(await mentionOf(ben, ada, ben, dora, ada)).toEqual({})
    expect(await eventsOf(ada)).toEqual([{ kind: 'mention', at: clock, documentId: text, from: by(ben) }])
    for (const person of [ben, cleo, dora]) expect(await eventsOf(person)).toEqual([])
  })

  it('of the same person by the same in the same text is told once in a minute', async () => {
    await mentionOf(ben, ada)
    await mentionOf(ben, ada, cleo)
    await mentionOf(ada, cleo)
    expect(await eventsOf(ada)).toHaveLength(1)
    expect(await eventsOf(cleo)).toMatchObject([{ from: by(ben) }, { from: by(ada) }])
    clock += minuteMs
    await mentionOf(ben, ada)
    expect(await eventsOf(ada)).toHaveLength(2)
  })

  it('is refused to who may not write in the margin, and is of no document to who has no role', async () => {
    await expect(mentionOf(cleo, ada)).rejects.toMatchObject({ status: 403, problem: 'not-allowed' })
    await expect(mentionOf(dora, ada)).rejects.toMatchObject({ status: 404, problem: 'not-found' })
    await expect(ada.ask('document.mention', { documentId: margin, keys: [ben.key] })).rejects.toMatchObject({ problem: 'not-found' })
    await expect(ada.ask('document.mention', { documentId: newDocumentId(), keys: [ben.key] })).rejects.toMatchObject({
      problem: 'not-found',
    })
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    await expect(mentionOf(ben, ada)).rejects.toMatchObject({ problem: 'not-found' })
    for (const person of [ada, ben]) expect(await eventsOf(person)).toEqual([])
  })

  it('names some people, and not too many', async () => {
    const keys = Array.from({ length: maxMentioned + 1 }, (_, at) => at.toString(16).padStart(64, '0') as typeof ada.key)
    await expect(ben.ask('document.mention', { documentId: text, keys })).rejects.toMatchObject({ problem: 'invalid' })
    await expect(ben.ask('document.mention', { documentId: text, keys: [] })).rejects.toMatchObject({ problem: 'invalid' })
    expect(await ben.ask('document.mention', { documentId: text, keys: keys.slice(1) })).toEqual({})
  })

  it('is not shown to who has lost the text since', async () => {
    await mentionOf(ben, cleo)
    await ada.ask('document.revoke', { documentId: text, key: cleo.key })
    expect(await eventsOf(cleo)).toEqual([])
  })
})
