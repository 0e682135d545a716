/**
 * What runs in a page: the preload script's isolated world with Electron's renderer modules, and the context bridge between it and the
 * page's own world. These functions travel as text: no imports, no outer names.
 */
import type { Codec } from './codec.ts'

/** A value on its way through the context bridge. */
type Wire =
  | { kind: 'value'; value: unknown }
  | { kind: 'function'; id: string }
  | { kind: 'promise'; id: string }
  | { kind: 'error'; name: string; message: string }
  | { kind: 'array'; items: Wire[] }
  | { kind: 'object'; entries: [string, Wire][] }

type BridgeMessage =
  | { type: 'call'; id: string; args: Wire[] }
  | { type: 'answer'; ok: boolean; value: Wire }
  | { type: 'settled'; id: string; ok: boolean; value: Wire }
  | { type: 'expose'; key: string; value: Wire }

export interface Bridge {
  expose(key: string, value: unknown): void
}

/** One side of the bridge. The two worlds share the window's events, and see only copies of each other's values. */
export function createBridge(side: 'page' | 'preload', secret: string): Bridge {
  const functions = new Map<string, (...args: unknown[]) => unknown>()
  const promises = new Map<string, { resolve(value: unknown): void; reject(reason: unknown): void }>()
  let answer: { ok: boolean; value: Wire } | null = null
  let count = 0

  const send = (message: BridgeMessage) =>
    window.dispatchEvent(new CustomEvent(secret + (side === 'page' ? 'preload' : 'page'), { detail: message }))

  function wrap(value: unknown): Wire {
    if (typeof value === 'function') {
      const id = `${side}${++count}`
      functions.set(id, value as () => unknown)
      return { kind: 'function', id }
    }
    if (value instanceof Promise) return wrapPromise(value)
    if (value instanceof Error) return { kind: 'error', name: value.name, message: value.message }
    if (Array.isArray(value)) return { kind: 'array', items: value.map(wrap) }
    if (value && Object.getPrototypeOf(value) === Object.prototype)
      return { kind: 'object', entries: Object.entries(value).map(([name, item]) => [name, wrap(item)]) }
    return { kind: 'value', value }
  }

  function wrapPromise(promise: Promise<unknown>): Wire {
    const id = `${side}${++count}`
    promise.then(
      (value) => send({ type: 'settled', id, ok: true, value: wrap(value) }),
      (reason: unknown) => send({ type: 'settled', id, ok: false, value: wrap(reason) }),
    )
    return { kind: 'promise', id }
  }

  function unwrap(wire: Wire): unknown {
    if (wire.kind === 'value') return wire.value
    if (wire.kind === 'function') return (...args: unknown[]) => call(wire.id, args)
    if (wire.kind === 'promise') return new Promise((resolve, reject) => promises.set(wire.id, { resolve, reject }))
    if (wire.kind === 'error') return Object.assign(new Error(wire.message), { name: wire.name })
    if (wire.kind === 'array') return wire.items.map(unwrap)
    return Object.freeze(Object.fromEntries(wire.entries.map(([name, item]) => [name, unwrap(item)])))
  }

  /** The other world answers while the event is being dispatched. */
  function call(id: string, args: unknown[]): unknown {
    const outer = answer
    answer = null
    send({ type: 'call', id, args: args.map(wrap) })
    const own = answer as { ok: boolean; value: Wire } | null
    answer = outer
    if (!own) throw new Error('The other world did not answer.')
    if (!own.ok) throw unwrap(own.value)
    return unwrap(own.value)
  }

  function run(id: string, args: Wire[]): BridgeMessage {
    try {
      return { type: 'answer', ok: true, value: wrap(functions.get(id)?.(...args.map(unwrap))) }
    } catch (error) {
      return { type: 'answer', ok: false, value: wrap(error) }
    }
  }

  window.addEventListener(secret + side, (event) => {
    event.stopImmediatePropagation()
    const message = (event as CustomEvent<BridgeMessage>).detail
    if (message.type === 'call') send(run(message.id, message.args))
    else if (message.type === 'answer') answer = message
    else if (message.type === 'settled') promises.get(message.id)?.[message.ok ? 'resolve' : 'reject'](unwrap(message.value))
    else Object.defineProperty(window, message.key, { value: unwrap(message.value), enumerable: true })
  })
  return { expose: (key, value) => send({ type: 'expose', key, value: wrap(value) }) }
}

