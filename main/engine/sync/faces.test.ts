/** How people are called, between real apps and a relay. */
import { describe, expect, it } from 'vitest'
import type { Person } from '../../../core/contract/engine.ts'
import type { EngineConnection } from '../../../core/contract/rpc.ts'
import type { PersonKey } from '../../../core/ids.ts'
import { startRelay, startWriter } from '../../../test/shared-writers.ts'
import { connect, shareByLink, startEngine, until } from '../testing/test-engine.ts'

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
    expect(personOf(benKey)).toEqual({ key: benKey, name: 'Ben', color: 5 })
    expect(personOf(cleoKey)?.name).toBe('')
  })

  it('are remembered where no relay is', async () => {
    const { relay, ada, benKey } = await adaAndBen()
    const before = await watchPeople(ada.client, [benKey])
    await until(() => before(benKey)?.name === 'Ben')
    await ada.engine.close()
    await relay.stop()
    const again = connect(await startEngine(ada.dataDir))
    expect(await again.call('person.lookup', { keys: [benKey] })).toEqual([{ key: benKey, name: 'Ben', color: 5 }])
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
