/** The devices of a person, and where two of them meet, at a real relay. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { closeCodes } from '../../core/protocol/messages.ts'
import { maxSealedLength } from '../../core/protocol/relay-api.ts'
import { inviteTo, RelayPerson } from '../../test/relay-person.ts'
import { migrate } from '../migrations.ts'
import { createRelay, type Relay } from '../server.ts'
import { migrations } from './people-file.ts'

const minuteMs = 60_000
let dataDir: string
let relay: Relay
let clock: number
const start = (dir = dataDir, port = 0) =>
  createRelay({ port, host: '127.0.0.1', dataDir: dir, log: pino({ level: 'silent' }), now: () => clock })

beforeEach(async () => {
  clock = Date.now()
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await start()
})
afterEach(async () => {
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

const document = '2DPGcPVY9MTKzYNjuQXpLLdYpVwM' as DocumentId
function newInvite(): string {
  return inviteTo(relay, { expiresAt: clock + 60 * minuteMs })
}
const secretOf = (invite: string) => /join\/([\w-]+)/.exec(invite)?.[1] ?? ''

/** Ada, who is signed in, with a second device that is too. */
async function twoDevices() {
  const laptop = await RelayPerson.join(relay, 'Ada')
  clock++
  const tablet = laptop.addDevice('Tablet')
  await tablet.signIn()
  return { laptop, tablet }
}

describe('a second device [R30]', () => {
  it('signs in with its own key, and is the same person', async () => {
    const { laptop, tablet } = await twoDevices()
    const mine = laptop.begin()
    await laptop.put(document, A.getAllChanges(mine))
    expect((await tablet.ask('document.access', { documentId: document })).role).toBe('owner')
    expect(await tablet.ask('person.list', {})).toHaveLength(1)
    expect(await tablet.ask('device.list', {})).toMatchObject([
      { key: laptop.device, isThis: false, addedAt: clock - 1 },
      { key: tablet.device, name: 'Tablet', isThis: true },
    ])
  })

  it('writes in the person’s name, and not in its own', async () => {
    const { laptop, tablet } = await twoDevices()
    const mine = laptop.begin()
    await laptop.put(document, A.getAllChanges(mine))
    const client = await tablet.connect()
    client.sendSync(document, { heads: A.getHeads(mine) as never })
    const { channel } = await client.next('live')
    client.send({ type: 'changes', channel, changes: [tablet.write(mine)], number: 1 })
    expect((await client.next('ack')).number).toBe(1)
    const ben = await RelayPerson.join(relay, 'Ben', newInvite())
    await laptop.ask('document.grant', { documentId: document, key: ben.key, role: 'editor' })
    // The key of a device is nobody's name.
    await expect(laptop.ask('document.grant', { documentId: document, key: tablet.device, role: 'editor' })).rejects.toMatchObject({
      problem: 'not-found',
    })
  })

  it('vouches for a third one', async () => {
    const { laptop, tablet } = await twoDevices()
    const phone = tablet.addDevice('Phone')
    await phone.signIn()
    expect(await laptop.ask('device.list', {})).toHaveLength(3)
  })

  it('comes to a relay where its person has never been, with an invite and the whole chain', async () => {
    const { tablet } = await twoDevices()
    const elsewhereDir = mkdtempSync(join(tmpdir(), 'relay-'))
    const elsewhere = await start(elsewhereDir)
    const phone = tablet.addDevice('Phone', elsewhere.address)
    await expect(phone.signIn()).rejects.toMatchObject({ problem: 'no-invite' })
    await phone.signIn({ by: 'invite', secret: secretOf(elsewhere.ownersInvite ?? '') })
    expect(await phone.ask('person.list', {})).toMatchObject([{ key: tablet.key, standing: 'owner' }])
    await elsewhere.close()
    rmSync(elsewhereDir, { recursive: true })
  })

  it.each([
    ['with no voucher', () => []],
    [
      'with a voucher that somebody else signed',
      (eve: RelayPerson, ada: RelayPerson) => [{ ...eve.vouchFor(eve.device, ada.key), by: ada.key }],
    ],
    ['with its own word for it', (eve: RelayPerson, ada: RelayPerson) => [eve.vouchFor(eve.device, ada.key)]],
    ['with a voucher for another device', (_: RelayPerson, ada: RelayPerson) => [ada.vouchFor('ab'.repeat(32) as never)]],
    ['with a voucher that names another person', (eve: RelayPerson, ada: RelayPerson) => [ada.vouchFor(eve.device, eve.device)]],
    [
      'with a chain that does not hold together',
      (eve: RelayPerson, ada: RelayPerson) => [ada.vouchFor('ab'.repeat(32) as never), eve.vouchFor(eve.device, ada.key)],
    ],
  ])('does not become somebody’s %s, also not with an invite', async (_, vouchers) => {
    const ada = await RelayPerson.join(relay, 'Ada')
    const eve = new RelayPerson(relay.address, 'Eve', ada.key)
    eve.vouchers = vouchers(eve, ada)
    const invite = newInvite()
    await expect(eve.signIn({ by: 'invite', secret: secretOf(invite) })).rejects.toMatchObject({ problem: 'device-unknown', status: 403 })
    // The invite is as good as before.
    await RelayPerson.join(relay, 'Ben', invite)
    expect(await ada.ask('device.list', {})).toHaveLength(1)
  })

  it('is one of twenty at most', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    for (let count = 1; count < 20; count++) await ada.addDevice(`Device ${count}`).signIn()
    await expect(ada.addDevice('One more').signIn()).rejects.toMatchObject({ problem: 'too-many' })
    expect(await ada.ask('device.list', {})).toHaveLength(20)
  })

  it('is known after the tables were brought up to date, and so is who was there before', async () => {
    await relay.close()
    const ada = new RelayPerson(relay.address, 'Ada')
    const folder = join(dataDir, 'older')
    mkdirSync(folder)
    const db = new Database(join(folder, 'people.sqlite'))
    migrate(db, migrations.slice(0, 1), 'people.sqlite')
    db.prepare("insert into people values (?, 'Ada', null, null, 'owner', 0, null)").run(ada.key)
    db.close()
    relay = await start(folder, Number(new URL(relay.address).port))
    await ada.signIn()
    expect(await ada.ask('device.list', {})).toMatchObject([{ key: ada.key, isThis: true }])
  })
})