/**
 * Electron's ports say when the other side is gone, with a `close` event that the web's do not have. The page's own world gets it here: a
 * last message on the port, which nobody but this listener sees, is turned into the event.
 */
export function announceClosedPorts(closing: string) {
  const adopt = (port: MessagePort) => {
    const close = port.close.bind(port)
    port.close = () => {
      port.postMessage(closing)
      close()
    }
    port.addEventListener('message', (event) => {
      if (event.data !== closing) return
      event.stopImmediatePropagation()
      port.dispatchEvent(new Event('close'))
    })
  }
  window.addEventListener('message', (event) => event.ports.forEach(adopt))
}

/**
 * In the page's own world: what asks for a new window goes to the app's handler, and no window comes of it. The app never allows one, and
 * one that Chromium opened could only be closed behind its back.
 */
export function askForWindows(opening: string) {
  const ask = (url: string) => window.dispatchEvent(new CustomEvent(opening, { detail: new URL(url, location.href).href }))
  window.open = (url = 'about:blank') => {
    ask(String(url))
    return null
  }
  window.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[target=_blank]') : null
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return
    event.preventDefault()
    ask(link.href)
  })
}

/** Page → main process. */
export type FromPage =
  | { type: 'invoke'; id: number; channel: string; args: unknown[] }
  | { type: 'open'; url: string }
  | { type: 'port-message'; port: string; message: unknown }
  | { type: 'port-closed'; port: string }

/** Main process → page. */
export type ToPage =
  | { type: 'event'; channel: string; args: unknown[]; ports: string[] }
  | { type: 'reply'; id: number; ok: true; value: unknown }
  | { type: 'reply'; id: number; ok: false; message: string }
  | { type: 'port-message'; port: string; message: unknown }
  | { type: 'port-closed'; port: string }

type Listener = (event: { ports: MessagePort[] }, ...args: unknown[]) => void

/** The isolated world: what a sandboxed preload script finds there. */
export function createPreloadWorld(bridge: Bridge, codec: Codec, platform: string, closing: string, opening: string) {
  const world = globalThis as unknown as { standinSend?: (text: string) => void; standinReceive?: (text: string) => void }
  const raw = world.standinSend
  delete world.standinSend
  const send = (message: FromPage) => raw?.(JSON.stringify(message))
  const listeners = new Map<string, Listener[]>()
  const invocations = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const ports = new Map<string, MessagePort>()
  let count = 0

  /** The page gets one end of a local channel; the other is wired to the main process. */
  function createPort(id: string): MessagePort {
    const { port1, port2 } = new MessageChannel()
    ports.set(id, port1)
    port1.addEventListener('message', (event) => {
      if (event.data !== closing) send({ type: 'port-message', port: id, message: codec.encode(event.data) })
      else if (ports.delete(id)) send({ type: 'port-closed', port: id })
    })
    port1.start()
    return port2
  }

  function closePort(id: string) {
    const port = ports.get(id)
    ports.delete(id)
    port?.postMessage(closing)
    port?.close()
  }

  function settle(message: ToPage & { type: 'reply' }) {
    const invocation = invocations.get(message.id)
    invocations.delete(message.id)
    if (message.ok) invocation?.resolve(codec.decode(message.value))
    else invocation?.reject(new Error(message.message))
  }

  window.addEventListener(opening, (event) => send({ type: 'open', url: (event as CustomEvent<string>).detail }))

  world.standinReceive = (text) => {
    const message = JSON.parse(text) as ToPage
    if (message.type === 'event') {
      const event = { ports: message.ports.map(createPort) }
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args.map(codec.decode))
    } else if (message.type === 'reply') settle(message)
    else if (message.type === 'port-message') ports.get(message.port)?.postMessage(codec.decode(message.message))
    else closePort(message.port)
  }

  const ipcRenderer = {
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        invocations.set(++count, { resolve, reject })
        send({ type: 'invoke', id: count, channel, args: args.map(codec.encode) })
      }),
  }
  const modules: Record<string, unknown> = {
    electron: { ipcRenderer, contextBridge: { exposeInMainWorld: bridge.expose } },
  }
  const require = (name: string) => {
    if (modules[name]) return modules[name]
    throw new Error(`module not found: ${name} (a sandboxed preload script has only Electron's)`)
  }
  return { require, process: { platform, type: 'renderer', sandboxed: true, contextIsolated: true } }
}
