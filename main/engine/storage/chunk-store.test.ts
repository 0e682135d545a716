import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { Repo } from '@automerge/automerge-repo/slim'
import { NodeFSStorageAdapter } from '@automerge/automerge-repo-storage-nodefs'
import { describe, expect, it } from 'vitest'
import type { DocumentId } from '../../../core/ids.ts'
import { Growing, loadChunks } from '../testing/changes.ts'
import { FailingFiles } from '../testing/failing-files.ts'
import { temporaryFolder, until } from '../testing/test-engine.ts'
import { ChunkFolder } from './chunk-folder.ts'
import { ChunkStore, type DiskState } from './chunk-store.ts'
import { DurableFiles } from './durable-files.ts'

function openStore(dataDir: string, faults = new FailingFiles()) {
  const folder = new ChunkFolder(dataDir, new DurableFiles(join(dataDir, 'tmp'), faults.fs))
  const states: DiskState[] = []
  const store = new ChunkStore({ folder, onDisk: (state) => states.push(state), groupMs: 0, retryMs: 1 })
  const append = (id: DocumentId, ...changes: Uint8Array[]) => store.append(id, changes, () => {})
  const load = async (id: DocumentId) => loadChunks((await folder.read(id)).chunks.flatMap((chunk) => chunk.parts))
  return { folder, store, states, append, load }
}

const pathsIn = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

describe('the chunk store', () => {
  it('gives back what was appended, from a folder opened again', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    await openStore(dataDir).append(growing.id, growing.first, growing.type('one '), growing.type('two'))
    expect((await openStore(dataDir).load(growing.id)).text).toBe('one two')
  })

  it('writes what comes together as one chunk', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const { append } = openStore(dataDir)
    await Promise.all([append(growing.id, growing.first), append(growing.id, growing.type('a')), append(growing.id, growing.type('b'))])
    expect(pathsIn(join(dataDir, 'documents'))).toHaveLength(1)
  })

  it.each([
    ['open', 'ENOSPC', 'disk-full'],
    ['write', 'ENOSPC', 'disk-full'],
    ['write', 'EDQUOT', 'disk-full'],
    ['sync', 'ENOSPC', 'disk-full'],
    ['sync', 'EIO', 'failing'],
    ['rename', 'EROFS', 'read-only'],
    ['sync-folder', 'EACCES', 'read-only'],
  ] as const)('when %s fails with %s, keeps the changes and writes them once it works', async (step, code, state) => {
    const dataDir = temporaryFolder()
    const faults = new FailingFiles()
    const growing = new Growing()
    const { append, load, states, store } = openStore(dataDir, faults)
    await append(growing.id, growing.first)

    faults.failing = { step, code }
    const written = append(growing.id, growing.type('later'))
    await until(() => states.length > 0)
    expect(states).toEqual([state])
    expect(store.pending(growing.id)).toHaveLength(1)
    await expect(store.flush()).rejects.toMatchObject({ code: state === 'failing' ? 'internal' : state })
    expect(['', 'later']).toContain((await load(growing.id)).text)

    faults.failing = null
    await written
    expect(states).toEqual([state, 'ok'])
    expect(store.pending(growing.id)).toEqual([])
    expect((await load(growing.id)).text).toBe('later')
    expect(pathsIn(join(dataDir, 'tmp'))).toEqual([])
  })

  it('keeps the order of a document while one of its writes fails', async () => {
    const faults = new FailingFiles()
    const growing = new Growing()
    const { append, load } = openStore(temporaryFolder(), faults)
    faults.failing = { step: 'write', code: 'ENOSPC' }
    const written = [append(growing.id, growing.first), append(growing.id, growing.type('a')), append(growing.id, growing.type('b'))]
    faults.failing = null
    await Promise.all(written)
    expect((await load(growing.id)).text).toBe('ab')
  })
})

