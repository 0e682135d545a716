/**
 * Twenty writers at a relay over real sockets: the relay is a process of its own that is killed and started again, the writers sync as the app does, and the network between them is as bad as the seed
 * makes it. Whatever happened, all have the same document in the end, the relay never lacks a change that it has said to hold, and what it stored is whole.
 *
 * There is a storm for each 25 of `FUZZ_RUNS`, and `FUZZ_SEED` says which ones. A seed draws what happens and in which order; when the processes notice, nobody can repeat.
 */
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { expect, it, onTestFinished } from 'vitest'
import type { ChangeHash } from '../core/ids.ts'
import { parseInvite } from '../core/protocol/share-link.ts'
import { newDocumentId } from '../main/engine/identity.ts'
import { temporaryFolder, until } from '../main/engine/testing/test-engine.ts'
import { Line, randomFrom } from './bad-network.ts'
import { startProgram } from './e2e/processes.ts'
import { runsOf } from './fuzz-runs.ts'
import { NetworkWriter, type Notes } from './network-writer.ts'
import { RelayPerson } from './relay-person.ts'

const program = join(import.meta.dirname, '../sync-relay/relay.ts')
const documentId = newDocumentId()
const secret = 'kJ3_-aaaaaaaaaaaaaaaaaaa'
const crowd = 20
const stepsInStorm = 40
/** A storm takes as long as some scripts of the other properties. */
const scriptsInStorm = 25
const { seed, numRuns } = runsOf(3 * scriptsInStorm)
const storms = Math.ceil(numRuns / scriptsInStorm)

/** A relay in a process of its own, with a document of Ada's that whoever has the link may edit. */
async function startRelay() {
  const dataDir = temporaryFolder()
  const start = async (port: number) => {
    const child = startProgram(program, ['serve', '--port', String(port), '--data-dir', dataDir, '--log-level', 'silent'])
    const [, address = ''] = await child.prints(/Palimpsest relay: (\S+)\n/)
    return { child, address }
  }
  const { child: first, address } = await start(0)
  let child = first
  onTestFinished(() => child.end('SIGKILL'))
  const [, invite = ''] = await child.prints(/has no owner yet.*: (\S+)/)
  const ada = new RelayPerson(address, 'Ada')
  await ada.signIn({ by: 'invite', secret: parseInvite(invite).secret })
  await ada.put(documentId, A.getAllChanges(ada.begin()))
  await ada.ask('link.create', { documentId, secret, salt: '', role: 'editor' })
  const port = Number(new URL(address).port)
  return {
    port,
    end: (signal?: 'SIGKILL') => child.end(signal),
    startAgain: async () => {
      await child.end('SIGKILL')
      child = (await start(port)).child
    },
    /** Everything that it has. */
    async read(): Promise<A.Doc<Notes>> {
      const client = await ada.connect({ live: false })
      client.sendSync(documentId, { takesDocuments: true })
      const { changes } = await client.nextSync()
      client.socket.close()
      return A.loadIncremental(A.init<Notes>(), Buffer.concat(changes))
    },
    /** What `palimpsest-relay verify` says of its data. */
    async verify(): Promise<string> {
      const checking = startProgram(program, ['verify', '--data-dir', dataDir])
      await checking.exited
      return checking.output()
    },
  }
}

/** Writers, each on a line of their own. */
async function gather(port: number): Promise<{ line: Line; writer: NetworkWriter }[]> {
  const link = { by: 'link', documentId, secret } as const
  const all = await Promise.all(
    Array.from({ length: crowd }, async (_, at) => {
      const line = new Line(port, randomFrom(seed + at))
      return { line, writer: await NetworkWriter.open(`writer ${at}`, documentId, await line.listen(), link) }
    }),
  )
  onTestFinished(async () => {
    for (const { line } of all) line.close()
    await Promise.all(all.map(({ writer }) => writer.close()))
  })
  return all
}

it(`twenty writers and a relay outlive ${storms} storms from seed ${seed}`, {
  timeout: 60_000 + storms * 120_000,
}, async () => {
  const random = randomFrom(seed)
  const pick = <Each>(all: readonly Each[]) => all[Math.floor(random() * all.length)] as Each
  const relay = await startRelay()
  const places = await gather(relay.port)
  const writers = places.map(({ writer }) => writer)
  const heal = ({ line, writer }: (typeof places)[number]) => {
    line.heal()
    writer.client.retryNow()
  }

  /** The relay comes back from its disk alone: nobody reaches it before it was looked at. */
  async function startAgain() {
    for (const { line } of places) line.down()
    const held = new Set<ChangeHash>(writers.flatMap((writer) => [...writer.held]))
    await relay.startAgain()
    const stored = new Set(A.getAllChanges(await relay.read()).map((change) => A.decodeChange(change).hash))
    expect([...held].filter((hash) => !stored.has(hash))).toEqual([])
    places.forEach(heal)
  }

  for (let storm = 0; storm < storms; storm++) {
    const [dies, comes] = [random(), random()].map((share) => Math.floor(share * stepsInStorm)).sort((a, b) => a - b)
    for (let step = 0; step < stepsInStorm; step++) {
      const writing = new Set([pick(writers), pick(writers), pick(writers)])
      await Promise.all([...writing].map((writer) => writer.write(`${storm}.${step} by ${writer.name}`)))
      if (random() < 0.25) pick(places).line[pick(['cut', 'down', 'silence', 'loseClient'] as const)]()
      if (random() < 0.03) for (const { line } of places) if (random() < 0.5) line.down()
      if (random() < 0.3) heal(pick(places))
      if (step === dies) await relay.end('SIGKILL')
      if (step === comes) await startAgain()
    }
  }

  const keys = writers.flatMap(({ name, written }) => [...written.values()].map((key) => [key, name]))
  const expected = Object.fromEntries([['start', 'Ada'], ...keys])
  await until(() => {
    places.forEach(heal)
    return writers.every(({ isSettled, notes }) => isSettled && Object.keys(notes).length === keys.length + 1)
  })
  for (const writer of writers) {
    expect(writer.notes).toEqual(expected)
    expect(await writer.storedNotes()).toEqual(expected)
  }
  expect(A.toJS(await relay.read())).toEqual(expected)
  await relay.end()
  expect(await relay.verify()).toMatch(/Everything is whole/)
})
