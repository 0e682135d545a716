import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { connect, OpenText, startEngine, temporaryFolder, until } from './testing/test-engine.ts'

describe('an engine', () => {
  it('keeps what was written across a restart', async () => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    const client = connect(first)
    const { id } = await client.call('document.create', { folder: null, title: 'A morning' })
    const text = await OpenText.open(client, id)
    await text.type('It was early.')
    await first.close()

    const again = connect(await startEngine(dataDir))
    const library = await again.call('library.read', {})
    expect(library.documents).toMatchObject([{ id, title: 'A morning', folder: null }])
    const opened = await OpenText.open(again, id)
    expect(opened.text).toBe('It was early.')
    expect(A.getHeads(opened.doc)).toEqual(A.getHeads(text.doc))
  })

  it('passes a change on to other windows, and not to the one it came from', async () => {
    const engine = await startEngine(temporaryFolder())
    const [left, right] = [connect(engine), connect(engine)]
    const { id } = await left.call('document.create', { folder: null })
    const [here, there] = [await OpenText.open(left, id), await OpenText.open(right, id)]
    await Promise.all([here.type('left'), there.type('right')])
    await until(() => here.text.length === 9 && there.text.length === 9)
    expect(here.text).toBe(there.text)
  })

  it('finds a word soon after it was written', async () => {
    const engine = await startEngine(temporaryFolder())
    const client = connect(engine)
    const { id } = await client.call('document.create', { folder: null, title: 'Weather' })
    await (await OpenText.open(client, id)).type('Éclairs in the evening')
    await until(async () => (await client.call('search.query', { text: 'ecl', limit: 5 })).length === 1)
    const [hit] = await client.call('search.query', { text: 'evening ecl', limit: 5 })
    expect(hit).toEqual({ id, title: 'Weather', titleParts: ['Weather'], snippetParts: ['', 'Éclairs', ' in the ', 'evening', ''] })
    const { documents } = await client.call('library.read', {})
    expect(documents).toMatchObject([{ words: 4, excerpt: 'Éclairs in the evening' }])
  })

  it('knows the history of a document, also after a restart', async () => {
    const dataDir = temporaryFolder()
    let time = 1_600_000_000_000
    const first = await startEngine(dataDir, { now: () => time })
    const client = connect(first)
    const { id } = await client.call('document.create', { folder: null })
    time += 1000
    const text = await OpenText.open(client, id)
    await text.type('one ', time)
    await text.type('two ', time + 60_000)
    await until(async () => (await client.call('history.timeline', { id }))[0]?.changes === 3)
    const { me } = await client.call('engine.info', {})
    const sitting = {
      index: 0,
      author: me.key,
      startedAt: 1_600_000_000_000,
      endedAt: 1_600_000_061_000,
      changes: 3,
      inserted: 9,
      deleted: 0,
    }
    expect(await client.call('history.timeline', { id })).toMatchObject([sitting])
    await text.type('three', time + 3_600_000)
    await first.close()

    const again = connect(await startEngine(dataDir))
    await until(async () => (await again.call('history.timeline', { id })).length === 2)
    const sittings = await again.call('history.timeline', { id })
    expect(sittings).toMatchObject([sitting, { index: 1, inserted: 5, heads: A.getHeads(text.doc) }])
  })

  it('refuses a change to a document that is not there', async () => {
    const client = connect(await startEngine(temporaryFolder()))
    const id = '4NMNnkMhL8jXrdJ9jamS58PAVdXu' as DocumentId
    await expect(client.call('document.open', { id })).rejects.toMatchObject({ code: 'not-found' })
    await expect(client.call('document.change', { id, changes: [] })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('lets only one engine have a data folder', async () => {
    const dataDir = temporaryFolder()
    const first = await startEngine(dataDir)
    await expect(startEngine(dataDir)).rejects.toMatchObject({ code: 'locked', detail: String(process.pid) })
    await first.close()
    await startEngine(dataDir)
  })
})
