/** The relay as a program of its own: killed without warning, stopped politely, and what is there afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as A from '@automerge/automerge/slim'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { closeCodes } from '../../core/protocol/messages.ts'
import { chunkKind } from '../../core/sync/change-header.ts'
import { carriersIn } from '../carriers.ts'
import { RawClient } from '../raw-client.ts'
import { RelayPerson } from '../relay-person.ts'
import { startProgram } from './processes.ts'

type Notes = Record<string, number>

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId
const program = join(import.meta.dirname, '../../sync-relay/relay.ts')
let dataDir: string
const running: ChildProcess[] = []

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  rmSync(dataDir, { recursive: true })
})

async function startRelay() {
  const child = spawn(process.execPath, [program, '--open', '--port', '0', '--data-dir', dataDir], { stdio: ['ignore', 'pipe', 'ignore'] })
  running.push(child)
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => resolve(/Palimpsest relay: (\S+)/.exec(data.toString())?.[1] ?? ''))
    child.once('exit', reject)
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  return { address, stop }
}

/** A writer that types on the live stream and counts what was acknowledged. */
async function writer(address: string, doc: A.Doc<Notes>) {
  const client = await RawClient.join(address)
  const channel = await client.follow(documentId)
  let current = doc
  let number = 0
  return {
    client,
    type(count: number) {
      for (let i = 0; i < count; i++) {
        current = A.change(current, (draft) => void (draft[`key ${number}`] = number))
        number += 1
        client.send({ type: 'changes', channel, changes: [A.getLastLocalChange(current) as Uint8Array], number })
      }
    },
    async untilAcknowledged(wanted: number) {
      let acknowledged = 0
      while (acknowledged < wanted) acknowledged = (await client.next('ack')).number
      return acknowledged
    },
    get doc() {
      return current
    },
  }
}

/** Everything that a client with nothing gets, and in which kinds of chunks. */
async function fetchAll(address: string) {
  const client = await RawClient.join(address, { name: 'fresh', live: false })
  client.sendSync(documentId, { takesDocuments: true })
  const { changes } = await client.nextSync()
  client.socket.close()
  return { doc: A.loadIncremental(A.init<Notes>(), Buffer.concat(changes)), kinds: changes.map(chunkKind) }
}

async function verify() {
  const checking = startProgram(program, ['verify', '--data-dir', dataDir])
  return { code: await checking.exited, output: checking.output() }
}

describe('a relay that is killed', () => {
  it('has everything that it acknowledged [R8]', async () => {
    let doc = A.init<Notes>()
    for (let round = 0; round < 3; round++) {
      const relay = await startRelay()
      const ada = await writer(relay.address, doc)
      // What the last round sent and was not told of comes again by the sync protocol.
      ada.client.sendSync(documentId, { heads: A.getHeads(doc) as never, changes: A.getAllChanges(doc) })
      ada.type(300)
      const acknowledged = await ada.untilAcknowledged(100)
      await relay.stop('SIGKILL')
      const again = await startRelay()
      const keys = Object.keys((await fetchAll(again.address)).doc)
      expect(keys).toEqual(expect.arrayContaining(Array.from({ length: acknowledged }, (_, i) => `key ${i}`)))
      await again.stop('SIGKILL')
      doc = ada.doc
    }
  })
})

