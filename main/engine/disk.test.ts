import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Notice } from '../../core/contract/engine.ts'
import type { EngineConnection } from '../../core/contract/rpc.ts'
import type { DocumentId } from '../../core/ids.ts'
import { fill, smallDisk } from '../../test/small-disk.ts'
import { FailingFiles } from './testing/failing-files.ts'
import { connect, OpenText, silentLog, startEngine, temporaryFolder, until } from './testing/test-engine.ts'

const isRoot = process.getuid?.() === 0

function noticesOf(client: EngineConnection): Notice['kind'][] {
  const kinds: Notice['kind'][] = []
  client.on('notice', (notice) => kinds.push(notice.kind))
  return kinds
}

/** Runs a scenario on a real full disk, or where there can be none, on files that fail as they do on one. */
function fullDisk() {
  const disk = smallDisk()
  if (disk) {
    let empty = () => {}
    return { dataDir: disk, fs: undefined, fill: () => void (empty = fill(disk)), empty: () => empty() }
  }
  const faults = new FailingFiles()
  return {
    dataDir: temporaryFolder(),
    fs: faults.fs,
    fill: () => void (faults.failing = { step: 'write', code: 'ENOSPC' }),
    empty: () => void (faults.failing = null),
  }
}

describe('on a full disk', () => {
  it('what is written stays in memory, is shown to every window, and is durable once there is room', async () => {
    const { dataDir, fs, fill, empty } = fullDisk()
    const engine = await startEngine(dataDir, { fs, timing: { retryMs: 20, indexMs: 5 } })
    const [client, other] = [connect(engine), connect(engine)]
    const notices = noticesOf(client)
    const { id } = await client.call('document.create', { folder: null, title: 'Full' })
    const text = await OpenText.open(client, id)
    await text.type('before ')

    fill()
    const typed = text.type('meanwhile ')
    await until(() => notices.includes('disk-full'))
    expect((await OpenText.open(other, id)).text).toBe('before meanwhile ')
    expect((await client.call('engine.info', {})).notices).toContainEqual({ kind: 'disk-full' })
    await expect(client.call('engine.flush', {})).rejects.toMatchObject({ code: 'disk-full' })
    const { id: another } = await client.call('document.create', { folder: null, title: 'Also kept' })
    await client.call('document.pin', { id: another, pinned: true })
    expect(await client.call('sync.status', { id: another })).toEqual({ state: 'local', saved: false })
    const saved: DocumentId[] = []
    client.on('sync.changed', ({ id, status }) => status.saved && saved.push(id))

    empty()
    await typed
    await until(() => saved.includes(another))
    await until(() => notices.at(-1) === 'disk-ok')
    await client.call('engine.flush', {})
    expect((await client.call('engine.info', {})).notices).toEqual([])
    await engine.close()
    const again = connect(await startEngine(dataDir))
    expect((await OpenText.open(again, id)).text).toBe('before meanwhile ')
    expect((await again.call('library.read', {})).documents).toHaveLength(2)
  })

  it('an engine starts and shows what is there', async () => {
    const { dataDir, fs, fill } = fullDisk()
    const first = await startEngine(dataDir, { fs })
    const client = connect(first)
    const { id } = await client.call('document.create', { folder: null, title: 'There' })
    await (await OpenText.open(client, id)).type('still')
    await first.close()
    fill()
    const again = connect(await startEngine(dataDir, { fs }))
    await until(async () => (await again.call('library.read', {})).documents[0]?.title === 'There')
    expect((await OpenText.open(again, id)).text).toBe('still')
  })
})

describe('on a disk that fails', () => {
  it('the person is told, and what is written meanwhile is durable when it works again', async () => {
    const dataDir = temporaryFolder()
    const faults = new FailingFiles()
    const engine = await startEngine(dataDir, { fs: faults.fs, timing: { retryMs: 20, indexMs: 5 } })
    const client = connect(engine)
    const notices = noticesOf(client)
    const { id } = await client.call('document.create', { folder: null, title: 'Bad sectors' })
    const text = await OpenText.open(client, id)
    faults.failing = { step: 'sync', code: 'EIO' }
    const typed = text.type('kept')
    await until(() => notices.includes('disk-failing'))
    expect((await client.call('engine.info', {})).notices).toEqual([{ kind: 'disk-failing' }])
    faults.failing = null
    await typed
    await until(() => notices.at(-1) === 'disk-ok')
    expect((await client.call('engine.info', {})).notices).toEqual([])
    await engine.close()
    expect((await OpenText.open(connect(await startEngine(dataDir)), id)).text).toBe('kept')
  })
})

