import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { DocumentSummary, LibraryChange } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { connect, OpenText, startEngine, temporaryFolder, until } from '../testing/test-engine.ts'

async function library() {
  const dataDir = temporaryFolder()
  const engine = await startEngine(dataDir)
  const client = connect(engine)
  const changes: LibraryChange[] = []
  client.on('library.changed', (change) => changes.push(change))
  const read = () => client.call('library.read', {})
  const document = async (id: DocumentId) => (await read()).documents.find((each) => each.id === id) as DocumentSummary
  const create = (title = '', folder: FolderId | null = null) => client.call('document.create', { folder, title })
  return { dataDir, engine, client, changes, read, document, create }
}

describe('folders', () => {
  it('hold documents and folders, and are there after a restart', async () => {
    const { dataDir, engine, client, create } = await library()
    const outer = await client.call('folder.create', { name: 'Novel', parent: null })
    const inner = await client.call('folder.create', { name: 'Drafts', parent: outer.id })
    const { id } = await create('Chapter one', inner.id)
    await engine.close()
    const { folders, documents } = await connect(await startEngine(dataDir)).call('library.read', {})
    expect(new Set(folders)).toEqual(new Set([outer, inner]))
    expect(documents).toMatchObject([{ id, folder: inner.id, title: 'Chapter one' }])
  })

  it('cannot be put into themselves or into one of their own', async () => {
    const { client, read } = await library()
    const outer = await client.call('folder.create', { name: 'Outer', parent: null })
    const inner = await client.call('folder.create', { name: 'Inner', parent: outer.id })
    for (const parent of [outer.id, inner.id]) {
      await expect(client.call('folder.move', { id: outer.id, parent })).rejects.toMatchObject({ code: 'invalid' })
    }
    expect(new Set((await read()).folders)).toEqual(new Set([outer, inner]))
  })

  it('give what is in them to their parent when they are removed', async () => {
    const { client, read, create, document } = await library()
    const outer = await client.call('folder.create', { name: 'Outer', parent: null })
    const middle = await client.call('folder.create', { name: 'Middle', parent: outer.id })
    const inner = await client.call('folder.create', { name: 'Inner', parent: middle.id })
    const { id } = await create('Inside', middle.id)
    await client.call('folder.remove', { id: middle.id })
    expect(new Set((await read()).folders)).toEqual(new Set([outer, { ...inner, parent: outer.id }]))
    expect((await document(id)).folder).toBe(outer.id)
  })

  it('that are not there are not found', async () => {
    const { client, create } = await library()
    const id = 'nowhere' as FolderId
    await expect(client.call('folder.rename', { id, name: 'x' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(create('x', id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await client.call('library.read', {})).documents).toEqual([])
  })
})

describe('documents in the library', () => {
  it('are renamed in the text itself, and every window is told', async () => {
    const { client, create, document, changes } = await library()
    const { id } = await create('Old')
    const open = await OpenText.open(client, id)
    await client.call('document.rename', { id, title: 'New' })
    await until(() => open.doc.title === 'New')
    await until(async () => (await document(id)).title === 'New')
    expect(changes.at(-1)?.documents).toMatchObject([{ id, title: 'New' }])
    expect(A.getHistory(open.doc).at(-1)?.change.author).toBe((await client.call('engine.info', {})).me.key)
  })

  it('are tagged, pinned, moved, thrown away and brought back', async () => {
    const { client, create, document } = await library()
    const folder = await client.call('folder.create', { name: 'Letters', parent: null })
    const { id } = await create('Dear')
    await client.call('document.tag', { id, tags: ['a', 'b', 'a'] })
    await client.call('document.pin', { id, pinned: true })
    await client.call('document.move', { ids: [id], folder: folder.id })
    expect(await document(id)).toMatchObject({ tags: ['a', 'b'], pinned: true, folder: folder.id, trashedAt: null })
    await client.call('document.trash', { ids: [id] })
    expect((await document(id)).trashedAt).toBeTypeOf('number')
    await client.call('document.restore', { ids: [id] })
    expect(await document(id)).toMatchObject({ trashedAt: null, folder: folder.id })
  })

  it('are deleted for good only from the trash, with their margin', async () => {
    const { client, create, read } = await library()
    const { id } = await create('Secret')
    const { doc } = await OpenText.open(client, id)
    const margin = doc.margin.slice('automerge:'.length) as DocumentId
    await expect(client.call('document.delete', { ids: [id] })).rejects.toMatchObject({ code: 'invalid' })
    await client.call('document.trash', { ids: [id] })
    expect(await client.call('search.query', { text: 'secret', limit: 5 })).toEqual([])
    await client.call('document.delete', { ids: [id] })
    expect((await read()).documents).toEqual([])
    for (const gone of [id, margin]) await expect(client.call('document.open', { id: gone })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are duplicated with their history, and share nothing after that', async () => {
    const { client, create, document } = await library()
    const { id } = await create('Original')
    const original = await OpenText.open(client, id)
    await original.type('same')
    await client.call('document.tag', { id, tags: ['kept'] })
    const copied = await client.call('document.duplicate', { id })
    expect(copied).toMatchObject({ title: 'Copy of Original', words: 1, tags: ['kept'] })
    const copy = await OpenText.open(client, copied.id)
    expect(A.getHistory(copy.doc).length).toBe(A.getHistory(original.doc).length + 1)
    expect(copy.doc.margin).not.toBe(original.doc.margin)
    await copy.type(' but not for long')
    expect([original.text, (await OpenText.open(client, id)).text]).toEqual(['same', 'same'])
    await until(async () => (await document(copied.id)).words === 5)
  })

  it('are imported with their content, found at once, and given a margin', async () => {
    const { client, create, document } = await library()
    const { id: source } = await create('Imported')
    await (await OpenText.open(client, source)).type('a whole saga')
    const { chunks } = await client.call('document.open', { id: source })
    const imported = await client.call('document.create', { folder: null, chunks, createdAt: 5 })
    expect(imported).toMatchObject({ title: 'Imported', words: 3, createdAt: 5 })
    expect((await client.call('search.query', { text: 'saga', limit: 5 })).map((hit) => hit.id)).toContain(imported.id)
    expect(await document(imported.id)).toEqual(imported)
  })

  it('are not made of bytes that are no document', async () => {
    const { client, read } = await library()
    for (const chunks of [[], [Uint8Array.of(1, 2, 3)], [new Uint8Array(1000).fill(0x85)]]) {
      await expect(client.call('document.create', { folder: null, chunks })).rejects.toMatchObject({ code: 'damaged' })
    }
    expect((await read()).documents).toEqual([])
  })

  it('remember where the person was', async () => {
    const { client, create, dataDir, engine } = await library()
    const { id } = await create()
    const place = { anchor: 3, head: 7, scrollTop: 120.5 }
    await client.call('document.remember', { id, place })
    await engine.close()
    const again = connect(await startEngine(dataDir))
    expect((await again.call('document.open', { id })).place).toEqual(place)
  })
})

describe('attachments', () => {
  it('come back as they were', async () => {
    const { client } = await library()
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
    const { url } = await client.call('attachment.create', { type: 'image/png', name: 'a.png', bytes })
    const read = await client.call('attachment.read', { url })
    expect(read).toMatchObject({ type: 'image/png', name: 'a.png' })
    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true)
  })

  it('that are none are refused', async () => {
    const { client, create } = await library()
    const { id } = await create('Text')
    const read = (url: string) => client.call('attachment.read', { url })
    await expect(read(`automerge:${id}`)).rejects.toMatchObject({ code: 'invalid' })
    for (const url of ['automerge:4NMNnkMhL8jXrdJ9jamS58PAVdXu', 'file:///etc/passwd', '']) {
      await expect(read(url)).rejects.toMatchObject({ code: 'not-found' })
    }
  })
})

describe('a first start', () => {
  it('welcomes the person with a document, once', async () => {
    const dataDir = temporaryFolder()
    const titles = async (client: EngineConnection) => (await client.call('library.read', {})).documents.map(({ title }) => title)
    const first = await startEngine(dataDir, { welcome: true })
    expect(await titles(connect(first))).toEqual(['Welcome to Palimpsest'])
    await first.close()
    expect(await titles(connect(await startEngine(dataDir, { welcome: true })))).toEqual(['Welcome to Palimpsest'])
  })
})
