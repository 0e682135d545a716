/**
 * Keeps one engine process running for a host: starts it, starts it again when it dies (at once, then with growing pauses), and stops it.
 *
 * An engine that says at the first start why it cannot serve (`locked`, `read-only`) has failed for good, and the host tells the person;
 * `locked` only after a while, since the engine of a host that was just killed may still be writing its last. After a successful start
 * every end that was not asked for is a death, whatever the reason, and is answered with a new start.
 */
import type { EngineLaunch, EngineMessage } from '../../core/contract/process.ts'
import { PalimpsestError } from '../../core/errors.ts'

/** One engine process, as a host starts it. */
export interface EngineChild {
  readonly pid: number | undefined
  onMessage(receive: (message: EngineMessage) => void): void
  onExit(exited: () => void): void
  /** Asks it to write what is pending and go. */
  close(): void
  kill(): void
}

export interface SupervisorOptions<Child extends EngineChild> {
  dataDir: string
  version: string
  spawn(launch: EngineLaunch): Child
  /** Each time an engine is ready; `restarted` from the second on. */
  onReady?(child: Child, restarted: boolean): void
  onDeath?(): void
}

export interface Supervisor<Child extends EngineChild> {
  /** Resolves when the first engine has the data folder: from then on it is worth opening a page. Rejects as `started` does. */
  readonly holding: Promise<void>
  /** Resolves at the first engine that is ready; rejects with its `PalimpsestError` when the first one fails. */
  readonly started: Promise<void>
  /** The engine that is ready now, or else the next one. */
  ready(): Promise<Child>
  /** Asks the engine to close and resolves when it is gone. */
  stop(): Promise<void>
}

type State<Child> =
  | { is: 'starting'; child: Child }
  | { is: 'running'; child: Child; since: number }
  | { is: 'pausing'; timer: NodeJS.Timeout }
  | { is: 'stopped' }

const longestPauseMs = 5_000
/** An engine that lived so long did not die of its start. */
const healthyMs = 10_000
/** How long an engine may take to write what is pending before it is ended by force. */
const closeMs = 10_000
/** How long another engine may hold the data folder before it is taken for one that stays. */
const patienceMs = 1_500

export function superviseEngine<Child extends EngineChild>(options: SupervisorOptions<Child>): Supervisor<Child> {
  const { promise: started, resolve: didStart, reject: didFail } = Promise.withResolvers<void>()
  const { promise: holding, resolve: doesHold, reject: cannotHold } = Promise.withResolvers<void>()
  // Not every host waits for both.
  holding.catch(() => {})
  let waiting: ((child: Child) => void)[] = []
  const startedAt = Date.now()
  let hasServed = false
  let pauseMs = 0
  /** The engine asked for its own end, which is no death. */
  let isWanted = false
  let state = start()

  function start(): State<Child> {
    const restarted = hasServed && !isWanted
    isWanted = false
    const child = options.spawn({ dataDir: options.dataDir, version: options.version, restarted })
    let failure: PalimpsestError | null = null
    child.onMessage((message) => {
      if (message.type === 'restarting') prepare(child)
      else if (message.type === 'failed') failure = new PalimpsestError(message.code, message.message)
      else if (message.type === 'holding') doesHold()
      else if (message.type === 'ready' && state.is === 'starting') becomeReady(child, restarted)
    })
    child.onExit(() => ended(failure))
    return { is: 'starting', child }
  }

  function becomeReady(child: Child, restarted: boolean) {
    state = { is: 'running', child, since: Date.now() }
    hasServed = true
    didStart()
    options.onReady?.(child, restarted)
    for (const give of waiting.splice(0)) give(child)
  }

  /** The engine is about to end: whoever comes from now on waits for the next one. */
  function prepare(child: Child) {
    if (state.is !== 'running') return
    isWanted = true
    state = { is: 'starting', child }
    const impatience = setTimeout(() => child.kill(), closeMs)
    child.onExit(() => clearTimeout(impatience))
  }

  function ended(failure: PalimpsestError | null) {
    if (state.is === 'stopped') return
    const mayPass = failure?.code === 'locked' && Date.now() - startedAt < patienceMs
    if (!hasServed && !mayPass) {
      state = { is: 'stopped' }
      const reason = failure ?? new PalimpsestError('engine-gone', 'the engine ended while it was starting')
      cannotHold(reason)
      return didFail(reason)
    }
    if (isWanted || (state.is === 'running' && Date.now() - state.since > healthyMs)) pauseMs = 0
    if (state.is === 'running') options.onDeath?.()
    const timer = setTimeout(() => {
      state = start()
    }, pauseMs)
    state = { is: 'pausing', timer }
    pauseMs = Math.min(longestPauseMs, Math.max(100, pauseMs * 2))
  }

  async function stop() {
    const last = state
    state = { is: 'stopped' }
    waiting = []
    if (last.is === 'pausing') clearTimeout(last.timer)
    if (last.is !== 'starting' && last.is !== 'running') return
    const gone = new Promise<void>((exited) => last.child.onExit(exited))
    const impatience = setTimeout(() => last.child.kill(), closeMs)
    last.child.close()
    await gone
    clearTimeout(impatience)
  }

  return {
    holding,
    started,
    ready: () => (state.is === 'running' ? Promise.resolve(state.child) : new Promise((give) => waiting.push(give))),
    stop,
  }
}
