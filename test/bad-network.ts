/**
 * A network that is as bad as a seed makes it: TCP on loopback between clients and a server, with a line of its own for each client. What is sent on a line arrives later, each
 * piece after a time of its own but in order, so that what different clients say overtakes each other. Lines are cut in the middle of a frame, fall silent without ending, and lose
 * one end only; new connections on them fail then.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Random = () => number

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const slowestMs = 30

/** Bytes in one direction. */
class Stream {
  readonly #to: Socket
  readonly #delayMs: () => number
  readonly #underWay: Buffer[] = []
  #last = 0
  #isSilent = false
  #isEnded = false

  constructor(from: Socket, to: Socket, delayMs: () => number) {
    this.#to = to
    this.#delayMs = delayMs
    from.on('data', (bytes: Buffer) => this.#send(bytes))
  }

  /** From now on nothing arrives. */
  silence(): void {
    this.#isSilent = true
  }

  /** Nothing more is sent: the other side ends once all that is under way has arrived. */
  end(): void {
    this.#isEnded = true
    if (this.#underWay.length === 0 && !this.#isSilent) this.#to.destroySoon()
  }

  /** Delivers the beginning of what is under way: as much as `share` says of the first piece. */
  deliverSome(share: number): void {
    const [first] = this.#underWay
    if (first && !this.#isSilent && this.#to.writable) this.#to.write(first.subarray(0, Math.floor(first.length * share)))
    this.silence()
  }

  #send(bytes: Buffer): void {
    this.#underWay.push(bytes)
    const now = performance.now()
    this.#last = Math.max(this.#last, now + this.#delayMs())
    setTimeout(() => this.#deliver(), this.#last - now)
  }

  #deliver(): void {
    const bytes = this.#underWay.shift()
    if (bytes && !this.#isSilent && this.#to.writable) this.#to.write(bytes)
    if (this.#isEnded) this.end()
  }
}

/** One connection from a client, and the one to the server that it goes on in. */
class Connection {
  readonly near: Socket
  readonly far: Socket
  /** Nothing passes, and at least one end does not know. */
  isSilent = false
  readonly #streams: Stream[]

  constructor(near: Socket, port: number, delayMs: () => number) {
    this.near = near
    this.far = connect(port, '127.0.0.1')
    const [there, back] = [new Stream(near, this.far, delayMs), new Stream(this.far, near, delayMs)]
    this.#streams = [there, back]
    for (const [socket, stream] of [
      [near, there],
      [this.far, back],
    ] as const) {
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => stream.end())
    }
  }

  get isOver(): boolean {
    return this.near.destroyed && this.far.destroyed
  }

  /** Whether the client waits for what cannot come. */
  get isDead(): boolean {
    return this.isSilent && !this.near.destroyed
  }

  silence(): void {
    this.isSilent = true
    for (const stream of this.#streams) stream.silence()
  }

  /** Ends it within what is under way. */
  cut(share: number): void {
    for (const stream of this.#streams) stream.deliverSome(share)
    this.isSilent = false
    this.near.destroy()
    this.far.destroy()
  }

  /** The client is gone, and the server is not told. */
  loseClient(): void {
    this.silence()
    this.near.resetAndDestroy()
  }
}

/** The line of one client. */
export class Line {
  readonly #server: Server
  readonly #random: Random
  readonly #connections = new Set<Connection>()
  #state: 'up' | 'down' | 'silent' = 'up'

  constructor(port: number, random: Random) {
    this.#random = random
    const usualMs = random() * slowestMs * 0.5
    this.#server = createServer({ allowHalfOpen: false }, (socket) => {
      if (this.#state === 'down') return void socket.resetAndDestroy()
      const connection = new Connection(socket, port, () => usualMs + random() * slowestMs * 0.5)
      this.#connections.add(connection)
      for (const end of [connection.near, connection.far]) end.on('close', () => connection.isOver && this.#connections.delete(connection))
      if (this.#state === 'silent') connection.silence()
    })
  }

  /** Where the client finds the server. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends what there is; the next connection is as good as any. */
  cut(): void {
    for (const connection of this.#connections) connection.cut(this.#random())
  }

  /** Ends what there is, and takes nothing until the line is healed. */
  down(): void {
    this.#state = 'down'
    this.cut()
  }

  /** Nothing passes any more, and nobody is told. */
  silence(): void {
    this.#state = 'silent'
    for (const connection of this.#connections) connection.silence()
  }

  /** The client loses its connections, and the server keeps the other end of them. */
  loseClient(): void {
    for (const connection of this.#connections) connection.loseClient()
  }

  /** Works again; what was silent turns out to be dead. */
  heal(): void {
    this.#state = 'up'
    for (const connection of this.#connections) if (connection.isDead) connection.cut(0)
  }

  close(): void {
    this.down()
    this.#server.close()
  }
}