describe('a device that is removed [R31]', () => {
  it('is closed at once with the reason, and cannot come back', async () => {
    const { laptop, tablet } = await twoDevices()
    const [lost, own] = [await tablet.connect(), await laptop.connect()]
    await laptop.ask('device.remove', { key: tablet.device })
    expect((await lost.next('error')).message).toBe('This device was removed by another one of yours.')
    expect(await lost.closed).toBe(closeCodes.refused)
    await expect(tablet.connect()).rejects.toThrow('401')
    await expect(tablet.ask('device.list', {})).rejects.toMatchObject({ problem: 'signed-out' })
    await expect(tablet.signIn()).rejects.toMatchObject({ problem: 'device-removed' })
    await expect(tablet.signIn({ by: 'invite', secret: secretOf(newInvite()) })).rejects.toMatchObject({ problem: 'device-removed' })
    await expect(tablet.addDevice('Phone').signIn()).rejects.toMatchObject({ problem: 'device-unknown' })
    // The person and the other device are where they were.
    own.socket.close()
    expect(await laptop.ask('device.list', {})).toMatchObject([{ key: laptop.device }])
    expect(relay.people?.audit.entries(0, 100)).toMatchObject([
      {},
      {},
      { action: 'device.add', subject: { device: tablet.device } },
      { action: 'device.remove', person: laptop.key, subject: { device: tablet.device } },
      {},
    ])
  })

  it('may be the first one, whose key is the person’s', async () => {
    const { laptop, tablet } = await twoDevices()
    await tablet.ask('device.remove', { key: laptop.device })
    await expect(laptop.signIn()).rejects.toMatchObject({ problem: 'device-removed' })
    await expect(laptop.addDevice('Thief’s phone').signIn()).rejects.toMatchObject({ problem: 'device-unknown' })
    clock += minuteMs
    await tablet.addDevice('New laptop').signIn()
    expect((await tablet.ask('device.list', {})).map(({ name }) => name)).toEqual(['Tablet', 'New laptop'])
  })

  it('is kept away also where it had never been, and that concerns nobody else', async () => {
    const laptop = await RelayPerson.join(relay, 'Ada')
    const tablet = laptop.addDevice('Tablet')
    await laptop.ask('device.remove', { key: tablet.device })
    await expect(tablet.signIn()).rejects.toMatchObject({ problem: 'device-removed' })
    // Mallory cannot keep others from coming by removing keys that are not hers.
    const mallory = await RelayPerson.join(relay, 'Mallory', newInvite())
    const ben = new RelayPerson(relay.address, 'Ben')
    await mallory.ask('device.remove', { key: ben.device })
    await mallory.ask('device.remove', { key: laptop.device })
    await ben.signIn({ by: 'invite', secret: secretOf(newInvite()) })
    await laptop.signIn()
  })

  it('is not the one that asks', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await expect(ada.ask('device.remove', { key: ada.device })).rejects.toMatchObject({ problem: 'not-allowed' })
  })

  it('stays removed when the relay is started again', async () => {
    const { laptop, tablet } = await twoDevices()
    await laptop.ask('device.remove', { key: tablet.device })
    const port = Number(new URL(relay.address).port)
    await relay.close()
    relay = await start(dataDir, port)
    await expect(tablet.signIn()).rejects.toMatchObject({ problem: 'device-removed' })
  })
})

