/** What a relay counts while it works. Nothing here names a person, a document or an address. */
import type { Socket } from 'node:net'
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Counts, Histogram } from './prometheus.ts'

/** From a change's acceptance, which is in the same turn of the event loop as its receipt, until it is on the disk; in seconds. */
const durableBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A sample of the event loop’s lag is taken this often. */
const lagEveryMs = 20

export class Meter {
  readonly startedAt = Date.now()
  readonly durable = new Histogram(durableBounds)
  changes = 0
  changeBytes = 0
  connectionsOpened = 0
  /** Connections that the relay ended, by close code. */
  readonly closed = new Counts()
  /** Handshakes that were answered with a status, by that. */
  readonly turnedAway = new Counts()
  /** Calls that were refused, by problem. */
  readonly callsRefused = new Counts()
  /** Messages that were refused whole on a connection that goes on. */
  messagesRefused = 0
  readonly #sockets = new Set<Socket>()
  #endedBytes = { in: 0, out: 0 }
  readonly #lag = monitorEventLoopDelay({ resolution: lagEveryMs })
  #utilization: EventLoopUtilization = performance.eventLoopUtilization()

  constructor() {
    this.#lag.enable()
  }

  /** So many changes became durable together. */
  stored(changes: readonly Uint8Array[], waitedMs: number): void {
    this.changes += changes.length
    for (const { length } of changes) this.changeBytes += length
    this.durable.observe(waitedMs / 1000, changes.length)
  }

  /** Counts what goes over a connection of any kind. */
  watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#endedBytes.in += socket.bytesRead
      this.#endedBytes.out += socket.bytesWritten
    })
  }

  /** Over all connections, since the start. */
  get bytes(): { in: number; out: number } {
    const sum = { ...this.#endedBytes }
    for (const { bytesRead, bytesWritten } of this.#sockets) {
      sum.in += bytesRead
      sum.out += bytesWritten
    }
    return sum
  }

  /** How late the event loop was since this was last asked, and which part of the time it was busy. */
  takeLag(): { p99Ms: number; maxMs: number; busy: number } {
    const beyond = (nanoseconds: number) => Math.max(nanoseconds / 1e6 - lagEveryMs, 0)
    const wasQuiet = this.#lag.count === 0
    const lag = wasQuiet ? { p99Ms: 0, maxMs: 0 } : { p99Ms: beyond(this.#lag.percentile(99)), maxMs: beyond(this.#lag.max) }
    this.#lag.reset()
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization)
    this.#utilization = now
    return { ...lag, busy: utilization }
  }

  close(): void {
    this.#lag.disable()
  }
}
