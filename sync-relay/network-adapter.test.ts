/**
 * automerge-repo's own acceptance tests for network adapters, as they stand in its package, with a real relay as the network between its stock WebSocket clients.
 *
 * Three of them expect each adapter to meet the other clients themselves. A client of the relay meets the relay, as a client of automerge-repo's own server
 * does, and learns of nobody else: who else is there is for those who may read a document with them. What those three are about is tested here.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AutomergeUrl, type DocHandle, type PeerId, Repo } from '@automerge/automerge-repo/slim'
import { runNetworkAdapterTests } from '@automerge/automerge-repo/helpers/tests/network-adapter-tests.js'
import { WebSocketClientAdapter } from '@automerge/automerge-repo-network-websocket'
import { pino } from 'pino'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { ticketAddress } from '../core/protocol/sign-in.ts'
import { eventually } from '../test/eventually.ts'
import { RawClient } from '../test/raw-client.ts'
import { RelayPerson } from '../test/relay-person.ts'
import { createRelay, type RelayOptions } from './server.ts'

const meetsTheRelayOnly = new Set([
  'emits a peer-candidate event with proper peer metadata when a peer connects',
  'should emit disconnect events on disconnect',
  'should not send messages after disconnect',
])

async function startRelay(options: Partial<RelayOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'relay-'))
  const limits = { unavailableMs: 60_000 }
  const start = (port: number) => createRelay({ port, host: '127.0.0.1', dataDir, log: pino({ level: 'silent' }), limits, ...options })
  let relay = await start(0)
  const { address } = relay
  onTestFinished(async () => {
    await relay.close()
    rmSync(dataDir, { recursive: true })
  })
  const stop = () => relay.close()
  const restart = async () => {
    await stop()
    relay = await start(Number(new URL(address).port))
  }
  return { relay, address, stop, restart }
}

/** A stock client that is gone when the test is. */
function stockAdapter(address: string): WebSocketClientAdapter {
  const adapter = new WebSocketClientAdapter(address, 100)
  onTestFinished(() => {
    if (!adapter.socket) return
    // To end a socket that is still being connected is an error.
    adapter.socket.addEventListener('error', () => undefined)
    adapter.disconnect()
  })
  return adapter
}

/** A first connection: a stock client whose own takes longer than a second gives up what it looks for. */
async function warmUp(address: string): Promise<void> {
  const client = await RawClient.join(address)
  client.socket.close()
}

/** Three devices of one person: what one of them makes, the others may read. */
async function addressesOfDevices(): Promise<[string, string, string]> {
  const { relay, address } = await startRelay()
  const ada = await RelayPerson.join(relay, 'Ada')
  await warmUp(ticketAddress(address, ada.ticket))
  const others = [ada.addDevice('laptop'), ada.addDevice('telephone')] as const
  for (const device of others) await device.signIn()
  return [ticketAddress(address, ada.ticket), ticketAddress(address, others[0].ticket), ticketAddress(address, others[1].ticket)]
}

async function addressesOfAnybody(): Promise<[string, string, string]> {
  const { address } = await startRelay({ isOpen: true })
  await warmUp(address)
  return [address, address, address]
}

// Once more where the machine is so busy that a stock client is not connected after a second: it gives up then, whatever the relay does.
describe('stock clients pass automerge-repo’s acceptance tests [R3]', { retry: 3 }, () => {
  beforeEach(({ task, skip }) => {
    if (meetsTheRelayOnly.has(task.name)) skip('a client of a relay meets the relay, and no other client')
  })
  const setupWith = (addresses: () => Promise<[string, string, string]>) => async () => {
    const [a, b, c] = await addresses()
    return {
      adapters: [stockAdapter(a), stockAdapter(b), stockAdapter(c)] as [
        WebSocketClientAdapter,
        WebSocketClientAdapter,
        WebSocketClientAdapter,
      ],
    }
  }
  runNetworkAdapterTests(setupWith(addressesOfAnybody), 'a relay that is open to all')
  runNetworkAdapterTests(setupWith(addressesOfDevices), 'a relay with people, and tickets')
})

describe('a stock client', () => {
  const repoWith = (adapter: WebSocketClientAdapter, name: string) => {
    const repo = new Repo({ network: [adapter], peerId: name as PeerId })
    const met = { peer: false }
    repo.networkSubsystem.on('peer', () => (met.peer = true))
    repo.networkSubsystem.on('peer-disconnected', () => (met.peer = false))
    return { repo, met }
  }

  it('meets the relay with its metadata, which stays the same when the relay is restarted', async () => {
    const { address, restart } = await startRelay({ isOpen: true })
    const adapter = stockAdapter(address)
    const met: { peerId: string; storageId: string | undefined }[] = []
    adapter.on('peer-candidate', ({ peerId, peerMetadata: { storageId } }) => met.push({ peerId, storageId }))
    adapter.connect('ada' as PeerId, {})
    await eventually(() => expect(met).toHaveLength(1))
    await restart()
    await eventually(() => expect(met).toHaveLength(2))
    for (const { peerId } of met) expect(peerId).toMatch(/^relay-/)
    expect(met[0]?.storageId).toMatch(/^[\da-f-]{36}$/)
    expect(met[1]?.storageId).toBe(met[0]?.storageId)
  })

  it('and the relay both notice when the other one goes', async () => {
    const { address, stop } = await startRelay({ isOpen: true, metricsToken: 'a-token-for-the-monitor' })
    const headers = { authorization: 'Bearer a-token-for-the-monitor' }
    const connections = async () =>
      /relay_connections (\d+)/.exec(await (await fetch(`${address.replace('ws:', 'http:')}/metrics`, { headers })).text())?.[1]
    const [left, right] = [stockAdapter(address), stockAdapter(address)]
    const [ada, ben] = [repoWith(left, 'ada'), repoWith(right, 'ben')]
    for (const { met } of [ada, ben]) await eventually(() => expect(met.peer).toBe(true))
    await eventually(async () => expect(await connections()).toBe('2'))
    left.disconnect()
    await eventually(() => expect(ada.met.peer).toBe(false))
    await eventually(async () => expect(await connections()).toBe('1'))
    expect(ben.met.peer).toBe(true)
    await stop()
    await eventually(() => expect(ben.met.peer).toBe(false))
  })

  it('is heard by nobody after it has gone', async () => {
    const { address } = await startRelay({ isOpen: true })
    const left = stockAdapter(address)
    const ada = repoWith(left, 'ada').repo.create<{ title: string }>({ title: 'Rain' })
    const find = async (name: string, url: AutomergeUrl): Promise<DocHandle<unknown>> => {
      const { repo, met } = repoWith(stockAdapter(address), name)
      await eventually(() => expect(met.peer).toBe(true))
      return repo.find(url)
    }
    const [ben, cleo] = [await find('ben', ada.url), await find('cleo', ada.url)]
    const heard: unknown[] = []
    ben.on('ephemeral-message', ({ message }) => heard.push(message))
    await eventually(() => {
      ada.broadcast('from ada')
      expect(heard).toContain('from ada')
    })
    left.disconnect()
    heard.length = 0
    left.send({ type: 'ephemeral', senderId: 'ada' as PeerId, targetId: 'ben' as PeerId, data: new Uint8Array([1]) })
    ada.broadcast('from ada who has gone')
    await eventually(() => {
      cleo.broadcast('from cleo')
      expect(heard).toContain('from cleo')
    })
    expect(heard).not.toContain('from ada who has gone')
  })
})
