/**
 * A small world of replicas of one document, joined by queued connections: nothing moves until a script says so, so any interleaving can be written
 * down, and a failing random one becomes a named test. Two kinds of replica sync with each other: `stock` ones hold a document and use
 * Automerge's own sync states, as automerge-repo does; `thin` ones are ours, a change graph and sync sessions.
 */
import { isDeepStrictEqual } from 'node:util'
import * as A from '@automerge/automerge/slim'
import { ChangeGraph } from '../core/sync/change-graph.ts'
import { chunkKind, splitChunks } from '../core/sync/change-header.ts'
import { expandDocument } from '../core/sync/saved-document.ts'
import { SyncSession } from '../core/sync/session.ts'
import { readSyncMessage, writeSyncMessage } from '../core/sync/sync-message.ts'
import type { ChangeHash, Heads } from '../core/ids.ts'

/** Every change writes one key, so a lost change is a missing key. */
export type Notes = Record<string, string>

/** One side of a connection. */
interface Endpoint {
  receive(message: Uint8Array): void
  /** The next message for the other side, or null. */
  next(): Uint8Array | null
}

interface Replica {
  readonly name: string
  write(key: string): void
  read(): Notes
  /** `initiates` is set on one side of each connection. */
  connect(to: string, initiates: boolean): Endpoint
  /** As after a restart: only what is on disk is left. */
  restart(): void
}

class StockReplica implements Replica {
  readonly name: string
  #doc = A.init<Notes>()
  #states = new Map<string, A.SyncState>()

  constructor(name: string) {
    this.name = name
  }

  write(key: string): void {
    this.#doc = A.change(this.#doc, (draft) => void (draft[key] = this.name))
  }