describe('a damaged chunk', () => {
  async function damaged(damage: (file: Buffer) => Buffer) {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const { append, folder } = openStore(dataDir)
    await append(growing.id, growing.first, growing.type('whole '))
    await append(growing.id, growing.type('first '), growing.type('second'))
    const newest = (await folder.chunks(growing.id)).at(-1)
    const path = folder.pathOf(growing.id, newest?.name ?? 'incremental/none')
    writeFileSync(path, damage(readFileSync(path)))
    return { dataDir, growing, ...openStore(dataDir) }
  }

  it.each([
    [
      'with a flipped bit at its end',
      (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.of((file.at(-1) ?? 0) ^ 1)]),
      'whole first ',
    ],
    ['that is cut short', (file: Buffer) => file.subarray(0, file.length - 5), 'whole first '],
    ['that is empty of sense', (file: Buffer) => Buffer.alloc(file.length, 0x85), 'whole '],
    ['with rubbish before it', (file: Buffer) => Buffer.concat([Buffer.from('rubbish'), file]), 'whole first second'],
  ])('%s is set aside, and what is whole is kept', async (_, damage, expected) => {
    const { dataDir, growing, folder, load } = await damaged(damage)
    const read = await folder.read(growing.id)
    expect(read.damaged).toBe(1)
    expect(loadChunks(read.chunks.flatMap((chunk) => chunk.parts)).text).toBe(expected)
    expect(pathsIn(join(dataDir, 'quarantine', growing.id))).toHaveLength(1)

    expect((await folder.read(growing.id)).damaged).toBe(0)
    expect((await load(growing.id)).text).toBe(expected)
  })

  it('in the middle of others costs only itself', async () => {
    const growing = new Growing()
    const { append, folder } = openStore(temporaryFolder())
    await append(growing.id, growing.first)
    const [one, two] = [growing.type('x'.repeat(4000)), growing.type('y'.repeat(4000))]
    await append(growing.id, one, two)
    const newest = (await folder.chunks(growing.id)).at(-1)
    const path = folder.pathOf(growing.id, newest?.name ?? 'incremental/none')
    const bytes = readFileSync(path)
    bytes[40] = (bytes[40] ?? 0) ^ 0xff
    writeFileSync(path, bytes)
    const { chunks } = await folder.read(growing.id)
    expect(chunks.flatMap((chunk) => chunk.parts).map((part) => Buffer.from(part))).toEqual([Buffer.from(growing.first), Buffer.from(two)])
  })
})

describe('the layout of automerge-repo', () => {
  const repoOn = (dataDir: string) => {
    const folder = join(dataDir, 'documents')
    mkdirSync(folder, { recursive: true })
    return new Repo({ storage: new NodeFSStorageAdapter(folder) })
  }

  it('lets a Repo open our folder', async () => {
    const dataDir = temporaryFolder()
    const growing = new Growing()
    const { append, folder } = openStore(dataDir)
    await append(growing.id, growing.first)
    await folder.addSnapshot(growing.id, growing.heads as never, A.save(growing.doc))
    for (const word of ['from ', 'our ', 'store']) await append(growing.id, growing.type(word))
    const handle = await repoOn(dataDir).find<{ text: string }>(growing.id as never)
    expect(handle.doc().text).toBe('from our store')
    expect(A.getHeads(handle.doc())).toEqual(growing.heads)
  })

  it('lets us open the folder of a Repo, and knows its documents', async () => {
    const dataDir = temporaryFolder()
    const repo = repoOn(dataDir)
    const handle = repo.create<{ text: string }>({ text: '' })
    for (const word of ['from ', 'their ', 'store']) {
      handle.change((doc) => A.splice(doc, ['text'], doc.text.length, 0, word))
      await repo.flush()
    }
    const { folder, load } = openStore(dataDir)
    expect((await load(handle.documentId as unknown as DocumentId)).text).toBe('from their store')
    expect(await folder.documents()).toEqual([handle.documentId])
  })
})
