import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { DocumentId, PersonKey } from '../core/ids.ts'
import { carriersIn } from '../test/carriers.ts'
import { eventually } from '../test/eventually.ts'
import { SqliteStore } from './sqlite-store.ts'

const [rain, snow] = ['2akvofn6L1o4RMUEMQi7qzwRjKWZ', '3bkvofn6L1o4RMUEMQi7qzwRjKWZ'] as DocumentId[] as [DocumentId, DocumentId]
const change = (content: number) => Uint8Array.of(content, content)
const snapshot = (rows: number) => ({ rows, chunk: Uint8Array.of(rows), headers: Uint8Array.of(rows, 0) })

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'))
  file = join(folder, 'relay.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Works on a store, and closes it as a graceful stop does. */
async function using<Result>(work: (store: SqliteStore) => Result | Promise<Result>, options = {}): Promise<Result> {
  const store = new SqliteStore({ file, ...options })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
const plain = (bytes: Uint8Array | null | undefined) => (bytes ? [...bytes] : null)

describe('a store', () => {
  it('gives back what it was given, at once and after it was opened again', async () => {
    const read = (store: SqliteStore) => ({ rain: store.load(rain).tail.map(plain), snow: store.changes(snow, [0, 7]).map(plain) })
    const expected = {
      rain: [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      snow: [[9, 9], null],
    }
    await using((store) => {
      store.append(rain, 0, [change(1), change(2)])
      store.append(snow, 0, [change(9)])
      store.append(rain, 2, [change(3)])
      expect(read(store)).toEqual(expected)
    })
    expect(await using(read)).toEqual(expected)
  })

  it('writes what somebody waits for before the others are due', async () => {
    const aDayMs = 86_400_000
    await using(
      async (store) => {
        store.append(rain, 0, [change(1)])
        await store.durable
        store.append(rain, 1, [change(2)])
        const others = store.durable
        await store.hurry()
        await others
        expect(store.waiting).toBe(0)
      },
      { groupMs: aDayMs, hurriedGroupMs: 0 },
    )
  })

  it('knows nothing of a document that is not there', async () => {
    expect(await using((store) => [store.load(rain), store.snapshot(rain)])).toEqual([{ snapshot: null, tail: [] }, null])
  })

  it('lets a snapshot take the place of the changes in it, and of no others', async () => {
    await using((store) => {
      store.append(rain, 0, [change(0), change(1), change(2)])
      store.append(snow, 0, [change(9)])
      store.putSnapshot(rain, snapshot(2))
    })
    await using((store) => {
      expect(store.load(rain).tail.map(plain)).toEqual([[2, 2]])
      expect(plain(store.load(rain).snapshot?.headers)).toEqual([2, 0])
      expect(store.snapshot(rain)).toMatchObject({ rows: 2 })
      expect(store.changes(rain, [0, 1, 2]).map(plain)).toEqual([null, null, [2, 2]])
      expect(store.load(snow).tail).toHaveLength(1)
    })
  })

  it('keeps its id', async () => {
    const id = await using((store) => store.storageId)
    expect(await using((store) => store.storageId)).toBe(id)
  })

  it('refuses a file that a newer relay wrote', async () => {
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    await expect(using(() => null)).rejects.toThrow(/newer relay/)
  })

  it('has who carried changes as soon as it has these, and no sooner [R23]', async () => {
    const killed = () => {
      const copy = mkdtempSync(join(tmpdir(), 'store-'))
      onTestFinished(() => rmSync(copy, { recursive: true }))
      for (const name of ['relay.sqlite', 'relay.sqlite-wal']) cpSync(join(folder, name), join(copy, name))
      return carriersIn(copy, rain)
    }
    await using(
      async (store) => {
        const by = (person: string, firstRow: number, lastRow: number) => ({ person: person as PersonKey, firstRow, lastRow, at: 1 })
        store.append(rain, 0, [change(0), change(1)], [by('ada', 1, 1)])
        store.append(rain, 2, [change(2), change(3)], [by('ben', 2, 2), by('ada', 3, 3)])
        await store.durable
        expect(killed()).toEqual([null, 'ada', 'ben', 'ada'])
        store.setMaxPages(1)
        store.append(rain, 4, [new Uint8Array(100_000)], [by('cleo', 4, 4)])
        await eventually(() => expect(store.healthy).toBe(false))
        expect(killed()).toEqual([null, 'ada', 'ben', 'ada'])
        store.setMaxPages(10_000)
        await store.durable
        expect(killed()).toEqual([null, 'ada', 'ben', 'ada', 'cleo'])
      },
      { retryMs: 5 },
    )
  })

  it('on a full disk keeps everything in memory, says so, and writes it when there is room [R15]', async () => {
    const health = vi.fn<(error: Error | null) => void>()
    const store = new SqliteStore({ file, retryMs: 5, onHealth: health })
    store.setMaxPages(20)
    store.append(rain, 0, [new Uint8Array(400_000)])
    await eventually(() => expect(store.healthy).toBe(false))
    const states: string[] = []
    const durable = store.durable.finally(() => states.push('durable'))
    store.append(rain, 1, [change(1)])
    await eventually(() => expect(health).toHaveBeenCalledWith(expect.objectContaining({ code: 'SQLITE_FULL' })))
    expect(states).toEqual([])
    store.setMaxPages(10_000)
    await durable
    expect(store.healthy).toBe(true)
    expect(store.load(rain).tail.map((bytes) => bytes.length)).toEqual([400_000, 2])
    await store.close()
  })
})
