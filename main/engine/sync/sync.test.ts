/** Two writers and a relay: real engines on real folders, a real relay on a free port. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Progress, SyncStatus } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { shareLink } from '../../../core/protocol/share-link.ts'
import { ChangeGraph } from '../../../core/sync/change-graph.ts'
import { createRelay } from '../../../sync-relay/server.ts'
import { SqliteStore } from '../../../sync-relay/sqlite-store.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { OpenText, shareByLink, temporaryFolder, until } from '../testing/test-engine.ts'

/** More changes than go in a first message of their own. */
const longHistory = 600

const statusOf = (client: EngineConnection, id: DocumentId): Promise<SyncStatus> => client.call('sync.status', { id })
const isSent = async (client: EngineConnection, id: DocumentId) => {
  const status = await statusOf(client, id)
  return status.state === 'online' && status.unsent === 0
}

/** A document of one writer that the other one has opened by its link. */
async function sharedText() {
  const relay = await startRelay()
  const [ada, ben] = [await startWriter(relay), await startWriter(null)]
  const { id } = await ada.client.call('document.create', { folder: null, title: 'Rain' })
  const adaText = await OpenText.open(ada.client, id)
  await adaText.type('It began in the night. ')
  const { link } = await shareByLink(ada.client, id)
  expect(await ben.client.call('share.open', { link })).toEqual({ id })
  const benText = await OpenText.open(ben.client, id)
  return { relay, ada, ben, id, link, adaText, benText }
}

/** A document that is stored as one saved chunk. */
async function savedText(client: EngineConnection, write: (text: OpenText) => Promise<unknown>) {
  const first = await OpenText.open(client, (await client.call('document.create', { folder: null })).id)
  await write(first)
  const { id } = await client.call('document.create', { folder: null, chunks: [A.save(first.doc)] })
  return { id, text: first.text }
}

