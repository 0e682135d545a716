/** How people are called, between real apps and a relay. */
import { describe, expect, it } from 'vitest'
import type { Person } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { PersonKey } from '../../../core/ids.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { connect, shareByLink, startEngine, temporaryFolder, until } from '../testing/test-engine.ts'

const keyOf = async (client: EngineConnection) => (await client.call('engine.info', {})).me.key

/** What a window knows of people: what it asked for once, and what it was told since. */
async function watchPeople(client: EngineConnection, keys: PersonKey[]) {
  const known = new Map<PersonKey, Person>()
  client.on('person.changed', (person) => known.set(person.key, person))
  for (const person of await client.call('person.lookup', { keys })) known.set(person.key, person)
  return (key: PersonKey) => known.get(key)
}

/** Ben came to a document of Ada's by a link. Cleo is a member of the relay with whom nobody shares anything. */
async function adaAndBen() {
  const relay = await startRelay()
  const [ada, ben, cleo] = [await startWriter(relay), await startWriter(null), await startWriter(relay)]
  await ben.client.call('person.update', { name: 'Ben', color: 5 })
  await cleo.client.call('person.update', { name: 'Cleo', color: 2 })
  const { id } = await ada.client.call('document.create', { folder: null, title: 'Rain' })
  const { link } = await shareByLink(ada.client, id)
  await ben.client.call('share.open', { link })
  const [benKey, cleoKey] = [await keyOf(ben.client), await keyOf(cleo.client)]
  return { relay, ada, ben, cleo, id, benKey, cleoKey }
}

describe('the name and colour of another person', () => {
  it('come from the relay, for whoever shares a document with them', async () => {
    const { ada, benKey, cleoKey } = await adaAndBen()
    const personOf = await watchPeople(ada.client, [benKey, cleoKey])
    await until(() => personOf(benKey)?.name === 'Ben')
    expect(personOf(benKey)).toEqual({ key: benKey, name: 'Ben', color: 5, picture: null })
    expect(personOf(cleoKey)?.name).toBe('')
  })

  it('are remembered where no relay is', async () => {
    const { relay, ada, benKey } = await adaAndBen()
    const before = await watchPeople(ada.client, [benKey])
    await until(() => before(benKey)?.name === 'Ben')
    await ada.engine.close()
    await relay.stop()
    const again = connect(await startEngine(ada.dataDir))
    expect(await again.call('person.lookup', { keys: [benKey] })).toEqual([{ key: benKey, name: 'Ben', color: 5, picture: null }])
  })

  it('come as soon as the relay is there again', async () => {
    const { relay, ada, id, benKey } = await adaAndBen()
    await relay.stop()
    await until(async () => (await ada.client.call('sync.status', { id })).state === 'offline')
    const personOf = await watchPeople(ada.client, [benKey])
    expect(personOf(benKey)?.name).toBe('')
    await relay.start()
    await until(() => personOf(benKey)?.name === 'Ben')
  })

  it('reach the relay when they are changed while it is connected', async () => {
    const { ada, ben, id } = await adaAndBen()
    await ben.client.call('person.update', { name: 'Benjamin', color: 3 })
    await until(async () =>
      (await ada.client.call('share.access', { id })).people.some(({ name, color }) => name === 'Benjamin' && color === 3),
    )
  })
})

describe('the picture of a person', () => {
  const picture = `data:image/webp;base64,${'A'.repeat(4_000)}`

  it('is shown to those who share something with them, is remembered, and goes when it is taken away', async () => {
    const { ada, ben, id, benKey } = await adaAndBen()
    await ben.client.call('person.update', { picture })
    expect((await ben.client.call('engine.info', {})).me.picture).toBe(picture)
    const personOf = await watchPeople(ada.client, [benKey])
    const pictured = async () => (await ada.client.call('share.access', { id })).people.find(({ key }) => key === benKey)?.picture
    await until(async () => (await pictured()) === picture)
    await until(
      async () =>
        (await ada.client.call('person.lookup', { keys: [benKey] }))[0]?.picture === picture || personOf(benKey)?.picture === picture,
    )
    await ben.client.call('person.update', { picture: null })
    await until(async () => (await pictured()) === null)
  })

  it('reaches a relay that was not there when it was chosen', async () => {
    const { relay, ada, ben, id, benKey } = await adaAndBen()
    await relay.stop()
    await until(async () => (await ben.client.call('sync.status', { id })).state === 'offline')
    await ben.client.call('person.update', { picture, name: 'Benjamin' })
    await relay.start()
    const shown = async () => (await ada.client.call('share.access', { id }).catch(() => null))?.people.find(({ key }) => key === benKey)
    await until(async () => {
      const person = await shown()
      return person?.picture === picture && person.name === 'Benjamin'
    })
  })

  it.each([
    ['is code', 'data:image/svg+xml;base64,PHN2Zy8+'],
    ['is a page', 'data:text/html;base64,PGI+'],
    ['is somewhere else', 'https://example.org/ada.png'],
    ['is long', `data:image/png;base64,${'A'.repeat(70_000)}`],
    ['goes on after it', 'data:image/png;base64,AAAA"onerror="x'],
  ])('is not one that %s', async (_, bad) => {
    const client = connect(await startEngine(temporaryFolder()))
    await expect(client.call('person.update', { picture: bad })).rejects.toMatchObject({ code: expect.stringMatching(/invalid|too-large/) })
  })
})
