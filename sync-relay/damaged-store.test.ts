/** A store in which bytes have gone bad: one document is not served, and nobody loses any other for it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { newDocumentId } from '../main/engine/identity.ts'
import { RawClient } from '../test/raw-client.ts'
import { createRelay } from './server.ts'

/** A relay with two documents, of which something was done to the first one's rows while it was stopped. */
async function relayWith(damage: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const start = () => createRelay({ port: 0, host: '127.0.0.1', dataDir, isOpen: true, log: pino({ level: 'silent' }) })
  const before = await start()
  const ids = [newDocumentId(), newDocumentId()] as const
  const client = await RawClient.join(before.address)
  const doc = [1, 2, 3, 4].reduce((made, at) => A.change(made, (draft) => void (draft['at'] = at)), A.init<Record<string, number>>())
  for (const [at, id] of ids.entries()) {
    const channel = await client.follow(id)
    client.send({ type: 'changes', channel, changes: A.getAllChanges(doc), number: at + 1 })
    await client.next('ack')
  }
  await before.close()
  const db = new Database(join(dataDir, 'relay.sqlite'))
  db.exec(damage)
  db.close()
  const relay = await start()
  onTestFinished(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
  return { relay, ids, doc }
}

it.each([
  ['a row that is missing', 'delete from changes where document = 1 and row = 1'],
  ['a row that is no change', "update changes set bytes = x'00' where document = 1 and row = 1"],
  ['a snapshot that is none', "insert into snapshots values (1, 2, x'00', x'00')"],
])('a document with %s is answered in words, and the connection goes on [R44]', async (_, damage) => {
  const { relay, ids, doc } = await relayWith(damage)
  for (const live of [true, false]) {
    const client = await RawClient.join(relay.address, { live })
    client.sendSync(ids[0])
    expect(await client.next('error')).toMatchObject({
      code: 'damaged-there',
      documentId: ids[0],
      reason: expect.stringContaining('damaged'),
    })
    client.sendSync(ids[1])
    expect((await client.nextSync()).heads).toEqual(A.getHeads(doc))
    // What a stock client looks for is not waited for without end.
    expect(client.inbox.filter(({ type }) => type === 'doc-unavailable')).toHaveLength(live ? 0 : 1)
  }
})
