/** What becomes of what a person writes in a document that they may only read. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { EngineEvents } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { FailingFiles } from '../testing/failing-files.ts'
import { connect, OpenText, until } from '../testing/test-engine.ts'

const keyOf = async (client: EngineConnection) => (await client.call('engine.info', {})).me.key
const titlesOf = async (client: EngineConnection) => (await client.call('library.read', {})).documents.map(({ title }) => title).sort()
const shownIn = async (client: EngineConnection, id: DocumentId) => (await OpenText.open(client, id)).text

/** A text of Ada's that Ben may edit, open at both. */
async function sharedWithBen(options: Parameters<typeof startWriter>[1] = {}) {
  const relay = await startRelay()
  const [ada, ben] = [await startWriter(relay), await startWriter(relay, options)]
  const { id } = await ada.client.call('document.create', { folder: null, title: 'Rain' })
  const hers = await OpenText.open(ada.client, id)
  await hers.type('It began in the night. ')
  await ada.client.call('share.create', { id })
  const person = await keyOf(ben.client)
  const give = (role: 'viewer' | 'editor') => ada.client.call('share.grant', { id, person, role })
  await give('editor')
  await ben.client.call('invitation.answer', { document: id, accept: true })
  const theirs = await OpenText.open(ben.client, id)
  const replaced: EngineEvents['document.replaced'][] = []
  ben.client.on('document.replaced', (event) => replaced.push(event))
  const roleOfBen = async () => (await ben.client.call('document.open', { id })).role
  return { relay, ada, ben, id, hers, theirs, give, replaced, roleOfBen }
}

describe('an edit of a reader', () => {
  it('goes to a private copy with all before it, and the shared document goes on as the relay has it', async () => {
    const { ada, ben, id, hers, theirs, give, replaced } = await sharedWithBen()
    await theirs.type('Ben as an editor. ')
    await until(() => hers.text.includes('as an editor'))
    await give('viewer')
    await theirs.type('Ben as a reader. ')
    await until(() => replaced.length === 1)
    const { copy, title } = replaced[0] as (typeof replaced)[0]
    expect(title).toBe('Private copy of Rain')
    expect(await titlesOf(ben.client)).toEqual(['Private copy of Rain', 'Rain'])
    expect(await shownIn(ben.client, copy)).toBe('It began in the night. Ben as an editor. Ben as a reader. ')
    expect(await ben.client.call('sync.status', { id: copy })).toEqual({ state: 'local', saved: true })
    const again = await OpenText.open(ben.client, id)
    expect(again.text).toBe('It began in the night. Ben as an editor. ')
    await hers.type('Ada goes on. ')
    await until(() => again.text.includes('Ada goes on.'))
    expect(hers.text).not.toContain('as a reader')
    expect((await ada.client.call('library.read', {})).documents).toHaveLength(1)
  })

  it('that was made with no connection goes there when there is one', async () => {
    const { ada, relay, ben, id, hers, theirs, give, replaced } = await sharedWithBen()
    await give('viewer')
    await until(async () => (await ben.client.call('document.open', { id })).role === 'viewer')
    await relay.stop()
    for (const part of ['One. ', 'Two. ', 'Three. ']) await theirs.type(part)
    await relay.start()
    await until(() => replaced.length === 1)
    expect(await shownIn(ben.client, replaced[0]?.copy as DocumentId)).toContain('One. Two. Three. ')
    await until(async () => (await ada.client.call('relay.status', {})).state === 'connected')
    await hers.type('Ada goes on. ')
    await until(async () => (await shownIn(ben.client, id)) === 'It began in the night. Ada goes on. ')
  })

  it('also goes there from a window that has not noticed yet, and from a second one', async () => {
    const { ben, id, theirs, give, replaced } = await sharedWithBen()
    const window = connect(ben.engine)
    const second = await OpenText.open(window, id)
    await give('viewer')
    await theirs.type('First. ')
    await until(() => replaced.length === 1)
    // Neither window has opened the document anew.
    await theirs.type('Later. ')
    await second.type('Elsewhere. ')
    const copy = await shownIn(ben.client, replaced[0]?.copy as DocumentId)
    for (const part of ['First.', 'Later.', 'Elsewhere.']) expect(copy).toContain(part)
    expect(await shownIn(ben.client, id)).toBe('It began in the night. ')
    expect(await titlesOf(ben.client)).toHaveLength(2)
  })

  it('is whole in the copy while somebody types on without a pause', async () => {
    const { ben, id, theirs, give, replaced } = await sharedWithBen()
    await give('viewer')
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    let written = ''
    while (replaced.length === 0 || written.length < 60) {
      const letter = letters[written.length % letters.length] as string
      await theirs.type(letter)
      written += letter
    }
    expect(await shownIn(ben.client, replaced[0]?.copy as DocumentId)).toBe(`It began in the night. ${written}`)
    expect(await shownIn(ben.client, id)).toBe('It began in the night. ')
  })

  it('is not lost on a full disk: all stays as it is until there is room', async () => {
    const files = new FailingFiles()
    const { ben, id, theirs, give, replaced } = await sharedWithBen({ fs: files.fs })
    await give('viewer')
    files.failing = { step: 'write', code: 'ENOSPC' }
    void theirs.type('On a full disk. ').catch(() => {})
    await until(async () => (await ben.client.call('sync.status', { id })).state === 'refused')
    expect(await shownIn(ben.client, id)).toContain('On a full disk.')
    expect(replaced).toEqual([])
    files.failing = null
    // What was being written when the disk had room again may still fail.
    await until(() =>
      ben.client.call('engine.flush', {}).then(
        () => true,
        () => false,
      ),
    )
    expect(await shownIn(ben.client, id)).toContain('On a full disk.')
  })

  it('is kept once, and not again and again, where nothing can be removed', async () => {
    const files = new FailingFiles()
    const rename: typeof files.fs.rename = async (from, to) => {
      if (String(from).includes('/documents/')) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
      return files.fs.rename(from, to)
    }
    const { ben, id, theirs, give, relay } = await sharedWithBen({ fs: { ...files.fs, rename } })
    await give('viewer')
    await theirs.type('As a reader. ')
    await until(async () => (await titlesOf(ben.client)).length === 2)
    await relay.stop()
    await relay.start()
    await until(async () => (await ben.client.call('sync.status', { id })).state === 'refused')
    await theirs.type('Still a reader. ')
    expect(await titlesOf(ben.client)).toEqual(['Private copy of Rain', 'Rain'])
    expect(await shownIn(ben.client, id)).toContain('As a reader.')
  })

  it('can be one again after the role was given back, and both are kept', async () => {
    const { ben, id, hers, theirs, give, replaced, roleOfBen } = await sharedWithBen()
    await give('viewer')
    await theirs.type('As a reader. ')
    await until(() => replaced.length === 1)
    await give('editor')
    await until(async () => (await roleOfBen()) === 'editor')
    const again = await OpenText.open(ben.client, id)
    await again.type('As an editor. ')
    await until(() => hers.text.includes('As an editor.'))
    expect(hers.text).not.toContain('As a reader.')
    expect(await shownIn(ben.client, replaced[0]?.copy as DocumentId)).toContain('As a reader.')
  })

  it('of the title alone is refused at once', async () => {
    const { ben, id, give, roleOfBen } = await sharedWithBen()
    await give('viewer')
    await until(async () => (await roleOfBen()) === 'viewer')
    await expect(ben.client.call('document.rename', { id, title: 'Mine' })).rejects.toMatchObject({ code: 'not-allowed' })
    expect(await titlesOf(ben.client)).toEqual(['Rain'])
  })

  it('has a history that others can read: the copy loads as any document', async () => {
    const { ben, theirs, give, replaced } = await sharedWithBen()
    await give('viewer')
    await theirs.type('As a reader. ')
    await until(() => replaced.length === 1)
    const { chunks } = await ben.client.call('document.open', { id: replaced[0]?.copy as DocumentId })
    const doc = A.loadIncremental(A.init(), Buffer.concat(chunks))
    expect(A.save(A.load(A.save(doc)))).toEqual(A.save(doc))
  })
})

