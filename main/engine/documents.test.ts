import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { DocumentWork } from './document-work.ts'
import { Documents } from './documents.ts'
import { openIndexDatabase } from './index/database.ts'
import { openTables } from './index/tables.ts'
import { ChunkFolder } from './storage/chunk-folder.ts'
import { Compaction } from './storage/compaction.ts'
import { DurableFiles } from './storage/durable-files.ts'
import { claimingOperations, Growing, loadChunks } from './testing/changes.ts'
import { temporaryFolder } from './testing/test-engine.ts'

function openDocuments(dataDir: string) {
  const { database, tables } = openIndexDatabase(dataDir, { openTables })
  const work = new DocumentWork()
  const folder = new ChunkFolder(dataDir, new DurableFiles(join(dataDir, 'tmp')))
  const damaged: DocumentId[] = []
  const documents = new Documents({ folder, work, graphs: tables.graphs, onDisk: () => {}, onDamage: (id) => damaged.push(id), groupMs: 0 })
  const close = async () => {
    await documents.flush()
    await work.close()
    database.close()
  }
  onTestFinished(close)
  const load = async (id: DocumentId) => loadChunks((await documents.chunks(id)).chunks)
  return { documents, folder, database, damaged, load, close }
}

describe('documents', () => {
  it('tell of a change before it is durable, and again when it is', async () => {
    const { documents } = openDocuments(temporaryFolder())
    const growing = new Growing()
    const events: string[] = []
    documents.onAccepted(({ changes }) => events.push(`accepted ${changes.length}, durable: ${documents.isDurable(growing.id)}`))
    documents.onDurable(({ hashes }) => events.push(`durable ${hashes.length}`))
    const { heads } = await documents.accept(growing.id, [growing.first, growing.type('a')], 'engine')
    expect(heads).toEqual(growing.heads)
    expect(events).toEqual(['accepted 2, durable: false', 'durable 2'])
  })

  it('have the same graph after a restart, from the index and without it', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const first = openDocuments(dataDir)
    await first.documents.accept(growing.id, [growing.first, growing.type('a')], 'engine')
    await first.documents.accept(growing.id, [growing.type('b')], 'engine')
    await first.close()

    const second = openDocuments(dataDir)
    expect((await second.documents.graph(growing.id)).heads).toEqual(growing.heads)
    second.database.exec('DELETE FROM graphs; DELETE FROM chunks')
    second.documents.forgetIdle()
    await second.close()
    const graph = await openDocuments(dataDir).documents.graph(growing.id)
    expect(graph.heads).toEqual(growing.heads)
    expect(graph.size).toBe(3)
  })

  it('do not believe an index that knows more than the files', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const first = openDocuments(dataDir)
    await first.documents.accept(growing.id, [growing.first], 'engine')
    await first.documents.accept(growing.id, [growing.type('lost')], 'engine')
    await first.close()

    const { folder } = first
    const [, newest] = await folder.chunks(growing.id)
    await folder.removeChunks(growing.id, newest ? [newest.name] : [])
    expect((await openDocuments(dataDir).documents.graph(growing.id)).size).toBe(1)
  })

  it('see changes that another program added to the folder', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const first = openDocuments(dataDir)
    await first.documents.accept(growing.id, [growing.first], 'engine')
    await first.close()
    await first.folder.append(growing.id, [growing.type('from outside')])
    expect((await openDocuments(dataDir).documents.graph(growing.id)).heads).toEqual(growing.heads)
  })

  it('give the bytes of any change, also of one in a snapshot', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    for (const letter of 'snapshot') growing.type(letter)
    const inSnapshot = growing.heads
    const first = openDocuments(dataDir)
    await first.folder.addSnapshot(growing.id, growing.heads as never, A.save(growing.doc))
    const tail = [growing.type(' and'), growing.type(' tail')]
    await first.documents.accept(growing.id, tail, 'engine')
    await first.close()

    const { documents } = openDocuments(dataDir)
    const buffers = (changes: readonly Uint8Array[]) => changes.map((change) => Buffer.from(change))
    expect(buffers(await documents.changesSince(growing.id, inSnapshot as never))).toEqual(buffers(tail))
    expect(buffers(await documents.changesSince(growing.id, []))).toEqual(buffers(A.getAllChanges(growing.doc)))
    expect(buffers(await documents.bytesOf(growing.id, inSnapshot as never))).toEqual(
      buffers(A.getAllChanges(growing.doc).filter((change) => inSnapshot.includes(A.decodeChange(change).hash))),
    )
  })

  it('keep changes whose dependencies have not come out of the store, and take them when those come', async () => {
    const { documents, load } = openDocuments(temporaryFolder())
    const growing = new Growing()
    const [second, third] = [growing.type('b'), growing.type('c')]
    const early = await documents.accept(growing.id, [third], { relay: 'wss://relay' })
    expect(early.waiting).toHaveLength(1)
    expect(await documents.has(growing.id)).toBe(false)
    await documents.accept(growing.id, [growing.first, second], { relay: 'wss://relay' })
    expect((await load(growing.id)).text).toBe('bc')
  })

  it('refuse poison before it is stored', async () => {
    const { documents, load } = openDocuments(temporaryFolder())
    const growing = new Growing()
    await documents.accept(growing.id, [growing.first, growing.type('good')], 'engine')
    const decoded = A.decodeChange(A.getLastLocalChange(growing.doc) as Uint8Array)
    const forged = { ...decoded, hash: undefined, seq: decoded.seq + 1, startOp: decoded.startOp + 50, deps: [] as string[] }
    const skipping = A.encodeChange({ ...forged, deps: decoded.deps })
    const twice = A.encodeChange({ ...forged, seq: decoded.seq, deps: decoded.deps })
    const { refused, heads } = await documents.accept(growing.id, [skipping, twice, Uint8Array.of(1, 2, 3)], 'engine')
    expect(refused.map(({ error }) => error.code)).toEqual(['refused', 'refused', 'damaged'])
    expect(heads).toEqual(growing.heads)
    expect((await load(growing.id)).text).toBe('good')
  })

  it('take a paste of two megabytes, and what is typed after it, in order', { timeout: 120_000 }, async () => {
    const { documents, folder } = openDocuments(temporaryFolder())
    const growing = new Growing()
    const changes = [growing.first, growing.type('All happy families are alike. '.repeat(70_000)), growing.type('!')]
    const accepted = await Promise.all(changes.map((change) => documents.accept(growing.id, [change], 'engine')))
    expect(accepted.map(({ refused, waiting }) => [refused, waiting])).toEqual([
      [[], []],
      [[], []],
      [[], []],
    ])
    expect(accepted.at(-1)?.heads).toEqual(growing.heads)
    const stored = (await folder.read(growing.id)).chunks.flatMap((chunk) => chunk.parts)
    expect(stored.map((part) => Buffer.from(part))).toEqual(changes.map((change) => Buffer.from(change)))
  })

  it('refuse a few bytes that claim a billion operations, and go on', async () => {
    const { documents } = openDocuments(temporaryFolder())
    const growing = new Growing()
    await documents.accept(growing.id, [growing.first], 'engine')
    const { refused } = await documents.accept(growing.id, [claimingOperations(growing.type('a'))], 'engine')
    expect(refused.map(({ error }) => error.code)).toEqual(['damaged'])
    expect((await documents.accept(growing.id, [growing.type('b')], 'engine')).waiting).toHaveLength(1)
  })
})