describe('in a folder that cannot be written', () => {
  /** Makes everything in a folder unwritable: by a read-only mount for root, whom permissions do not stop. */
  function protect(folder: string): void {
    if (!isRoot) {
      chmodSync(folder, 0o500)
      onTestFinished(() => chmodSync(folder, 0o700))
      return
    }
    execFileSync('mount', ['--bind', folder, folder])
    onTestFinished(() => void execFileSync('umount', ['-l', folder]))
    execFileSync('mount', ['-o', 'remount,ro,bind', folder])
  }

  it('documents are read, and what is written is in memory for as long as the engine lives', async () => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    const { id } = await connect(first).call('document.create', { folder: null, title: 'Old' })
    await first.close()
    protect(dataDir)
    const before = readdirSync(dataDir, { recursive: true }).sort()

    const client = connect(await startEngine(dataDir, { timing: { retryMs: 20, indexMs: 5 } }))
    expect((await client.call('engine.info', {})).notices).toEqual([{ kind: 'read-only', dataDir }])
    expect((await client.call('library.read', {})).documents.map(({ id }) => id)).toEqual([id])
    await until(async () => (await client.call('search.query', { text: 'old', limit: 5 })).length === 1)
    expect((await client.call('engine.info', {})).notices).toEqual([{ kind: 'read-only', dataDir }])
    const text = await OpenText.open(client, id)
    void text.type('not saved').catch(() => {})
    await until(async () => (await client.call('document.open', { id })).chunks.length > 1)
    await expect(client.call('engine.flush', {})).rejects.toMatchObject({ code: 'read-only' })
    expect((await client.call('settings.update', { theme: 'dark' })).theme).toBe('dark')
    expect(readdirSync(dataDir, { recursive: true }).sort()).toEqual(before)
  })

  it('that is empty, there is nothing, and it says why', async () => {
    const dataDir = temporaryFolder()
    protect(dataDir)
    const client = connect(await startEngine(dataDir))
    expect((await client.call('engine.info', {})).notices).toEqual([{ kind: 'read-only', dataDir }])
    expect(await client.call('library.read', {})).toEqual({ folders: [], documents: [] })
  })
})

