/** What a stock client is told of documents that are not here yet: nothing for a moment, in which they may come. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newDocumentId } from '../main/engine/identity.ts'
import { inviteTo, RelayPerson } from '../test/relay-person.ts'
import { createRelay } from './server.ts'

const longer = 600_000

async function startRelay(unavailableMs: number) {
  const dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), limits: { unavailableMs } })
  onTestFinished(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
  const ada = await RelayPerson.join(relay, 'Ada')
  const ben = await RelayPerson.join(relay, 'Ben', inviteTo(relay))
  return { ada, ben, id: newDocumentId() }
}

describe('a stock client that asks for a document that is not here [R14]', () => {
  it('gets it when another device brings it a moment later, and is not told before that it is not here', async () => {
    const { ada, id } = await startRelay(longer)
    const asking = await ada.connect({ live: false })
    asking.sendSync(id, {}, 'request')
    asking.sendSync(id, {}, 'request')
    await ada.put(id, A.getAllChanges(ada.begin()))
    expect((await asking.nextSync()).heads).toHaveLength(1)
    expect(asking.inbox.map(({ type }) => type)).not.toContain('doc-unavailable')
  })

  it('gets it when it is shared with them a moment later', async () => {
    const { ada, ben, id } = await startRelay(longer)
    await ada.put(id, A.getAllChanges(ada.begin()))
    const asking = await ben.connect({ live: false })
    asking.sendSync(id, {}, 'request')
    await ada.ask('document.grant', { documentId: id, key: ben.key, role: 'viewer' })
    await ben.ask('invitation.answer', { documentId: id, accept: true })
    expect((await asking.nextSync()).heads).toHaveLength(1)
    expect(asking.inbox).toEqual([])
  })

  it('is told in the end, the same of one that is not for them', async () => {
    const { ada, ben, id } = await startRelay(1)
    await ada.put(id, A.getAllChanges(ada.begin()))
    const asking = await ben.connect({ live: false })
    for (const each of [id, newDocumentId()]) {
      asking.sendSync(each, {}, 'request')
      expect((await asking.next('doc-unavailable')).documentId).toBe(each)
    }
    expect(asking.inbox).toEqual([])
  })

  it('and for a thousand more is answered at once: no more than that wait', async () => {
    const { ben } = await startRelay(longer)
    const asking = await ben.connect({ live: false })
    for (let count = 0; count < 1_001; count++) asking.sendSync(newDocumentId(), {}, 'request')
    await asking.next('doc-unavailable')
    expect(asking.inbox).toEqual([])
    asking.socket.close()
  })
})
