/** What concerns a person, told as it happens and replayed: at a real relay. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newDocumentId } from '../../main/engine/identity.ts'
import type { DocumentId } from '../../core/ids.ts'
import { RawFeed } from '../../test/raw-feed.ts'
import { inviteTo, RelayPerson } from '../../test/relay-person.ts'
import { createRelay, type Relay } from '../server.ts'
import { keptEvents } from './feed.ts'

const dayMs = 24 * 60 * 60_000
const secret = 'kJ3_-aaaaaaaaaaaaaaaaaaa'

let dataDir: string
let relay: Relay
let clock: number
let ada: RelayPerson
let ben: RelayPerson
let text: DocumentId

const start = (port = 0) => createRelay({ port, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), now: () => clock })
beforeEach(async () => {
  clock = Date.now()
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await start()
  ada = await RelayPerson.join(relay, 'Ada')
  ben = await member('Ben')
  text = await newText()
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

async function member(name: string) {
  return RelayPerson.join(relay, name, inviteTo(relay, { expiresAt: clock + dayMs }))
}

/** A text of Ada's. */
async function newText(): Promise<DocumentId> {
  const id = newDocumentId()
  await ada.put(id, A.getAllChanges(ada.begin()))
  return id
}

const listen = (person: RelayPerson, last?: number | string, query = '') =>
  RawFeed.open(
    relay.address,
    { authorization: `Bearer ${person.ticket}`, ...(last !== undefined && { 'last-event-id': String(last) }) },
    query,
  )
const offer = (role: 'viewer' | 'editor', documentId = text, person = ben) =>
  ada.ask('document.grant', { documentId, key: person.key, role })
const accept = (documentId = text) => ben.ask('invitation.answer', { documentId, accept: true })
const kinds = (events: readonly { event: { kind: string } }[]) => events.map(({ event }) => event.kind)

describe('the feed [R33]', () => {
  it('tells what is offered, changed, handed over and taken away, and by whom', async () => {
    const feed = await listen(ben)
    expect(await feed.replayed()).toEqual([])
    await offer('viewer')
    const from = { key: ada.key, name: 'Ada', color: null }
    expect(await feed.next()).toEqual({ kind: 'invited', at: clock, documentId: text, role: 'viewer', from })
    await accept()
    await offer('editor')
    expect(await feed.next()).toEqual({ kind: 'role', at: clock, documentId: text, role: 'editor', from })
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    expect(await feed.next()).toMatchObject({ kind: 'removed', documentId: text, reason: expect.stringMatching(/no longer shares/) })
    const other = await newText()
    await offer('editor', other)
    await feed.next()
    await accept(other)
    await ada.ask('document.transfer', { documentId: other, key: ben.key })
    expect(await feed.next()).toMatchObject({ kind: 'role', documentId: other, role: 'owner' })
  })

  it('tells who came by a link that it was taken back', async () => {
    const { id } = await ada.ask('link.create', { documentId: text, secret, salt: '', role: 'editor' })
    await ben.ask('link.use', { documentId: text, secret })
    const feed = await listen(ben)
    await feed.replayed()
    await ada.ask('link.revoke', { documentId: text, id })
    expect(await feed.next()).toMatchObject({ kind: 'removed', reason: expect.stringMatching(/link/) })
  })

  it('replays what came after the number that it is given, in order, also after the relay was restarted', async () => {
    const texts = [text, await newText(), await newText()]
    for (const id of texts) await offer('viewer', id)
    const all = await (await listen(ben, 0)).replayed()
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3])
    await relay.close()
    relay = await start(Number(new URL(relay.address).port))
    const later = await (await listen(ben, 1)).replayed()
    expect(later).toEqual(all.slice(1))
    expect(await (await listen(ben, 3)).replayed()).toEqual([])
    expect(await (await listen(ben)).replayed()).toEqual([])
  })

  it('replays all to who knew another relay at this address', async () => {
    await offer('viewer')
    expect(await (await listen(ben, 900)).replayed()).toHaveLength(1)
  })

  it('keeps the last events only, and goes on counting', async () => {
    await offer('viewer')
    await accept()
    for (let time = 0; time < keptEvents + 5; time++)
      relay.people?.rights.grant({ person: ada.key, address: null }, text, ben.key, 'editor')
    const kept = await (await listen(ben, 0)).replayed()
    expect(kept).toHaveLength(keptEvents)
    expect(kept.at(-1)?.id).toBe(keptEvents + 6)
  })

  it('says something at least every fifteen seconds', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    clock += 15_000
    await feed.more()
    expect(feed.text.endsWith(':\n\n')).toBe(true)
  })

  it.each(['-1', '1.5', '99999999999999999999', "1' or 1=1", '0x10'])('refuses a number that is none: %s', async (last) => {
    expect((await listen(ben, last)).status).toBe(400)
  })
})