describe('the index', () => {
  async function written(dataDir: string): Promise<DocumentId> {
    const engine = await startEngine(dataDir)
    const client = connect(engine)
    const { id } = await client.call('document.create', { folder: null, title: 'Rebuilt' })
    await (await OpenText.open(client, id)).type('from the documents')
    await client.call('engine.flush', {})
    await engine.close()
    return id
  }

  it.each([
    ['is deleted', (path: string) => rmSync(path)],
    ['is no database', (path: string) => writeFileSync(path, 'rubbish'.repeat(1000))],
    ['is of another version', (path: string) => patch(path, 60, Buffer.of(0, 0, 0, 99))],
    ['is cut in half', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2))],
    ['has damaged pages', (path: string) => forEachPage(path, (page) => page.fill(0xa5, 0, 64))],
    ['has damaged cells', (path: string) => forEachPage(path, (page) => page.fill(0xa5, page.length - 400))],
    ['has a damaged schema', (path: string) => patch(path, 4000, Buffer.alloc(96, 0xa5))],
    ['holds a name of another table', (path: string) => renameIn(path, 'people', 'peuple')],
    [
      'holds values that do not decode',
      (path: string) => change(path, "UPDATE graphs SET pack = x'07'; UPDATE timelines SET sittings = x'9f'"),
    ],
  ])('that %s is made again from the documents', async (_, damage) => {
    const dataDir = temporaryFolder()
    const id = await written(dataDir)
    damage(join(dataDir, 'index.sqlite'))
    for (let start = 0; start < 2; start++) {
      const engine = await startEngine(dataDir)
      const client = connect(engine)
      expect((await OpenText.open(client, id)).text).toBe('from the documents')
      if (start === 1) await until(async () => (await client.call('search.query', { text: 'documents', limit: 5 })).length === 1)
      await engine.close()
    }
  })

  it('that turns out to be damaged while it is used fails no call, and is made again at the next start', async () => {
    const dataDir = temporaryFolder()
    const id = await written(dataDir)
    change(join(dataDir, 'index.sqlite'), "UPDATE search_data SET block = x'00000000ff'")
    const found = (client: EngineConnection) => client.call('search.query', { text: 'documents', limit: 5 })
    const faults: string[] = []
    const engine = await startEngine(dataDir, { log: { ...silentLog, error: (message) => faults.push(message) } })
    const client = connect(engine)
    expect(await found(client)).toEqual([])
    await (await OpenText.open(client, id)).type('!')
    expect(faults.filter((fault) => fault.includes('the index is damaged'))).toHaveLength(1)
    await engine.close()

    const again = await startEngine(dataDir)
    await until(async () => (await found(connect(again))).length === 1)
    expect(readdirSync(dataDir)).not.toContain('index.sqlite-damaged')
  })

  it('tells that it was made again, also a window that opens later', async () => {
    const dataDir = temporaryFolder()
    await written(dataDir)
    rmSync(join(dataDir, 'index.sqlite'))
    const engine = await startEngine(dataDir)
    const client = connect(engine)
    const rebuilt = { kind: 'index-rebuilt', documents: 1 }
    await until(async () => (await client.call('engine.info', {})).notices.some(({ kind }) => kind === rebuilt.kind))
    expect((await connect(engine).call('engine.info', {})).notices).toEqual([rebuilt])
    expect((await client.call('library.read', {})).documents).toMatchObject([{ title: 'Rebuilt', words: 3 }])
  })

  function patch(path: string, at: number, bytes: Buffer): void {
    const file = readFileSync(path)
    bytes.copy(file, at)
    writeFileSync(path, file)
  }

  /** Damages every page but the first, which says what the file is. */
  function forEachPage(path: string, damage: (page: Buffer) => void): void {
    const file = readFileSync(path)
    for (let at = 4096; at < file.length; at += 4096) damage(file.subarray(at, at + 4096))
    writeFileSync(path, file)
  }

  function renameIn(path: string, from: string, to: string): void {
    const file = readFileSync(path)
    for (let at = file.indexOf(from); at !== -1; at = file.indexOf(from, at + 1)) file.write(to, at)
    writeFileSync(path, file)
  }

  function change(path: string, sql: string): void {
    const database = new Database(path)
    // Otherwise the tables of the search are protected.
    database.unsafeMode(true)
    database.exec(sql)
    database.close()
  }
})

describe('a damaged document', () => {
  it('opens with what is whole, says so, and can be written in', async () => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    const client = connect(first)
    const { id } = await client.call('document.create', { folder: null, title: 'Torn' })
    const text = await OpenText.open(client, id)
    for (const word of ['one ', 'two ', 'three ']) await text.type(word)
    await first.close()
    const folder = join(dataDir, 'documents', id.slice(0, 2), id.slice(2), 'incremental')
    const [newest = ''] = readdirSync(folder)
      .map((name) => join(folder, name))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    writeFileSync(newest, readFileSync(newest).subarray(0, 30))

    const engine = await startEngine(dataDir)
    const again = connect(engine)
    const notices = noticesOf(again)
    const opened = await again.call('document.open', { id })
    expect(opened.damage).toEqual({ chunks: 1, recoverable: false })
    expect(notices).toEqual(['damaged'])
    const mended = await OpenText.open(again, id)
    expect(mended.text).toBe('one two ')
    await mended.type('four')
    await engine.close()
    expect((await OpenText.open(connect(await startEngine(dataDir)), id)).text).toBe('one two four')
  })
})

