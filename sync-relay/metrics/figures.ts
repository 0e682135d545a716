/** The figures of a running relay: read at one moment for `/metrics`, and kept for some minutes for the status page. */
import { existsSync, statSync } from 'node:fs'
import type { Meter } from './meter.ts'
import { type Family, quantile, writeFamilies } from './prometheus.ts'

/** Where figures come from that are there anyway. */
export interface FigureSources {
  meter: Meter
  connections: () => number
  people: () => number
  openDocuments: () => number
  storedDocuments: () => number
  /** Writes that are not on the disk yet. */
  waitingWrites: () => number
  /** Work for the thread that opens documents. */
  waitingJobs: () => number
  /** Bytes that slow readers have not taken. */
  waitingBytes: () => number
  isHealthy: () => boolean
  /** The files that the relay writes. */
  files: readonly string[]
  version: string
}

/** What happened in one interval. */
export interface Interval {
  at: number
  connections: number
  changesPerSecond: number
  bytesOutPerSecond: number
  bytesInPerSecond: number
  /** Seconds; null where no change came. */
  durableP95: number | null
  lagMs: number
  busy: number
}

const intervalMs = 5_000
const keptIntervals = 120

export class Figures {
  readonly sources: FigureSources
  readonly #intervals: Interval[] = []
  #last
  readonly #timer: NodeJS.Timeout

  constructor(sources: FigureSources) {
    this.sources = sources
    this.#last = this.#counts()
    this.#timer = setInterval(() => this.take(), intervalMs)
    this.#timer.unref()
  }

  /** The last ten minutes, oldest first. */
  get intervals(): readonly Interval[] {
    return this.#intervals
  }

  /** Ends an interval. */
  take(): void {
    const { meter } = this.sources
    const [before, now] = [this.#last, this.#counts()]
    this.#last = now
    const seconds = Math.max((now.at - before.at) / 1000, 0.001)
    const lag = meter.takeLag()
    this.#intervals.push({
      at: Date.now(),
      connections: this.sources.connections(),
      changesPerSecond: (now.changes - before.changes) / seconds,
      bytesOutPerSecond: (now.bytes.out - before.bytes.out) / seconds,
      bytesInPerSecond: (now.bytes.in - before.bytes.in) / seconds,
      durableP95: quantile(
        0.95,
        meter.durable.bounds,
        now.durable.map((count, at) => count - (before.durable[at] ?? 0)),
      ),
      lagMs: lag.maxMs,
      busy: lag.busy,
    })
    if (this.#intervals.length > keptIntervals) this.#intervals.shift()
  }

  close(): void {
    clearInterval(this.#timer)
    this.sources.meter.close()
  }

  #counts() {
    const { meter } = this.sources
    return { at: performance.now(), changes: meter.changes, bytes: meter.bytes, durable: meter.durable.counts }
  }
}

/** Bytes of a SQLite file with its log. */
export const fileBytes = (file: string): number =>
  [file, `${file}-wal`].reduce((sum, each) => sum + (existsSync(each) ? statSync(each).size : 0), 0)

/** Everything, for Prometheus. */
export function metricsText({ sources, intervals }: Figures): string {
  const { meter } = sources
  const prefix = 'palimpsest_relay_'
  const one = (type: Family['type'], name: string, help: string, value: number): Family => ({ name, help, type, samples: [{ value }] })
  const gauge = (name: string, help: string, value: number) => one('gauge', prefix + name, help, value)
  const counter = (name: string, help: string, value: number) => one('counter', prefix + name, help, value)
  const memory = process.memoryUsage()
  const cpu = process.cpuUsage()
  const last = intervals.at(-1)
  return writeFamilies([
    {
      name: `${prefix}info`,
      help: 'The version that is running.',
      type: 'gauge',
      samples: [{ labels: { version: sources.version }, value: 1 }],
    },
    gauge('healthy', '1 when changes can be stored, 0 when not (a full disk).', Number(sources.isHealthy())),
    gauge('connections', 'Connections of writers at the moment.', sources.connections()),
    gauge('connected_people', 'People with at least one connection.', sources.people()),
    counter('connections_opened_total', 'Connections of writers since the start.', meter.connectionsOpened),
    gauge('documents_open', 'Documents that somebody follows or followed a moment ago.', sources.openDocuments()),
    gauge('documents_stored', 'Documents that are stored.', sources.storedDocuments()),
    counter('changes_total', 'Changes that became durable.', meter.changes),
    counter('change_bytes_total', 'Their bytes.', meter.changeBytes),
    {
      name: `${prefix}durable_seconds`,
      help: 'Time of a change from its receipt until it was on the disk.',
      type: 'histogram',
      samples: meter.durable.samples(),
    },
    {
      name: `${prefix}network_bytes_total`,
      help: 'Bytes over all connections.',
      type: 'counter',
      samples: Object.entries(meter.bytes).map(([direction, value]) => ({ labels: { direction }, value })),
    },
    {
      name: `${prefix}closed_total`,
      help: 'Connections that the relay ended, by close code.',
      type: 'counter',
      samples: meter.closed.samples('code'),
    },
    {
      name: `${prefix}handshakes_refused_total`,
      help: 'Handshakes that were refused, by status.',
      type: 'counter',
      samples: meter.turnedAway.samples('status'),
    },
    {
      name: `${prefix}calls_refused_total`,
      help: 'Calls that were refused, by problem.',
      type: 'counter',
      samples: meter.callsRefused.samples('problem'),
    },
    counter('messages_refused_total', 'Messages that were refused whole for want of a right.', meter.messagesRefused),
    gauge('waiting_writes', 'Writes that are not on the disk yet.', sources.waitingWrites()),
    gauge('waiting_jobs', 'Documents that wait for the thread that opens them.', sources.waitingJobs()),
    gauge('waiting_bytes', 'Bytes that slow readers have not taken yet.', sources.waitingBytes()),
    gauge('event_loop_lag_seconds', 'How late the event loop was at most, in the last five seconds.', (last?.lagMs ?? 0) / 1000),
    gauge('event_loop_busy_ratio', 'Which part of the last five seconds the event loop was busy.', last?.busy ?? 0),
    gauge(
      'files_bytes',
      'Size of the files of the data folder.',
      sources.files.reduce((sum, file) => sum + fileBytes(file), 0),
    ),
    one('gauge', 'process_resident_memory_bytes', 'Resident memory size in bytes.', memory.rss),
    one('gauge', 'process_heap_bytes', 'Memory of JavaScript objects in bytes.', memory.heapUsed),
    one('counter', 'process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (cpu.user + cpu.system) / 1e6),
    one(
      'gauge',
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      Math.round(meter.startedAt / 1000),
    ),
  ])
}
