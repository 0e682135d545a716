/** Folders that are shared between real apps: what comes into one comes to the others, and what leaves it is not shown any more. */
import { describe, expect, it } from 'vitest'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { FolderId } from '../../../core/ids.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { OpenText, until } from '../testing/test-engine.ts'

const keyOf = async (client: EngineConnection) => (await client.call('engine.info', {})).me.key
const titlesIn = async (client: EngineConnection, folder: FolderId) => {
  const { documents } = await client.call('library.read', {})
  return documents
    .filter((document) => document.folder === folder)
    .map(({ title }) => title)
    .sort()
}
const folderOf = async (client: EngineConnection, id: FolderId) =>
  (await client.call('library.read', {})).folders.find((folder) => folder.id === id)

/** Ada's folder with two texts, one of them in a folder in it, on a relay of which Ben is a member. */
async function poems() {
  const relay = await startRelay()
  const [ada, ben] = [await startWriter(relay), await startWriter(relay)]
  const { id: folder } = await ada.client.call('folder.create', { name: 'Poems', parent: null })
  const { id: inner } = await ada.client.call('folder.create', { name: 'Drafts', parent: folder })
  const { id: rain } = await ada.client.call('document.create', { folder, title: 'Rain' })
  const { id: snow } = await ada.client.call('document.create', { folder: inner, title: 'Snow' })
  const { id: diary } = await ada.client.call('document.create', { folder: null, title: 'Diary' })
  await ada.client.call('folder.share', { id: folder })
  const person = await keyOf(ben.client)
  return { relay, ada, ben, folder, inner, rain, snow, diary, person }
}

async function shared() {
  const all = await poems()
  await all.ada.client.call('folder.grant', { id: all.folder, person: all.person, role: 'editor' })
  await all.ben.client.call('folder.answer', { id: all.folder, accept: true })
  return all
}

