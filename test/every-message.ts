/** Whether a person reads and writes a document at a relay, found out by every message there is about one. */
import * as A from '@automerge/automerge/slim'
import { expect } from 'vitest'
import type { ChangeHash, DocumentId } from '../core/ids.ts'
import type { RawClient } from './raw-client.ts'
import type { RelayPerson } from './relay-person.ts'

const never = Symbol('never')
/** The first of two things to happen, in the order of the connection: what is awaited, or the answer to something sent later. */
const unless = <Value>(awaited: Promise<Value>, later: Promise<unknown>) => Promise.race([awaited, later.then((): typeof never => never)])

interface Tried {
  /** Who follows the document meanwhile. */
  owner: RelayPerson
  /** What it holds. */
  first: A.Doc<Record<string, string>>
  person: RelayPerson
  documentId: DocumentId
}

/** What came of each message about a document: read by request, by sync; written by sync, by the live stream; presence seen by another. */
export async function tryEveryMessage({ owner: follower, first, person, documentId }: Tried) {
  const owner = await follower.connect()
  await owner.follow(documentId)
  const asking = await person.connect()
  asking.sendSync(documentId, {}, 'request')
  const request = await unless(asking.nextSync(), asking.next('doc-unavailable'))
  const syncing = await person.connect()
  syncing.sendSync(documentId, { heads: A.getHeads(first) as ChangeHash[] })
  const sync = await unless(syncing.next('live'), syncing.next('doc-unavailable'))
  const isRead = request !== never
  expect(sync !== never).toBe(isRead)

  const bySync = person.write(first, 'by sync')
  asking.sendSync(documentId, { heads: [A.decodeChange(bySync).hash as ChangeHash], changes: [bySync] })
  const refusal = isRead ? asking.next('error') : asking.next('doc-unavailable')
  const wroteBySync = (await unless(owner.next('changes'), refusal)) !== never
  const live = sync === never ? 'unseen' : await writeLive(syncing, sync.channel, person.write(first, 'live'))
  expect(live === 'taken').toBe(wroteBySync)

  syncing.sendEphemeral(documentId, Uint8Array.of(7))
  const hidden = isRead ? new Promise(() => {}) : syncing.next('doc-unavailable')
  const seen = await unless(owner.next('ephemeral'), hidden)
  expect(seen === never ? null : seen.person).toBe(isRead ? person.key : null)
  // The connections were not ended by any of it.
  for (const client of [asking, syncing]) expect(client.socket.readyState).toBe(client.socket.OPEN)
  return { reads: isRead, writes: live === 'taken' }
}

/** The answer to the first message of the live stream: taken, refused as it should be, or whatever else it was. */
async function writeLive(client: RawClient, channel: number, change: Uint8Array) {
  client.send({ type: 'changes', channel, changes: [change], number: 1 })
  const answer = await Promise.race([client.next('ack'), client.next('error')])
  if (answer.type === 'ack') return 'taken'
  return answer.code === 'not-allowed' && answer.number === 1 ? 'refused' : JSON.stringify(answer)
}
