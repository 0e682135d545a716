import { Encoder } from 'cbor-x'
import { describe, expect, it } from 'vitest'
import { PalimpsestError } from '../errors.ts'
import type { ChangeHash, DocumentId } from '../ids.ts'
import type { EngineHandlers } from './engine.ts'
import { createPortPair } from './memory-port.ts'
import { parsers } from './parsers.ts'
import { connectEngine, type ServeOptions, serveEngine } from './rpc.ts'

const id = '4NMNnkMhL8jXrdJ9jamS58PAVdXu' as DocumentId
const cbor = new Encoder({ tagUint8Array: false, useRecords: false })

const unanswered = () => new Promise<never>(() => {})

/** Handlers of which only those given can be called. */
function handlersWith(given: Partial<EngineHandlers>): EngineHandlers {
  return { ...(Object.fromEntries(Object.keys(parsers).map((name) => [name, unanswered])) as unknown as EngineHandlers), ...given }
}

function connected(given: Partial<EngineHandlers>, options: Partial<ServeOptions> = {}) {
  const [renderer, engine] = createPortPair()
  const served = serveEngine(engine, handlersWith(given), { id: 1, onFault: () => {}, onClose: () => {}, ...options })
  return { client: connectEngine(renderer), served }
}

/** A renderer that speaks no birpc: sends raw values and collects what comes back. */
function rawRenderer(given: Partial<EngineHandlers>) {
  const [renderer, engine] = createPortPair()
  serveEngine(engine, handlersWith(given), { id: 1, onFault: () => {}, onClose: () => {} })
  const isClosed = new Promise<true>((resolve) => renderer.onClose(() => resolve(true)))
  const ask = (message: unknown) => {
    const answered = new Promise<{ i: string; r: { ok: boolean; error?: { code: string } } }>((resolve) =>
      renderer.onMessage((bytes) => resolve(cbor.decode(bytes))),
    )
    renderer.post(cbor.encode(message))
    return answered
  }
  return { port: renderer, ask, isClosed }
}

describe('a call', () => {
  it('is answered by its handler, bytes included', async () => {
    const { client } = connected({
      'document.change': ({ changes }) => ({ heads: [`${changes[0]?.[0]}${changes.length}` as ChangeHash] }),
    })
    const { heads } = await client.call('document.change', { id, changes: [Uint8Array.of(7, 8)] })
    expect(heads).toEqual(['71'])
  })

  it('rejects with the code that the handler threw', async () => {
    const { client } = connected({
      'document.open': () => {
        throw new PalimpsestError('not-found', 'no such document', { detail: 'gone' })
      },
    })
    await expect(client.call('document.open', { id })).rejects.toMatchObject({ code: 'not-found', detail: 'gone' })
  })

  it('is a fault when the handler fails without a code', async () => {
    const faults: string[] = []
    const { client } = connected(
      {
        'document.open': () => {
          throw new TypeError('bug')
        },
      },
      { onFault: (error, name) => faults.push(`${name}: ${error.message}`) },
    )
    await expect(client.call('document.open', { id })).rejects.toMatchObject({ code: 'internal' })
    expect(faults).toEqual(['document.open: bug'])
  })

  it('rejects with engine-gone when the port closes, and at once after that', async () => {
    const { client, served } = connected({})
    const waiting = client.call('library.read', {})
    served.close()
    await expect(waiting).rejects.toMatchObject({ code: 'engine-gone' })
    await client.closed
    await expect(client.call('library.read', {})).rejects.toMatchObject({ code: 'engine-gone' })
  })

  it('reaches the handlers in the order of posting', async () => {
    const seen: string[] = []
    const { client } = connected({ 'search.query': ({ text }) => (seen.push(text), []) })
    await Promise.all(['a', 'b', 'c'].map((text) => client.call('search.query', { text, limit: 1 })))
    expect(seen).toEqual(['a', 'b', 'c'])
  })
})

describe('an event', () => {
  it('reaches every listener until it stops listening', async () => {
    const { client, served } = connected({ 'engine.flush': () => null })
    const seen: string[] = []
    const stop = client.on('history.changed', () => seen.push('first'))
    client.on('history.changed', () => seen.push('second'))
    served.emit('history.changed', { id })
    await client.call('engine.flush', {})
    stop()
    served.emit('history.changed', { id })
    await client.call('engine.flush', {})
    expect(seen).toEqual(['first', 'second', 'second'])
  })
})

describe('hostile input', () => {
  const reachable = { 'document.open': () => unanswered(), 'search.query': () => [] } satisfies Partial<EngineHandlers>

  it.each([
    ['an unknown call', { m: 'engine.destroy', a: [{}] }, 'invalid'],
    ['a name of the prototype', { m: 'constructor', a: [{}] }, 'invalid'],
    ['a name of the proxy', { m: '__proto__', a: [{}] }, 'invalid'],
    ['no parameters', { m: 'document.open', a: [undefined] }, 'invalid'],
    ['parameters of the wrong type', { m: 'document.open', a: [{ id: 7 }] }, 'invalid'],
    ['an id that leaves its folder', { m: 'document.open', a: [{ id: '../../../etc/passwd' }] }, 'invalid'],
    ['parameters beyond those known', { m: 'document.open', a: [{ id, also: 1 }] }, 'invalid'],
    ['text that is too long', { m: 'search.query', a: [{ text: 'a'.repeat(2000), limit: 1 }] }, 'too-large'],
    ['bytes where none belong', { m: 'search.query', a: [{ text: new Uint8Array(3), limit: 1 }] }, 'invalid'],
  ])('%s is answered with a code', async (_, message, code) => {
    const { r } = await rawRenderer(reachable).ask({ t: 'q', i: '1', ...message })
    expect(r).toMatchObject({ ok: false, error: { code } })
  })

  it.each([
    ['bytes that are no CBOR', Uint8Array.of(0xff, 0xfe, 0x1c)],
    ['nothing', new Uint8Array()],
    ['a list that claims four billion entries', Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff)],
    ['lists in lists without end', new Uint8Array(2_000_000).fill(0x81)],
    ['a message that is no object', cbor.encode(null)],
    ['arguments that are no list', cbor.encode({ t: 'q', i: '1', m: 'search.query', a: { length: 1 } })],
    ['a type of message that does not exist', cbor.encode({ t: 'x' })],
  ])('%s: the connection ends, the engine does not', async (_, bytes) => {
    const raw = rawRenderer(reachable)
    raw.port.post(bytes)
    expect(await raw.isClosed).toBe(true)
  })

  it('does not let a renderer answer what was not asked', async () => {
    const raw = rawRenderer(reachable)
    raw.port.post(cbor.encode({ t: 's', i: '1', r: 'ignored' }))
    const { i } = await raw.ask({ t: 'q', i: '2', m: 'search.query', a: [{ text: 'a', limit: 1 }] })
    expect(i).toBe('2')
  })
})