describe('a shared folder', () => {
  it('is offered by name, and comes with its documents when it is accepted', async () => {
    const { ada, ben, folder, inner, person, rain } = await poems()
    expect(await folderOf(ada.client, folder)).toMatchObject({ shared: { owner: await keyOf(ada.client) } })
    await ada.client.call('folder.grant', { id: folder, person, role: 'editor' })
    expect(await ben.client.call('invitation.list', {})).toMatchObject([
      { document: null, folder: { id: folder, name: 'Poems' }, role: 'editor' },
    ])
    expect((await ben.client.call('library.read', {})).documents).toEqual([])
    await ben.client.call('folder.answer', { id: folder, accept: true })
    expect(await folderOf(ben.client, folder)).toMatchObject({ name: 'Poems', shared: { owner: await keyOf(ada.client) } })
    expect(await titlesIn(ben.client, folder)).toEqual(['Rain'])
    expect(await folderOf(ben.client, inner)).toMatchObject({ name: 'Drafts', parent: folder, shared: null })
    expect(await titlesIn(ben.client, inner)).toEqual(['Snow'])
    const [theirs, hers] = [await OpenText.open(ben.client, rain), await OpenText.open(ada.client, rain)]
    await theirs.type('By Ben. ')
    await until(() => hers.text.includes('By Ben.'))
    expect((await ada.client.call('folder.access', { id: folder })).people).toMatchObject([
      { role: 'owner' },
      { key: person, role: 'editor' },
    ])
  })

  it('brings what is made in it or moved into it, and not what is elsewhere', async () => {
    const { ada, ben, folder, diary } = await shared()
    await ada.client.call('document.create', { folder, title: 'Hail' })
    await until(async () => (await titlesIn(ben.client, folder)).includes('Hail'))
    expect((await ben.client.call('library.read', {})).documents).toHaveLength(3)
    await ada.client.call('document.move', { ids: [diary], folder })
    await until(async () => (await titlesIn(ben.client, folder)).includes('Diary'))
  })

  it('takes back what leaves it or goes to the trash; the words that were here stay', async () => {
    const { ada, ben, folder, inner, rain, snow } = await shared()
    await ada.client.call('document.move', { ids: [rain], folder: null })
    await until(async () => (await ben.client.call('sync.status', { id: rain })).state === 'refused')
    await ada.client.call('document.trash', { ids: [snow] })
    await until(async () => (await ben.client.call('sync.status', { id: snow })).state === 'refused')
    expect([await titlesIn(ben.client, folder), await titlesIn(ben.client, inner)]).toEqual([['Rain'], ['Snow']])
  })

  it('follows what the owner does with the folders in it', async () => {
    const { ada, ben, folder, inner, rain } = await shared()
    await ada.client.call('folder.rename', { id: inner, name: 'Old drafts' })
    const { id: newest } = await ada.client.call('folder.create', { name: 'Newest', parent: inner })
    await ada.client.call('document.move', { ids: [rain], folder: newest })
    await until(async () => (await titlesIn(ben.client, newest)).includes('Rain'))
    expect(await folderOf(ben.client, inner)).toMatchObject({ name: 'Old drafts', parent: folder })
    expect(await folderOf(ben.client, newest)).toMatchObject({ name: 'Newest', parent: inner })
    await ada.client.call('folder.move', { id: newest, parent: folder })
    await until(async () => (await folderOf(ben.client, newest))?.parent === folder)
  })

  it('leaves what its reader has arranged otherwise', async () => {
    const { ada, ben, folder, inner, rain, snow } = await shared()
    const { id: mine } = await ben.client.call('folder.create', { name: 'Mine', parent: null })
    await ben.client.call('folder.rename', { id: inner, name: 'Unfinished' })
    await ben.client.call('document.move', { ids: [rain], folder: mine })
    await ada.client.call('folder.rename', { id: inner, name: 'Old drafts' })
    await ada.client.call('document.move', { ids: [rain], folder: inner })
    await ada.client.call('document.create', { folder: inner, title: 'Hail' })
    await until(async () => (await titlesIn(ben.client, inner)).includes('Hail'))
    expect(await folderOf(ben.client, inner)).toMatchObject({ name: 'Unfinished' })
    expect(await titlesIn(ben.client, mine)).toEqual(['Rain'])
    await ben.client.call('folder.remove', { id: inner })
    await ada.client.call('document.create', { folder: inner, title: 'Fog' })
    await until(async () => (await titlesIn(ben.client, folder)).includes('Fog'))
    expect(await folderOf(ben.client, inner)).toBeUndefined()
    expect(await ben.client.call('document.open', { id: snow })).toMatchObject({ role: 'editor' })
  })

  it('is caught up with after either of them was away', async () => {
    const { ada, ben, relay, folder } = await shared()
    await relay.stop()
    await ada.client.call('document.create', { folder, title: 'Hail' })
    await ben.engine.close()
    await relay.start()
    const again = await startWriter(null, { dataDir: ben.dataDir })
    await until(async () => (await titlesIn(again.client, folder)).includes('Hail'))
  })

  it('does not bring again what was deleted', async () => {
    const { ada, ben, folder, rain } = await shared()
    await ben.client.call('document.trash', { ids: [rain] })
    await ben.client.call('document.delete', { ids: [rain] })
    await ada.client.call('document.create', { folder, title: 'Hail' })
    await until(async () => (await titlesIn(ben.client, folder)).includes('Hail'))
    expect(await titlesIn(ben.client, folder)).toEqual(['Hail'])
  })

  it('is not removed while it is shared, and is one’s own again when that ends', async () => {
    const { ada, ben, folder, rain } = await shared()
    for (const { client } of [ada, ben])
      await expect(client.call('folder.remove', { id: folder })).rejects.toMatchObject({
        code: 'invalid',
        detail: expect.stringMatching(/shared/),
      })
    await ada.client.call('folder.unshare', { id: folder })
    await until(async () => (await ben.client.call('sync.status', { id: rain })).state === 'refused')
    await until(async () => (await folderOf(ben.client, folder))?.shared === null)
    await ben.client.call('folder.remove', { id: folder })
    expect((await ben.client.call('library.read', {})).documents).toHaveLength(2)
    expect(await folderOf(ada.client, folder)).toMatchObject({ shared: null })
  })

  it('is left by who does not want it any more', async () => {
    const { ada, ben, folder, rain, person } = await shared()
    await ben.client.call('folder.revoke', { id: folder, person })
    await until(async () => (await ben.client.call('sync.status', { id: rain })).state === 'refused')
    expect(await folderOf(ben.client, folder)).toMatchObject({ shared: null })
    expect((await ada.client.call('folder.access', { id: folder })).people).toHaveLength(1)
  })

  it('gives less in a document of which the owner says so', async () => {
    const { ada, ben, rain, snow, person } = await shared()
    await ada.client.call('share.grant', { id: rain, person, role: 'viewer' })
    await until(async () => (await ben.client.call('document.open', { id: rain })).role === 'viewer')
    expect((await ben.client.call('document.open', { id: snow })).role).toBe('editor')
    expect((await ada.client.call('share.access', { id: snow })).people).toMatchObject([{ folder: null }, { key: person, folder: 'Poems' }])
  })
})