describe('a damaged library', () => {
  it.each([
    ['of which a part is gone', (files: string[]) => writeFileSync(files.at(-1) ?? '', 'torn'), [{ kind: 'damaged', of: 'library' }]],
    ['that is gone', (files: string[]) => files.forEach((file) => rmSync(file)), []],
  ])('%s gets back every document that is on the disk', async (_, damage, told) => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    const client = connect(first)
    for (const title of ['One', 'Two', 'Three']) await client.call('document.create', { folder: null, title })
    await client.call('attachment.create', { type: 'image/png', name: '', bytes: Uint8Array.of(1) })
    await first.close()
    const { library } = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8'))
    const folder = join(dataDir, 'documents', library.slice(0, 2), library.slice(2), 'incremental')
    damage(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs),
    )

    const again = connect(await startEngine(dataDir))
    const { documents } = await again.call('library.read', {})
    expect(documents.map(({ title }) => title).sort()).toEqual(['One', 'Three', 'Two'])
    expect((await again.call('engine.info', {})).notices).toMatchObject(told)
  })

  it('keeps the person who they are when one of the two identity files is damaged', async () => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    const { me } = await connect(first).call('engine.info', {})
    await connect(first).call('document.create', { folder: null, title: 'Mine' })
    await first.close()
    writeFileSync(join(dataDir, 'identity.json'), '{"version":1')
    const client = connect(await startEngine(dataDir))
    expect((await client.call('engine.info', {})).me.key).toBe(me.key)
    expect((await client.call('library.read', {})).documents).toHaveLength(1)
    expect(statSync(join(dataDir, 'identity.json')).mode & 0o777).toBe(0o600)
  })
})

describe('an identity that cannot be read', () => {
  async function written(dataDir: string) {
    const engine = await startEngine(dataDir)
    const client = connect(engine)
    for (const title of ['One', 'Two']) await client.call('document.create', { folder: null, title })
    const { me } = await client.call('engine.info', {})
    await engine.close()
    return me.key
  }
  const paths = (dataDir: string) => ['identity.json', 'identity.copy.json'].map((name) => join(dataDir, name))
  const open = async (dataDir: string) => {
    const engine = await startEngine(dataDir, { welcome: true })
    const { me, notices } = await connect(engine).call('engine.info', {})
    const { documents } = await connect(engine).call('library.read', {})
    return { engine, key: me.key, notices, titles: documents.map(({ title }) => title).sort() }
  }

  it('is set aside, and every document is listed under a new one, which stays', async () => {
    const dataDir = temporaryFolder()
    const key = await written(dataDir)
    for (const path of paths(dataDir)) writeFileSync(path, '{"version":1')
    const first = await open(dataDir)
    expect(first.key).not.toBe(key)
    expect(first.notices).toEqual([{ kind: 'identity-lost', documents: 2 }])
    expect(first.titles).toEqual(['One', 'Two'])
    for (const path of paths(join(dataDir, 'quarantine'))) expect(readFileSync(path, 'utf8')).toBe('{"version":1')
    await first.engine.close()
    expect(await open(dataDir)).toMatchObject({ key: first.key, notices: [], titles: ['One', 'Two'] })
  })

  it('never takes the place of what was set aside before', async () => {
    const dataDir = temporaryFolder()
    await written(dataDir)
    for (const bytes of ['first', 'second']) {
      for (const path of paths(dataDir)) writeFileSync(path, bytes)
      await (await open(dataDir)).engine.close()
    }
    const kept = paths(join(dataDir, 'quarantine')).flatMap((path) => [path, `${path}.2`])
    expect(kept.map((path) => readFileSync(path, 'utf8'))).toEqual(['first', 'second', 'first', 'second'])
  })

  it('because it is missing loses no document either', async () => {
    const dataDir = temporaryFolder()
    await written(dataDir)
    for (const path of paths(dataDir)) rmSync(path)
    expect(await open(dataDir)).toMatchObject({ notices: [{ kind: 'identity-lost', documents: 2 }], titles: ['One', 'Two'] })
  })
})

describe('a clock', () => {
  it.each([
    ['in 1970', 0],
    ['before 1970', -86_400_000],
    ['in the far future', 4_102_444_800_000],
  ])('%s changes labels and nothing else', async (_, time) => {
    const dataDir = temporaryFolder()
    const engine = await startEngine(dataDir, { now: () => time })
    const client = connect(engine)
    const { id } = await client.call('document.create', { folder: null, title: 'When' })
    const text = await OpenText.open(client, id)
    await text.type('now', time)
    await until(async () => (await client.call('history.timeline', { id }))[0]?.inserted === 4)
    expect(await client.call('history.timeline', { id })).toMatchObject([{ changes: 2, startedAt: time, endedAt: time }])
    await client.call('document.trash', { ids: [id] })
    await client.call('document.restore', { ids: [id] })
    await engine.close()
    expect((await OpenText.open(connect(await startEngine(dataDir)), id)).text).toBe('now')
  })
})
