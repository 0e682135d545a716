/** What others do that concerns a person, as their app is told of it by a relay. */
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { FeedItem } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { OpenText, until } from '../testing/test-engine.ts'

const keyOf = async (client: EngineConnection) => (await client.call('engine.info', {})).me.key

/** A window that takes what it is told of. */
function listen(client: EngineConnection): FeedItem[] {
  const items: FeedItem[] = []
  const take = async () => void items.push(...(await client.call('feed.take', {})))
  client.on('feed.changed', () => void take())
  void take()
  return items
}

/** Ada has a text on a relay of which Ben is a member. */
async function adaAndBen() {
  const relay = await startRelay()
  const [ada, ben] = [await startWriter(relay), await startWriter(relay)]
  await ada.client.call('person.update', { name: 'Ada', color: 3 })
  const { id } = await ada.client.call('document.create', { folder: null, title: 'Rain' })
  await OpenText.open(ada.client, id)
  await ada.client.call('share.create', { id })
  const person = await keyOf(ben.client)
  return { relay, ada, ben, id, offer: (role: 'viewer' | 'editor') => ada.client.call('share.grant', { id, person, role }), person }
}

describe('the feed of a person', () => {
  it('tells of an offer, of another role and of its end, by whom and of which document', async () => {
    const { ada, ben, id, offer, person } = await adaAndBen()
    const items = listen(ben.client)
    await offer('viewer')
    await until(() => items.length === 1)
    const from = { key: await keyOf(ada.client), name: 'Ada', color: 3 }
    expect(items[0]).toMatchObject({ kind: 'invited', document: id, title: null, role: 'viewer', from })
    await ben.client.call('invitation.answer', { document: id, accept: true })
    await offer('editor')
    await until(() => items.length === 2)
    expect(items[1]).toMatchObject({ kind: 'role', title: 'Rain', role: 'editor' })
    await ada.client.call('share.revoke', { id, person })
    await until(() => items.length === 3)
    expect(items[2]).toMatchObject({ kind: 'removed', title: 'Rain', reason: 'The owner no longer shares this document with you.' })
  })

  it('tells of what somebody writes in the margin, and of a mention also when its relay was away', async () => {
    const { relay, ada, ben, id, person, offer } = await adaAndBen()
    await offer('editor')
    await ben.client.call('invitation.answer', { document: id, accept: true })
    const [adas, bens] = [listen(ada.client), listen(ben.client)]
    const { doc } = await OpenText.open(ben.client, id)
    const margin = await OpenText.open(ben.client, doc.margin.slice('automerge:'.length) as typeof id)
    margin.doc = A.change(margin.doc, (draft) => void Object.assign(draft, { title: 'Really?' }))
    await margin.send()
    await until(() => adas.some(({ kind }) => kind === 'comment'))
    const told = { document: id, title: 'Rain', folder: null, role: null }
    expect(adas).toEqual([expect.objectContaining({ kind: 'comment', ...told, from: expect.objectContaining({ key: person }) })])
    await relay.stop()
    await ada.client.call('share.mention', { id, people: [person] })
    await ada.engine.close()
    await relay.start()
    // Said at the next start.
    await startWriter(null, { dataDir: ada.dataDir })
    await until(() => bens.some(({ kind }) => kind === 'mention'))
    expect(bens.filter(({ kind }) => kind === 'mention')).toEqual([
      expect.objectContaining({ ...told, from: expect.objectContaining({ name: 'Ada' }) }),
    ])
  })

  it('keeps no mention that the relay refuses, and goes on with the next', async () => {
    const { relay, ada, ben, id, person, offer } = await adaAndBen()
    await offer('editor')
    await ben.client.call('invitation.answer', { document: id, accept: true })
    const other = await ben.client.call('document.create', { folder: null, title: 'Snow' })
    await ben.client.call('share.create', { id: other.id })
    await ben.client.call('share.grant', { id: other.id, person: await keyOf(ada.client), role: 'viewer' })
    await ada.client.call('invitation.answer', { document: other.id, accept: true })
    const items = listen(ada.client)
    await ben.engine.close()
    const again = await startWriter(null, { dataDir: ben.dataDir })
    await relay.stop()
    for (const each of [id, other.id]) await again.client.call('share.mention', { id: each, people: [await keyOf(ada.client)] })
    await again.engine.close()
    await relay.start()
    await ada.client.call('share.revoke', { id, person })
    await startWriter(null, { dataDir: ben.dataDir })
    await until(() => items.some(({ kind }) => kind === 'mention'))
    expect(items.filter(({ kind }) => kind === 'mention')).toMatchObject([{ document: other.id }])
  })

  it('takes no mention of who may only read, or in a document that is on no relay', async () => {
    const { ada, ben, id, person, offer } = await adaAndBen()
    await offer('viewer')
    await ben.client.call('invitation.answer', { document: id, accept: true })
    const mention = ben.client.call('share.mention', { id, people: [await keyOf(ada.client)] })
    await expect(mention).rejects.toMatchObject({ code: 'not-allowed' })
    const own = await ada.client.call('document.create', { folder: null })
    await expect(ada.client.call('share.mention', { id: own.id, people: [person] })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is given to one window, once', async () => {
    const { ben, offer } = await adaAndBen()
    const items = listen(ben.client)
    await offer('viewer')
    await until(() => items.length === 1)
    expect(await ben.client.call('feed.take', {})).toEqual([])
  })

  it('brings what came while the app was closed', async () => {
    const { ben, offer } = await adaAndBen()
    const items = listen(ben.client)
    await offer('viewer')
    await until(() => items.length === 1)
    await ben.engine.close()
    await offer('editor')
    const again = await startWriter(null, { dataDir: ben.dataDir })
    const later = listen(again.client)
    await until(() => later.length === 1)
    expect(later[0]).toMatchObject({ kind: 'invited', role: 'editor' })
  })

  it('brings again what no window took', async () => {
    const { ben, offer } = await adaAndBen()
    let isTold = false
    ben.client.on('feed.changed', () => (isTold = true))
    await offer('viewer')
    await until(() => isTold)
    await ben.engine.close()
    const again = await startWriter(null, { dataDir: ben.dataDir })
    const items = listen(again.client)
    await until(() => items.length === 1)
  })

  it('goes on after the relay was away, and misses nothing', async () => {
    const { relay, ada, ben, offer } = await adaAndBen()
    const items = listen(ben.client)
    await offer('viewer')
    await until(() => items.length === 1)
    await relay.stop()
    await relay.start()
    await until(async () => (await ada.client.call('relay.status', {})).state === 'connected')
    await offer('editor')
    await until(() => items.length === 2)
    expect(items[1]).toMatchObject({ kind: 'invited', role: 'editor' })
  })
})
