/** The relay as its clients meet it: a real one on a free port, a real folder, and automerge-repo's own stock clients. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AutomergeUrl, type DocHandle, Repo } from '@automerge/automerge-repo/slim'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../test/eventually.ts'
import { createRelay, type Relay } from './server.ts'

type Notes = Record<string, string>

const log = pino({ level: 'silent' })
let dataDir: string
let relay: Relay
const repos: Repo[] = []

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  relay = await createRelay({ port: 0, host: '127.0.0.1', isOpen: true, dataDir, log })
})

afterEach(async () => {
  await Promise.all(repos.splice(0).map((repo) => repo.shutdown()))
  await relay.close()
  rmSync(dataDir, { recursive: true })
})

/** The relay stops and comes back at the same address with what is on its disk. */
async function restart() {
  const port = Number(new URL(relay.address).port)
  await relay.close()
  relay = await createRelay({ port, host: '127.0.0.1', isOpen: true, dataDir, log })
}

/** One that is connected: after a second without an answer, `find` gives up by itself. */
async function stockClient(): Promise<Repo> {
  const repo = new Repo({ network: [new WebSocketClientAdapter(relay.address, 100)] })
  repos.push(repo)
  await new Promise((resolve) => repo.networkSubsystem.once('peer', resolve))
  return repo
}

/** Finds a document that another client has only just made: on a busy machine it may take that one longer than the relay waits for it. */
async function findSoon(url: AutomergeUrl): Promise<DocHandle<Notes>> {
  for (;;) {
    const client = await stockClient()
    const found = await client.find<Notes>(url).catch(() => null)
    if (found) return found
    repos.splice(repos.indexOf(client), 1)
    await client.shutdown()
  }
}

const write = (handle: DocHandle<Notes>, ...keys: string[]) =>
  keys.forEach((key) => handle.change((draft) => void (draft[key] = `${key} is written`)))
const keysOf = (handle: DocHandle<Notes>) => Object.keys(handle.doc()).sort()

describe('stock automerge-repo clients [R3]', () => {
  it('find each other’s documents and come together', async () => {
    const mine = (await stockClient()).create<Notes>()
    write(mine, 'a1', 'a2')
    const yours = await findSoon(mine.url)
    expect(keysOf(yours)).toEqual(['a1', 'a2'])
    write(yours, 'b1')
    write(mine, 'a3')
    for (const handle of [mine, yours]) await eventually(() => expect(keysOf(handle)).toEqual(['a1', 'a2', 'a3', 'b1']))
  })

  it('learn that a document is not here', async () => {
    const nowhere = new Repo().create<Notes>()
    await expect((await stockClient()).find(nowhere.url)).rejects.toThrow(/unavailable/)
  })

  it('find documents again after the relay was restarted', async () => {
    const mine = (await stockClient()).create<Notes>()
    write(mine, 'a1')
    await findSoon(mine.url)
    await Promise.all(repos.splice(0).map((repo) => repo.shutdown()))
    await restart()
    expect(keysOf(await (await stockClient()).find<Notes>(mine.url))).toEqual(['a1'])
  })

  it('come together after both wrote while the relay was away', async () => {
    const mine = (await stockClient()).create<Notes>()
    write(mine, 'start')
    const yours = await findSoon(mine.url)
    const port = Number(new URL(relay.address).port)
    await relay.close()
    write(mine, 'a1', 'a2')
    write(yours, 'b1', 'b2')
    relay = await createRelay({ port, host: '127.0.0.1', isOpen: true, dataDir, log })
    for (const handle of [mine, yours]) await eventually(() => expect(keysOf(handle)).toEqual(['a1', 'a2', 'b1', 'b2', 'start']))
  })

  it('see each other’s presence', async () => {
    const mine = (await stockClient()).create<Notes>()
    write(mine, 'start')
    const yours = await findSoon(mine.url)
    const seen: unknown[] = []
    yours.on('ephemeral-message', ({ message }) => seen.push(message))
    await eventually(() => {
      mine.broadcast({ cursor: 7 })
      expect(seen).toContainEqual({ cursor: 7 })
    })
  })
})

describe('over HTTP', () => {
  const http = (path: string, init?: RequestInit) => fetch(relay.address.replace('ws:', 'http:') + path, init)

  it('says what it is, and how it is', async () => {
    expect(await (await http('/')).text()).toMatch(/Palimpsest relay/)
    expect((await http('/healthz')).status).toBe(200)
    expect((await http('/secret')).status).toBe(404)
    expect((await http('/', { method: 'POST', body: 'x' })).status).toBe(405)
  })
})

it('a second relay on the same folder is refused', async () => {
  await expect(createRelay({ port: 0, host: '127.0.0.1', isOpen: true, dataDir, log })).rejects.toMatchObject({
    code: expect.stringMatching(/^SQLITE_BUSY/),
  })
})