  read(): Notes {
    return A.toJS(this.#doc)
  }

  connect(to: string): Endpoint {
    const kept = this.#states.get(to)
    let state = kept ? A.decodeSyncState(A.encodeSyncState(kept)) : A.initSyncState()
    let said: Uint8Array | null = null
    return {
      receive: (message) => {
        ;[this.#doc, state] = A.receiveSyncMessage(this.#doc, state, message)
        this.#states.set(to, state)
        said = null
      },
      next: () => {
        const [nextState, message] = A.generateSyncMessage(this.#doc, state)
        state = nextState
        this.#states.set(to, state)
        // Automerge asks to begin again as often as it is called; automerge-repo calls it once for each thing that happens.
        if (message && said && isDeepStrictEqual(message, said)) return null
        said = message
        return message
      },
    }
  }

  restart(): void {
    this.#doc = A.load(A.save(this.#doc))
    this.#states.clear()
  }
}

class ThinReplica implements Replica {
  readonly name: string
  #graph = new ChangeGraph()
  readonly #bytes = new Map<ChangeHash, Uint8Array>()
  /** Stands for the window that the person writes in. */
  #doc = A.init<Notes>()
  readonly #shared = new Map<string, Heads>()

  constructor(name: string) {
    this.name = name
  }

  write(key: string): void {
    this.#doc = A.change(this.#doc, (draft) => void (draft[key] = this.name))
    this.#accept([A.getLastLocalChange(this.#doc) as Uint8Array])
  }

  read(): Notes {
    return A.toJS(this.#doc)
  }

  connect(to: string, initiates: boolean): Endpoint {
    const shared = this.#shared.get(to) ?? []
    const session = new SyncSession(this.#graph, { shared, initiates })
    return {
      receive: (bytes) => {
        const message = readSyncMessage(bytes)
        this.#accept(message.changes)
        session.receive(message)
        this.#shared.set(to, session.shared)
      },
      next: () => {
        const plan = session.next()
        if (!plan) return null
        const changes = plan.whole ? [A.save(this.#doc)] : plan.rows.map((row) => this.#bytes.get(this.#graph.hashAt(row)) as Uint8Array)
        return writeSyncMessage({ ...plan, changes }, plan.whole)
      },
    }
  }

  restart(): void {
    this.#graph = ChangeGraph.restore([this.#graph.pack()])
  }

  #accept(chunks: Uint8Array[]): void {
    const changes = chunks.flatMap(splitChunks).flatMap((chunk) => (chunkKind(chunk) === 'document' ? expandDocument(chunk) : [chunk]))
    const { added, refused } = this.#graph.add(changes)
    if (refused[0]) throw refused[0].error
    for (const { header, bytes } of added) this.#bytes.set(header.hash, bytes)
    this.#doc = A.applyChanges(
      this.#doc,
      added.map(({ bytes }) => bytes),
    )[0]
  }
}

interface Connection {
  readonly ends: readonly [Replica, Replica]
  /** Null while the two are apart. */
  sides: [Endpoint, Endpoint] | null
  /** Messages under way to each side. */
  queues: [Uint8Array[], Uint8Array[]]
}

/** What a script may say. Names are those of replicas; `to` is the receiving side. */
export type Step =
  | { do: 'write'; at: string; key: string }
  /** Both sides say what they have to say; it is then under way. */
  | { do: 'speak'; between: [string, string] }
  | { do: 'deliver'; between: [string, string]; to: string }
  /** The message comes a second time. */
  | { do: 'duplicate'; between: [string, string]; to: string }
  /** The message that was sent last comes before all others that are under way. */
  | { do: 'overtake'; between: [string, string]; to: string }
  /** The connection breaks: what is under way is lost. */
  | { do: 'part'; between: [string, string] }
  | { do: 'join'; between: [string, string] }
  | { do: 'restart'; at: string }

/** More messages over one connection than any exchange here needs; reaching it means that two replicas keep each other talking. */
const tooMany = 400

export class World {
  readonly #replicas = new Map<string, Replica>()
  readonly #connections: Connection[] = []

  constructor(replicas: Record<string, 'stock' | 'thin'>, pairs: [string, string][]) {
    for (const [name, kind] of Object.entries(replicas))
      this.#replicas.set(name, kind === 'stock' ? new StockReplica(name) : new ThinReplica(name))
    for (const [left, right] of pairs) {
      const connection: Connection = { ends: [this.#replica(left), this.#replica(right)], sides: null, queues: [[], []] }
      this.#connections.push(connection)
      join(connection)
    }
  }

  run(script: Step[]): this {
    for (const step of script) this.#do(step)
    return this
  }

  /** Joins everything and delivers until nobody has anything to say. Returns the number of messages and of bytes it took. */
  settle(): { messages: number; bytes: number } {
    const traffic = { messages: 0, bytes: 0 }
    for (const connection of this.#connections) join(connection)
    for (let moved = true; moved; ) {
      moved = false
      for (const connection of this.#connections) {
        speak(connection)
        for (const side of [0, 1] as const) {
          for (let message = connection.queues[side].shift(); message; message = connection.queues[side].shift()) {
            connection.sides?.[side].receive(message)
            traffic.bytes += message.length
            traffic.messages += 1
            moved = true
          }
        }
        if (traffic.messages > tooMany * this.#connections.length) throw new Error(`${traffic.messages} messages and no end`)
      }
    }
    return traffic
  }

  read(name: string): Notes {
    return this.#replica(name).read()
  }

  /** What each replica reads, by name. */
  readAll(): Record<string, Notes> {
    return Object.fromEntries([...this.#replicas].map(([name, replica]) => [name, replica.read()]))
  }

  #replica(name: string): Replica {
    const replica = this.#replicas.get(name)
    if (!replica) throw new Error(`no replica ${name}`)
    return replica
  }

  #connection(between: [string, string]): Connection {
    const found = this.#connections.find(({ ends }) => ends.every((end) => between.includes(end.name)))
    if (!found) throw new Error(`no connection between ${between.join(' and ')}`)
    return found
  }

  #do(step: Step): void {
    if (step.do === 'write') return this.#replica(step.at).write(step.key)
    if (step.do === 'restart') return this.#restart(step.at)
    const connection = this.#connection(step.between)
    if (step.do === 'part') return part(connection)
    if (step.do === 'join') return join(connection)
    if (step.do === 'speak') return speak(connection)
    const side = connection.ends[0].name === step.to ? 0 : 1
    if (step.do === 'overtake') {
      const last = connection.queues[side].pop()
      if (last) connection.queues[side].unshift(last)
      return
    }
    const [message] = step.do === 'deliver' ? connection.queues[side].splice(0, 1) : connection.queues[side]
    if (message) connection.sides?.[side].receive(message)
  }

  #restart(name: string): void {
    const broken = this.#connections.filter(({ ends, sides }) => sides && ends.some((end) => end.name === name))
    for (const connection of broken) part(connection)
    this.#replica(name).restart()
    for (const connection of broken) join(connection)
  }
}

function join(connection: Connection): void {
  const [left, right] = connection.ends
  connection.sides ??= [left.connect(right.name, true), right.connect(left.name, false)]
}

function part(connection: Connection): void {
  connection.sides = null
  connection.queues = [[], []]
}

function speak({ sides, queues }: Connection): void {
  for (const side of [0, 1] as const) {
    for (let message = sides?.[side].next(); message; message = sides?.[side].next()) queues[side === 0 ? 1 : 0].push(message)
  }
}
