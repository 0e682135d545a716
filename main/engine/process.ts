/**
 * The engine's process, the same under both hosts: reads its launch options, starts the engine, and gives it the ports that the host
 * sends. It ends when the host says so, or when the host is gone; what was acknowledged is durable by then in any case.
 */
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { EngineLaunch, EngineMessage, HostMessage } from '../../core/contract/process.ts'
import { maxMessageBytes } from '../../core/contract/rpc.ts'
import { asPalimpsestError } from '../../core/errors.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import { createEngine, type Engine } from './engine.ts'
import { HostKeyStore } from './key-store.ts'
import { type ElectronPort, messagePort, webSocketPort } from './host-ports.ts'

/** `process.parentPort`, as Electron gives it to a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: HostMessage; ports: ElectronPort[] }) => void): void
  postMessage(message: EngineMessage): void
}

const parentPort = (process as { parentPort?: ParentPort }).parentPort
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes })
let engine: Engine | null = null
let closing: Promise<never> | null = null

function tell(message: EngineMessage): Promise<void> {
  if (parentPort) return Promise.resolve(parentPort.postMessage(message))
  return new Promise((sent) => {
    if (process.send?.(message, undefined, {}, () => sent()) === undefined) sent()
  })
}

function receive(message: HostMessage, carried: ElectronPort | Socket | undefined) {
  if (message.type === 'close') return close()
  if (message.type === 'key-store') return keyStore?.answered(message)
  if (!engine || closing) return
  if (message.type === 'connect' && carried && !(carried instanceof Socket)) engine.accept(messagePort(carried))
  if (message.type === 'upgrade' && carried instanceof Socket) keep(message, carried)
  if (message.type === 'released') answer(engine, message.id)
}

/** Sockets that the host has not let go of yet, with the headers of their handshakes. */
const arrived = new Map<number, { socket: Socket; headers: Record<string, string> }>()

function keep({ id, headers }: { id: number; headers: Record<string, string> }, socket: Socket) {
  arrived.set(id, { socket, headers })
  // It may be cut off at any moment; without a listener that would end the engine.
  socket.on('error', () => socket.destroy())
  socket.once('close', () => arrived.delete(id))
  void tell({ type: 'received', id })
}

function answer(accepting: Engine, id: number) {
  const upgraded = arrived.get(id)
  arrived.delete(id)
  if (upgraded) upgrade(accepting, upgraded.headers, upgraded.socket)
}

/** The host has checked who is asking; the handshake itself is answered here, so that the bytes that follow pass through no other process. */
function upgrade(accepting: Engine, headers: Record<string, string>, socket: Socket) {
  const request = { method: 'GET', headers } as unknown as IncomingMessage
  sockets.handleUpgrade(request, socket, Buffer.alloc(0), (webSocket) => accepting.accept(webSocketPort(webSocket)))
}

function close() {
  closing ??= started.then(() => engine?.close()).then(() => process.exit(0))
}

/** The next engine is another person's. */
function restart() {
  void tell({ type: 'restarting' }).then(close)
}

const launch = JSON.parse(process.argv[2] ?? '') as EngineLaunch
const keyStore = launch.hasKeyStore ? new HostKeyStore(tell) : null

async function start() {
  // The folder is taken first: whether it can be had decides whether there is anything to show.
  const creating = createEngine({ ...launch, keyStore, onHolding: () => void tell({ type: 'holding' }), onMoved: restart })
  const [created] = await Promise.all([creating, loadAutomerge()])
  engine = created
  await tell({ type: 'ready' })
}

async function fail(thrown: unknown) {
  const { code, message } = asPalimpsestError(thrown)
  // At the first start the host says why; later it only starts the next engine, and the reason would be known to nobody.
  if (launch.restarted && code === 'internal') console.error(thrown)
  await tell({ type: 'failed', code, message })
  process.exit(1)
}

const started = start().catch(fail)

parentPort?.on('message', ({ data, ports }) => receive(data, ports[0]))
process.on('message', (message: HostMessage, handle?: unknown) => receive(message, handle instanceof Socket ? handle : undefined))
process.on('disconnect', close)
process.on('SIGINT', close)
process.on('SIGTERM', close)
