/** What a utility process finds in Electron: `process.parentPort`, and ports that come with its messages. Loaded before the program. */
import { EventEmitter } from 'node:events'
import type { FromUtility, ToUtility } from './utility-process.ts'

const ports = new Map<string, Port>()
const send = (message: FromUtility) => process.send?.(message)

class Port extends EventEmitter {
  readonly #id: string
  readonly #early: unknown[] = []
  #isStarted = false

  constructor(id: string) {
    super()
    this.#id = id
    ports.set(id, this)
  }

  receive(data: unknown) {
    if (this.#isStarted) this.emit('message', { data, ports: [] })
    else this.#early.push(data)
  }

  start() {
    this.#isStarted = true
    for (const data of this.#early.splice(0)) this.emit('message', { data, ports: [] })
  }

  postMessage(message: unknown) {
    send({ type: 'port-message', port: this.#id, message })
  }

  close() {
    if (ports.delete(this.#id)) send({ type: 'port-closed', port: this.#id })
  }
}

const parentPort = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => send({ type: 'message', message }) })
Object.assign(process, { parentPort, type: 'utility' })

// What comes before the program listens waits for it.
const { promise: isListening, resolve: listens } = Promise.withResolvers<void>()
parentPort.once('newListener', () => listens())

process.on('message', (message: ToUtility) => void isListening.then(() => receive(message)))
process.on('disconnect', () => process.exit(0))

function receive(message: ToUtility) {
  if (message.type === 'message') parentPort.emit('message', { data: message.message, ports: message.ports.map((id) => new Port(id)) })
  else if (message.type === 'port-message') ports.get(message.port)?.receive(message.message)
  else closePort(message.port)
}

function closePort(id: string) {
  const port = ports.get(id)
  ports.delete(id)
  port?.emit('close')
}