describe('what the feed shows [R34]', () => {
  it('is nobody else’s, live or replayed', async () => {
    const cleo = await member('Cleo')
    const feeds = [await listen(cleo, 0), await listen(ada, 0)]
    for (const feed of feeds) await feed.replayed()
    await offer('viewer')
    await accept()
    await offer('editor')
    expect(kinds(await (await listen(ben, 0)).replayed())).toEqual(['role'])
    for (const person of [cleo, ada]) expect(await (await listen(person, 0)).replayed()).toEqual([])
    // What comes next to Cleo is her own, with a number that says nothing of Ben's.
    await offer('viewer', text, cleo)
    expect(await feeds[0]?.next()).toMatchObject({ kind: 'invited' })
    expect(feeds[0]?.text).not.toContain(ben.key)
    expect(feeds[0]?.text).toContain('id: 1\n')
  })

  it('is nothing of a document that the person cannot read any more, but that they lost it', async () => {
    await offer('viewer')
    await accept()
    await offer('editor')
    await ada.ask('document.revoke', { documentId: text, key: ben.key })
    expect(kinds(await (await listen(ben, 0)).replayed())).toEqual(['removed'])
  })

  it('is no offer that was answered or taken back', async () => {
    const other = await newText()
    await offer('viewer')
    await offer('viewer', other)
    await ben.ask('invitation.answer', { documentId: text, accept: false })
    await ada.ask('document.revoke', { documentId: other, key: ben.key })
    expect(kinds(await (await listen(ben, 0)).replayed())).toEqual(['removed'])
  })

  it('is nothing to somebody without a ticket, with one in the address, or with another word for it', async () => {
    await offer('viewer')
    const bare = [
      await RawFeed.open(relay.address, {}),
      await RawFeed.open(relay.address, {}, `?ticket=${ben.ticket}`),
      await RawFeed.open(relay.address, { authorization: `Basic ${ben.ticket}`, 'last-event-id': '0' }),
      await RawFeed.open(relay.address, { authorization: 'Bearer aaaaaaaaaaaaaaaaaaaaaaaa', 'last-event-id': '0' }),
    ]
    for (const feed of bare) {
      await feed.over()
      expect(feed.status).toBeGreaterThanOrEqual(400)
      expect(feed.text).not.toContain('data:')
    }
  })
})

describe('a stream of the feed [R35]', () => {
  it('ends with signing out', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    await ben.ask('person.sign-out', {})
    await feed.over()
    expect((await listen(ben)).status).toBe(401)
  })

  it('ends when the ticket does', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    clock += dayMs + 1
    await feed.over()
  })

  it('ends with the person', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    await ada.ask('person.remove', { key: ben.key })
    await feed.over()
    await offer('viewer').catch(() => {})
    expect(kinds(await feed.replayed().catch(() => []))).toEqual([])
  })

  it('of which there are ten ends the oldest at the eleventh, and nobody else’s', async () => {
    const adas = await listen(ada)
    const feeds = [await listen(ben)]
    for (let more = 0; more < 10; more++) feeds.push(await listen(ben))
    await feeds[0]?.over()
    await offer('viewer')
    for (const feed of feeds.slice(1)) {
      await feed.replayed()
      expect(await feed.next()).toMatchObject({ kind: 'invited' })
    }
    expect(await adas.replayed()).toEqual([])
  })

  it('that takes nothing is ended instead of being kept in memory', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    feed.pause()
    const length = 50_000
    const events = 600
    for (let told = 0; told < events; told++) {
      relay.people?.feed.add(ben.key, { kind: 'removed', document: text, reason: 'x'.repeat(length) })
      await new Promise((resolve) => setImmediate(resolve))
    }
    feed.resume()
    await feed.over()
    expect(feed.text.length).toBeLessThan(length * events)
  })

  it('does not keep the relay from stopping', async () => {
    const feed = await listen(ben)
    await feed.replayed()
    await relay.close()
    await feed.over()
    relay = await start()
  })
})