describe('a relay with people that is killed', () => {
  it('has every right that it acknowledged', async () => {
    const start = async (port = '0') => {
      const relay = startProgram(program, ['--port', port, '--data-dir', dataDir, '--log-level', 'silent'])
      running.push(relay.child)
      const [, address = ''] = await relay.prints(/Palimpsest relay: (\S+)\n/)
      return { relay, address }
    }
    const { relay, address } = await start()
    const ada = new RelayPerson(address, 'Ada')
    await ada.signIn({ by: 'invite', secret: /join\/([\w-]+)/.exec(relay.output())?.[1] ?? '' })
    await ada.put(documentId, [A.getLastLocalChange(ada.begin()) as Uint8Array])
    const acknowledged: number[] = []
    const ended = relay.exited
    const making = Array.from({ length: 200 }, (_, at) =>
      ada.ask('link.create', { documentId, secret: `secret-of-the-link-${at}`, salt: '', role: 'viewer' }).then(
        ({ id }) => {
          acknowledged.push(id)
          if (acknowledged.length === 60) relay.child.kill('SIGKILL')
        },
        // Those that the relay was killed before: nothing was promised.
        () => undefined,
      ),
    )
    await Promise.all([...making, ended])
    expect(acknowledged.length).toBeGreaterThanOrEqual(60)
    const again = await start(new URL(address).port)
    const { links } = await ada.ask('document.access', { documentId })
    expect(links.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
    await again.relay.end('SIGKILL')
    expect(await verify()).toEqual({ code: 0, output: expect.stringMatching(/Everything is whole/) })
  })
})

describe('a relay that is killed while somebody brings the changes of others', () => {
  it('knows of every change that it has who brought it, and of no other [R23]', async () => {
    const start = async (port = '0') => {
      const relay = startProgram(program, ['--port', port, '--data-dir', dataDir, '--log-level', 'silent'])
      running.push(relay.child)
      const [, address = ''] = await relay.prints(/Palimpsest relay: (\S+)\n/)
      return { relay, address }
    }
    let { relay, address } = await start()
    const ada = new RelayPerson(address, 'Ada')
    const ben = new RelayPerson(address, 'Ben')
    await ada.signIn({ by: 'invite', secret: /join\/([\w-]+)/.exec(relay.output())?.[1] ?? '' })
    const first = ada.begin()
    await ada.put(documentId, [A.getLastLocalChange(first) as Uint8Array])
    for (let round = 0; round < 3; round++) {
      const client = await ada.connect()
      const channel = await client.follow(documentId)
      // A writer of their own for each change, so that none depends on one that the relay may lose.
      for (let number = 1; number <= 200; number++)
        client.send({ type: 'changes', channel, changes: [(number % 3 === 0 ? ada : ben).write(first, `${round} ${number}`)], number })
      while ((await client.next('ack')).number < 40 + 40 * round);
      await relay.end('SIGKILL')
      ;({ relay, address } = await start(new URL(address).port))
      const reader = await ada.connect({ live: false })
      reader.sendSync(documentId, {})
      const { changes } = await reader.nextSync()
      const isBens = (bytes: Uint8Array) => A.decodeChange(bytes).author === ben.key
      expect(changes.length).toBeGreaterThan(40)
      expect(changes.filter(isBens).length).toBeGreaterThan(20)
      expect(carriersIn(dataDir, documentId)).toEqual(changes.map((bytes) => (isBens(bytes) ? ada.key : null)))
    }
    await relay.end()
    expect(await verify()).toEqual({ code: 0, output: expect.stringMatching(/Everything is whole/) })
  })
})

describe('a relay that is killed while it compacts a document', () => {
  it('has every acknowledged change, wherever it was in that, and starts again by itself', async () => {
    let doc = A.init<Notes>()
    for (let round = 0; round < 4; round++) {
      const relay = await startRelay()
      const ada = await writer(relay.address, doc)
      ada.client.sendSync(documentId, { heads: A.getHeads(doc) as never, changes: A.getAllChanges(doc) })
      ada.type(2_100)
      await ada.untilAcknowledged(2_100)
      // Whoever asks for all of a long tail has it compacted; each round is killed a little later in that.
      await fetchAll(relay.address)
      for (let turn = 0; turn < 8 * round; turn++) await fetch(relay.address.replace('ws', 'http'))
      await relay.stop('SIGKILL')
      doc = ada.doc
      const again = await startRelay()
      expect((await fetchAll(again.address)).doc).toEqual(doc)
      await again.stop('SIGKILL')
      expect(await verify()).toEqual({ code: 0, output: expect.stringMatching(/Everything is whole/) })
    }
  })
})

describe('a relay that is stopped', () => {
  it('says goodbye and loses nothing that reached it [R13]', async () => {
    const relay = await startRelay()
    const ada = await writer(relay.address, A.init<Notes>())
    ada.type(50)
    const acknowledged = await ada.untilAcknowledged(1)
    expect(await relay.stop('SIGTERM')).toBe(0)
    expect(await ada.client.closed).toBe(closeCodes.goingAway)
    const again = await startRelay()
    expect(Object.keys((await fetchAll(again.address)).doc).length).toBeGreaterThanOrEqual(acknowledged)
  })
})

describe('a relay that is stopped while somebody is in the middle of something', () => {
  it.each<[string, string]>([
    ['a request that never ends', 'POST /api/person.challenge HTTP/1.1\r\nhost: relay\r\ncontent-length: 100\r\n\r\n{'],
    ['headers that never end', 'GET / HTTP/1.1\r\nhost: '],
    ['nothing at all', ''],
    [
      'a handshake, and then silence',
      'GET / HTTP/1.1\r\nhost: relay\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ],
  ])('does not wait for %s', async (_, bytes) => {
    const relay = await startRelay()
    const socket = connect(Number(new URL(relay.address).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(bytes)
    // By the time that another request is answered, those bytes have been read.
    await fetch(relay.address.replace('ws', 'http'))
    expect(await relay.stop('SIGTERM')).toBe(0)
    socket.destroy()
  })
})

it('a relay ends a handshake that it turns away, also when the other side does not', async () => {
  const relay = startProgram(program, ['--port', '0', '--data-dir', dataDir, '--log-level', 'silent'])
  const [, address = ''] = await relay.prints(/Palimpsest relay: (\S+)\n/)
  const socket = connect({ port: Number(new URL(address).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: relay\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /)
  await relay.end('SIGTERM')
  expect(await relay.exited).toBe(0)
  socket.destroy()
})

it('a relay outlives handshakes that are strange, or end in the middle', async () => {
  const relay = startProgram(program, ['--port', '0', '--data-dir', dataDir, '--log-level', 'silent'])
  running.push(relay.child)
  const [, address = ''] = await relay.prints(/Palimpsest relay: (\S+)\n/)
  const handshake = (path: string) => `GET ${path} HTTP/1.1\r\nhost: relay\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`
  for (const path of ['//', '//[', '/?ticket=%', '/?%zz', '*', 'http://[/?ticket=x', 'x'.repeat(8_000)]) {
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write(handshake(path))
    await once(socket, 'close')
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(handshake('/'), () => socket.resetAndDestroy())
  }
  expect((await fetch(`${address.replace('ws', 'http')}/healthz`)).status).toBe(200)
  await relay.end()
})

describe('a long document', () => {
  it('is compacted, and goes to a new client as one saved document and the changes after it [R5]', async () => {
    const relay = await startRelay()
    const ada = await writer(relay.address, A.init<Notes>())
    ada.type(2_100)
    await ada.untilAcknowledged(2_100)
    ada.type(5)
    await ada.untilAcknowledged(2_105)
    let fetched = await fetchAll(relay.address)
    while (fetched.kinds[0] !== 'document') fetched = await fetchAll(relay.address)
    expect(fetched.doc).toEqual(ada.doc)
    await relay.stop('SIGKILL')

    const again = await startRelay()
    expect((await fetchAll(again.address)).doc).toEqual(ada.doc)
    // A client that has a part of what was compacted gets single changes out of the middle of the saved document.
    const half = A.getAllChanges(ada.doc).slice(0, 1_000)
    const [halfDoc] = A.applyChanges(A.init<Notes>(), half)
    const ben = await RawClient.join(again.address, { name: 'ben', live: false })
    ben.sendSync(documentId, { heads: A.getHeads(halfDoc) as never })
    const { changes } = await ben.nextSync()
    expect(changes).toHaveLength(1_105)
    expect(A.applyChanges(halfDoc, changes)[0]).toEqual(ada.doc)
  })
})