describe('compaction', () => {
  async function compacted(options: { maxIncrementalFiles: number; minSnapshotBytes: number }) {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const opened = openDocuments(dataDir)
    const faults: unknown[] = []
    const compaction = new Compaction({ documents: opened.documents, onFault: (error) => faults.push(error), ...options })
    await opened.documents.accept(growing.id, [growing.first], 'engine')
    for (let count = 0; count < 30; count++) await opened.documents.accept(growing.id, [growing.type(`${count} `)], 'engine')
    await compaction.compact(growing.id)
    expect(faults).toEqual([])
    const names = (await opened.folder.chunks(growing.id)).map((file) => file.name.split('/')[0])
    await opened.close()
    return { dataDir, growing, names }
  }

  it('joins many small chunks', async () => {
    const { dataDir, growing, names } = await compacted({ maxIncrementalFiles: 8, minSnapshotBytes: 1_000_000 })
    expect(names.length).toBeLessThan(10)
    const { documents, load } = openDocuments(dataDir)
    expect((await documents.graph(growing.id)).heads).toEqual(growing.heads)
    expect((await load(growing.id)).text).toBe(growing.doc.text)
  })

  it('makes a snapshot when there is more beside it than in it', async () => {
    const { dataDir, growing, names } = await compacted({ maxIncrementalFiles: 1000, minSnapshotBytes: 100 })
    expect(names.filter((name) => name === 'snapshot')).toHaveLength(1)
    const { documents, load } = openDocuments(dataDir)
    expect((await documents.graph(growing.id)).heads).toEqual(growing.heads)
    expect((await load(growing.id)).text).toBe(growing.doc.text)
  })

  it('leaves a damaged document alone', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const { documents, folder, close } = openDocuments(dataDir)
    await folder.append(growing.id, [growing.first])
    const missing = growing.type('missing')
    await folder.append(growing.id, [growing.type('waits for it')])
    const before = (await folder.chunks(growing.id)).map((file) => file.name)
    await new Compaction({ documents, onFault: () => {}, maxIncrementalFiles: 1, minSnapshotBytes: 1 }).compact(growing.id)
    expect((await folder.chunks(growing.id)).map((file) => file.name)).toEqual(before)
    await close()
    const again = openDocuments(dataDir)
    await again.documents.accept(growing.id, [missing], 'engine')
    expect((await again.load(growing.id)).text).toBe('missingwaits for it')
  })
})