describe('where two devices meet [R32]', () => {
  const meeting = '0123456789abcdef'.repeat(2)
  const elsewhere = 'fedcba9876543210'.repeat(2)
  const stranger = () => new RelayPerson(relay.address, 'Nobody yet')

  it('each reads what the other has left there', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    expect(await ada.ask('pairing.open', { meeting })).toEqual({ expiresAt: clock + 10 * minuteMs })
    expect(await ada.ask('pairing.read', { meeting })).toEqual({ sealed: null })
    expect(await stranger().ask('pairing.fetch', { meeting })).toEqual({ sealed: null })
    await stranger().ask('pairing.ask', { meeting, sealed: 'question' })
    expect(await ada.ask('pairing.read', { meeting })).toEqual({ sealed: 'question' })
    await ada.ask('pairing.answer', { meeting, sealed: 'answer' })
    expect(await stranger().ask('pairing.fetch', { meeting })).toEqual({ sealed: 'answer' })
    await ada.ask('pairing.close', { meeting })
    await expect(stranger().ask('pairing.fetch', { meeting })).rejects.toMatchObject({ problem: 'code-unknown', status: 404 })
  })

  it('one question is taken, and one answer', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await ada.ask('pairing.open', { meeting })
    await expect(ada.ask('pairing.answer', { meeting, sealed: 'early' })).rejects.toMatchObject({ problem: 'not-allowed' })
    await stranger().ask('pairing.ask', { meeting, sealed: 'first' })
    await expect(stranger().ask('pairing.ask', { meeting, sealed: 'second' })).rejects.toMatchObject({ problem: 'code-used' })
    await ada.ask('pairing.answer', { meeting, sealed: 'answer' })
    await expect(ada.ask('pairing.answer', { meeting, sealed: 'another' })).rejects.toMatchObject({ problem: 'not-allowed' })
  })

  it('nobody waits longer than ten minutes, nor at two places', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await ada.ask('pairing.open', { meeting })
    await ada.ask('pairing.open', { meeting: elsewhere })
    await expect(stranger().ask('pairing.ask', { meeting, sealed: 'late' })).rejects.toMatchObject({ problem: 'code-unknown' })
    clock += 10 * minuteMs
    await expect(stranger().ask('pairing.ask', { meeting: elsewhere, sealed: 'late' })).rejects.toMatchObject({ problem: 'code-unknown' })
    await expect(ada.ask('pairing.read', { meeting: elsewhere })).rejects.toMatchObject({ problem: 'code-unknown' })
  })

  it('only who opened it reads the question, answers it, or closes it', async () => {
    const { laptop, tablet } = await twoDevices()
    const mallory = await RelayPerson.join(relay, 'Mallory', newInvite())
    await laptop.ask('pairing.open', { meeting })
    await stranger().ask('pairing.ask', { meeting, sealed: 'question' })
    for (const other of [tablet, mallory]) {
      await expect(other.ask('pairing.open', { meeting })).rejects.toMatchObject({ problem: 'code-used' })
      await expect(other.ask('pairing.read', { meeting })).rejects.toMatchObject({ problem: 'code-unknown' })
      await expect(other.ask('pairing.answer', { meeting, sealed: 'mine' })).rejects.toMatchObject({ problem: 'code-unknown' })
      await expect(other.ask('pairing.close', { meeting })).rejects.toMatchObject({ problem: 'code-unknown' })
    }
    await expect(stranger().ask('pairing.open', { meeting: elsewhere })).rejects.toMatchObject({ problem: 'signed-out' })
    expect(await laptop.ask('pairing.read', { meeting })).toEqual({ sealed: 'question' })
  })

  it('a guesser does not get far', async () => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await ada.ask('pairing.open', { meeting })
    for (let guess = 0; guess < 10; guess++)
      await expect(stranger().ask('pairing.fetch', { meeting: guess.toString(16).padStart(32, '0') })).rejects.toMatchObject({
        problem: 'code-unknown',
      })
    await expect(stranger().ask('pairing.ask', { meeting, sealed: 'lucky' })).rejects.toMatchObject({ problem: 'too-many', status: 429 })
    expect(await ada.ask('pairing.read', { meeting })).toEqual({ sealed: null })
    clock += 15 * minuteMs
    await ada.signIn()
    await ada.ask('pairing.open', { meeting })
    await stranger().ask('pairing.ask', { meeting, sealed: 'right' })
  })

  it.each([
    ['a message that is too long', { meeting, sealed: 'a'.repeat(maxSealedLength + 1) }],
    ['one that is no text of that kind', { meeting, sealed: 'a b' }],
    ['an empty one', { meeting, sealed: '' }],
    ['a name that is too short', { meeting: 'ab', sealed: 'a' }],
  ])('takes no %s', async (_, body) => {
    const ada = await RelayPerson.join(relay, 'Ada')
    await ada.ask('pairing.open', { meeting })
    expect(await stranger().post('pairing.ask', JSON.stringify(body))).toMatchObject({ status: 400 })
    expect(await ada.ask('pairing.read', { meeting })).toEqual({ sealed: null })
  })
})