describe('an engine that is killed while it makes a private copy', () => {
  const program = fileURLToPath(new URL('../testing/killed-copier.ts', import.meta.url))

  /** Runs it on a data folder, and kills it after so many files. Says whether it had done all by then. */
  async function kill(dataDir: string, files: number): Promise<boolean> {
    const child = spawn(process.execPath, [program, dataDir, String(files)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    const [said] = (await Promise.race([once(child.stdout, 'data'), exited])) as [unknown]
    child.kill('SIGKILL')
    await exited
    return String(said) === 'done\n'
  }

  // After three the copy is there and not in the library; after four all that is left is to take the edit out of the shared document; after five to fetch that.
  it.each([1, 3, 4, 5])(
    'after %i files leaves one copy with everything in it, and the shared document as the relay has it',
    { timeout: 60_000 },
    async (files) => {
      const { ada, relay, ben, id, hers, theirs, give } = await sharedWithBen()
      await until(async () => (await ben.client.call('sync.status', { id })).state === 'online')
      await relay.stop()
      await theirs.type('With no relay there. ')
      await ben.engine.close()
      await relay.start()
      await until(async () => (await ada.client.call('relay.status', {})).state === 'connected')
      await give('viewer')
      if (!(await kill(ben.dataDir, files))) await kill(ben.dataDir, files + 2)
      const again = await startWriter(null, { dataDir: ben.dataDir })
      // While it is fetched there is none.
      const shown = () => shownIn(again.client, id).catch(() => null)
      await until(async () => (await shown()) === 'It began in the night. ')
      await hers.type('Ada goes on. ')
      await until(async () => (await shown()) === 'It began in the night. Ada goes on. ')
      await until(async () => (await titlesOf(again.client)).length === 2)
      expect(await titlesOf(again.client)).toEqual(['Private copy of Rain', 'Rain'])
      const { documents } = await again.client.call('library.read', {})
      const copy = documents.find(({ title }) => title !== 'Rain')?.id as DocumentId
      expect(await shownIn(again.client, copy)).toBe('It began in the night. With no relay there. ')
    },
  )
})