describe('a shared document', () => {
  it('is with the other writer, title, text and margin, when the link was opened', async () => {
    const { ada, ben, id, adaText, benText, relay } = await sharedText()
    expect(benText.text).toBe(adaText.text)
    expect((await ben.client.call('library.read', {})).documents).toMatchObject([{ id, title: 'Rain', relay: relay.address }])
    const { margin } = benText.doc
    const marginId = margin.slice('automerge:'.length) as DocumentId
    expect((await ben.client.call('document.open', { id: marginId })).chunks).not.toEqual([])
    await until(() => isSent(ada.client, id))
  })

  it('goes letter by letter from window to window, both ways', async () => {
    const { adaText, benText } = await sharedText()
    await adaText.type('Ada writes. ')
    await benText.type('Ben writes. ')
    await until(() => adaText.text.includes('Ben writes.') && benText.text.includes('Ada writes.'))
    expect(benText.text).toBe(adaText.text)
  })

  it('is whole again at a relay that was restored from an older copy', async () => {
    const { relay, ada, ben, id, adaText, benText } = await sharedText()
    await until(() => isSent(ada.client, id))
    await relay.stop()
    const copy = relay.copy()
    await relay.start()
    await until(() => isSent(ben.client, id))
    for (let i = 0; i < 20; i++) await Promise.all([adaText.type(`a${i} `), benText.type(`b${i} `)])
    await until(async () => (await isSent(ada.client, id)) && (await isSent(ben.client, id)) && adaText.text.length === benText.text.length)
    await relay.stop()
    await relay.startFrom(copy)
    // What they were told is stored is not, and goes there again without being asked for.
    const cleo = await startWriter(relay)
    const { link } = await shareByLink(ada.client, id)
    await cleo.client.call('share.open', { link })
    const cleoText = await OpenText.open(cleo.client, id)
    await until(() => cleoText.text === adaText.text)
    expect(cleoText.text).toContain('b19 ')
    await until(async () => (await isSent(ada.client, id)) && (await isSent(ben.client, id)))
  })

  it('comes together after both wrote with no relay there', async () => {
    const { relay, ada, ben, id, adaText, benText } = await sharedText()
    await until(() => isSent(ada.client, id))
    await relay.stop()
    for (let i = 0; i < 50; i++) await Promise.all([adaText.type(`a${i} `), benText.type(`b${i} `)])
    await until(async () => (await statusOf(ada.client, id)).state === 'offline')
    expect(await statusOf(ada.client, id)).toMatchObject({ state: 'offline', unsent: 50, syncedAt: expect.any(Number) })
    await relay.start()
    await until(async () => (await isSent(ada.client, id)) && (await isSent(ben.client, id)))
    await until(() => adaText.text.length === benText.text.length)
    expect(benText.text).toBe(adaText.text)
    for (let i = 0; i < 50; i++) expect(adaText.text).toContain(`a${i} `)
  })

  it('comes together after an engine was restarted, and sends only what is new', async () => {
    const { relay, ada, ben, id, adaText, benText } = await sharedText()
    await until(() => isSent(ada.client, id))
    await ada.engine.close()
    await benText.type('Ben alone. ')
    await until(() => isSent(ben.client, id))
    const again = await startWriter(relay, { dataDir: ada.dataDir })
    await until(async () => isSent(again.client, id))
    const text = await OpenText.open(again.client, id)
    await until(() => text.text.includes('Ben alone.'))
    await text.type('Ada again. ')
    await until(() => benText.text.includes('Ada again.'))
    expect(adaText.text).not.toContain('Ben alone.')
  })

  it('brings images that were put in later', async () => {
    const { ada, ben, id, adaText, benText } = await sharedText()
    const { url } = await ada.client.call('attachment.create', { type: 'image/png', name: 'rain.png', bytes: Uint8Array.of(1, 2, 3) })
    await adaText.insertImage(url)
    await until(() => benText.text.length === adaText.text.length)
    await until(async () =>
      ben.client.call('attachment.read', { url }).then(
        () => true,
        () => false,
      ),
    )
    expect(await ben.client.call('attachment.read', { url })).toMatchObject({ name: 'rain.png' })
    await until(() => isSent(ada.client, id))
  }, 60_000)

  it('stays deleted for who deleted it, and stays with the other', async () => {
    const { ada, ben, id, adaText } = await sharedText()
    await ben.client.call('document.trash', { ids: [id] })
    await ben.client.call('document.delete', { ids: [id] })
    await adaText.type('Still here. ')
    await until(() => isSent(ada.client, id))
    expect((await ben.client.call('library.read', {})).documents).toEqual([])
    await expect(ben.client.call('document.open', { id })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('that has a long history tells how far it is, and whoever opens it has its history too', async () => {
    const relay = await startRelay()
    const [ada, ben] = [await startWriter(relay), await startWriter(null)]
    const { id } = await savedText(ada.client, (text) => text.typeMany(longHistory))
    const told: Progress[] = []
    ada.client.on('progress', (progress) => told.push(progress))
    const { link } = await shareByLink(ada.client, id, 'sharing')
    await ben.client.call('share.open', { link, task: 'opening' })
    expect(told.every(({ task, done, total }) => task === 'sharing' && done <= total)).toBe(true)
    const histories = await Promise.all([ada, ben].map(({ client }) => client.call('history.timeline', { id })))
    expect(histories[1]).toEqual(histories[0])
    expect(histories[0]?.reduce((sum, { changes }) => sum + changes, 0)).toBeGreaterThan(longHistory)
    await ben.engine.close()
    const again = await startWriter(null, { dataDir: ben.dataDir })
    expect(await again.client.call('history.timeline', { id })).toEqual(histories[0])
  })

  it('whose sending is cancelled is on no relay, and nothing is lost', async () => {
    const relay = await startRelay()
    const { client } = await startWriter(relay)
    const { id } = await client.call('document.create', { folder: null, title: 'Mine' })
    await until(async () => (await client.call('relay.status', {})).state === 'connected')
    const sharing = client.call('share.create', { id, task: 'sharing' })
    await Promise.all([client.call('task.cancel', { task: 'sharing' }), expect(sharing).rejects.toMatchObject({ code: 'cancelled' })])
    expect(await statusOf(client, id)).toEqual({ state: 'local', saved: true })
    expect((await client.call('document.read', { id }))?.title).toBe('Mine')
  })

  it('that is longer than a frame travels as its changes', async () => {
    const relay = await startRelay()
    const [ada, ben] = [await startWriter(relay, { maxChunkBytes: 1_000 }), await startWriter(null)]
    const { id, text } = await savedText(ada.client, (written) => written.typeMany(longHistory))
    const { link } = await shareByLink(ada.client, id)
    await ben.client.call('share.open', { link })
    expect((await OpenText.open(ben.client, id)).text).toBe(text)
  })

  it('with a change that is longer than a frame stays on this computer, and it is said why', async () => {
    const relay = await startRelay()
    const { client } = await startWriter(relay, { maxChunkBytes: 1_000 })
    const { id } = await savedText(client, (written) => written.type(randomBytes(2_000).toString('hex')))
    const told = { code: 'refused', detail: expect.stringContaining('stays on this computer') }
    await expect(client.call('share.create', { id })).rejects.toMatchObject(told)
    expect(await statusOf(client, id)).toEqual({ state: 'local', saved: true })
  })

  it('shows its links also with no relay there, as they were last', async () => {
    const { relay, ada, id, link } = await sharedText()
    await ada.client.call('share.access', { id })
    await relay.stop()
    expect(await ada.client.call('share.create', { id })).toBeNull()
    expect(await ada.client.call('share.access', { id })).toMatchObject({ isCurrent: false, role: 'owner', links: [{ link }] })
  })

  it('has no link before one is asked for', async () => {
    const { client } = await startWriter(await startRelay())
    const { id } = await client.call('document.create', { folder: null })
    for (let time = 0; time < 2; time++) await client.call('share.create', { id })
    expect(await client.call('share.access', { id })).toMatchObject({ isCurrent: true, role: 'owner', links: [] })
  })

  it('on a relay that is open to all has one link, which nobody needs to make', async () => {
    const relay = await createRelay({
      port: 0,
      host: '127.0.0.1',
      dataDir: temporaryFolder(),
      log: pino({ level: 'silent' }),
      isOpen: true,
    })
    onTestFinished(() => relay.close())
    const [{ client }, ben] = [await startWriter(null), await startWriter(null)]
    await client.call('settings.update', { relay: relay.address })
    const { id } = await client.call('document.create', { folder: null })
    const { link } = await shareByLink(client, id)
    expect(await client.call('share.access', { id })).toMatchObject({ isOpen: true, links: [{ link }] })
    expect(await ben.client.call('share.open', { link })).toEqual({ id })
  })
})

describe('what a writer may get wrong', () => {
  const someone = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId

  /** Listens and behaves like anything but a relay. */
  async function strange(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const website = () => strange(createServer((_, response) => response.end('<h1>Welcome</h1>')))
  const mailServer = () => strange(createTcpServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n')))
  const nobody = async () => {
    const relay = await startRelay()
    await relay.stop()
    return relay.address
  }

  it.each([
    ['a website', website, 'not-a-relay'],
    ['a mail server', mailServer, 'not-a-relay'],
    ['nobody', nobody, 'unreachable'],
  ])('an address where %s is', async (_, find, code) => {
    const { client } = await startWriter(null)
    const address = await find()
    await expect(client.call('relay.test', { address })).rejects.toMatchObject({ code, detail: expect.stringMatching(/\w{4,}/) })
    await expect(
      client.call('share.open', { link: shareLink({ documentId: someone, relay: address, secret: null }) }),
    ).rejects.toMatchObject({ code })
    await client.call('settings.update', { relay: address })
    await until(async () => (await client.call('relay.status', {})).state === code)
    const { id } = await client.call('document.create', { folder: null })
    await expect(client.call('share.create', { id })).rejects.toMatchObject({ code })
    expect(await statusOf(client, id)).toEqual({ state: 'local', saved: true })
  })

  it('no relay is chosen', async () => {
    const { client } = await startWriter(null)
    const { id } = await client.call('document.create', { folder: null })
    await expect(client.call('share.create', { id })).rejects.toMatchObject({ code: 'invalid', detail: expect.stringMatching(/settings/) })
    expect(await client.call('relay.status', {})).toEqual({ address: '', state: 'none', problem: null, isOwner: false })
  })

  it.each(['hello', 'palimpsest://open/x?relay=y', 'https://example.org'])('a link that is none: %s', async (link) => {
    const { client } = await startWriter(null)
    await expect(client.call('share.open', { link })).rejects.toMatchObject({
      code: 'invalid',
      detail: expect.stringMatching(/not a link/),
    })
  })

  it('a link to a document that the relay does not have', async () => {
    const relay = await startRelay()
    const { client } = await startWriter(relay)
    const link = shareLink({ documentId: someone, relay: relay.address, secret: null })
    await expect(client.call('share.open', { link })).rejects.toMatchObject({ code: 'not-found' })
    expect((await client.call('library.read', {})).documents).toEqual([])
  })

  it('a link to a document of which the relay has damaged what it holds', async () => {
    const dataDir = temporaryFolder()
    const store = new SqliteStore({ file: join(dataDir, 'relay.sqlite') })
    const graph = new ChangeGraph()
    const doc = A.change(A.from({ title: 'Rain' }), (draft) => void (draft.title = 'Snow'))
    graph.add(A.getAllChanges(doc))
    const chunk = A.save(doc)
    store.putSnapshot(someone, { rows: graph.size, chunk: chunk.with(20, (chunk[20] ?? 0) ^ 255), headers: graph.pack() })
    await store.close()
    const relay = await createRelay({ port: 0, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), isOpen: true })
    onTestFinished(() => relay.close())
    const { client } = await startWriter(null)
    const link = shareLink({ documentId: someone, relay: relay.address, secret: null })
    const told = { code: 'refused', detail: expect.stringContaining('cannot be read') }
    await expect(client.call('share.open', { link })).rejects.toMatchObject(told)
    expect((await client.call('library.read', {})).documents).toEqual([])
  })

  it('an address that works is good, and is shown as connected', async () => {
    const relay = await startRelay()
    const { client } = await startWriter(relay)
    expect(await client.call('relay.test', { address: relay.address })).toBeNull()
    await until(async () => (await client.call('relay.status', {})).state === 'connected')
    await relay.stop()
    await until(async () => (await client.call('relay.status', {})).state === 'unreachable')
    await relay.start()
    await until(async () => (await client.call('relay.status', {})).state === 'connected')
  })
})
