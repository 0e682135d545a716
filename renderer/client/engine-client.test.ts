import { describe, expect, it } from 'vitest'
import type { EngineHandlers, Settings } from '../../core/contract/engine.ts'
import type { BytesPort } from '../../core/contract/port.ts'
import { type ServedRenderer, serveEngine } from '../../core/contract/rpc.ts'
import { createEngineClient } from './engine-client.ts'

/** Two ends of a pipe in one process. */
function pipe(): [BytesPort, BytesPort] {
  const closed: (() => void)[] = []
  const close = () => {
    for (const listener of closed.splice(0)) listener()
  }
  const receivers: ((bytes: Uint8Array) => void)[] = []
  const end = (here: number, there: number): BytesPort => ({
    post: (bytes) => queueMicrotask(() => receivers[there]?.(bytes)),
    onMessage: (receive) => {
      receivers[here] = receive
    },
    onClose: (listener) => closed.push(listener),
    close,
  })
  return [end(0, 1), end(1, 0)]
}

/** An engine that answers `relay.status` only, and that can be ended and started again. */
function startHost() {
  const served: ServedRenderer[] = []
  const host = {
    served,
    refusals: 0,
    connect: async () => {
      if (host.refusals > 0) {
        host.refusals--
        throw new Error('not yet')
      }
      const [ours, theirs] = pipe()
      const handlers = { 'relay.status': () => ({ address: '', state: 'none', problem: null }) } as unknown as EngineHandlers
      served.push(serveEngine(theirs, handlers, { id: served.length, onFault: () => {}, onClose: () => {} }))
      return ours
    },
  }
  return host
}

/** Resolves when the client is in `wanted`, now or later. */
function until(client: ReturnType<typeof createEngineClient>, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    client.onState((state) => state === wanted && resolve())
  })
}

describe('createEngineClient', () => {
  it('rejects calls before it is connected and answers them afterwards', async () => {
    const client = createEngineClient(startHost().connect)
    await expect(client.call('relay.status', {})).rejects.toMatchObject({ code: 'engine-gone' })
    await until(client, 'connected')
    await expect(client.call('relay.status', {})).resolves.toMatchObject({ state: 'none' })
    client.close()
  })

  it('connects again after the engine ended, and keeps its listeners', async () => {
    const host = startHost()
    const client = createEngineClient(host.connect)
    const heard: Settings['theme'][] = []
    client.on('settings.changed', (settings) => heard.push(settings.theme))
    await until(client, 'connected')

    host.refusals = 2
    host.served[0]?.close()
    await until(client, 'gone')
    await until(client, 'connected')
    host.served[1]?.emit('settings.changed', { theme: 'dark' } as Settings)
    await expect.poll(() => heard).toEqual(['dark'])
    client.close()
  })

  it('tells a new listener the present state', async () => {
    const client = createEngineClient(startHost().connect)
    await until(client, 'connected')
    const states: string[] = []
    client.onState((state) => states.push(state))
    client.close()
    await expect.poll(() => states[0]).toBe('connected')
  })
})
