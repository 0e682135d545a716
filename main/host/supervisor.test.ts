import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineLaunch, EngineMessage } from '../../core/contract/process.ts'
import { type EngineChild, superviseEngine } from './supervisor.ts'

/** An engine process whose life is in the hands of the test. */
class TestChild implements EngineChild {
  readonly pid: number
  readonly launch: EngineLaunch
  isAskedToClose = false
  isKilled = false
  #receive: (message: EngineMessage) => void = () => {}
  readonly #exits: (() => void)[] = []

  constructor(pid: number, launch: EngineLaunch) {
    this.pid = pid
    this.launch = launch
  }

  onMessage(receive: (message: EngineMessage) => void) {
    this.#receive = receive
  }

  onExit(exited: () => void) {
    this.#exits.push(exited)
  }

  close() {
    this.isAskedToClose = true
  }

  kill() {
    this.isKilled = true
  }

  says(message: EngineMessage) {
    this.#receive(message)
  }

  dies() {
    for (const exited of this.#exits) exited()
  }
}

function supervise() {
  const children: TestChild[] = []
  const told: string[] = []
  const supervisor = superviseEngine<TestChild>({
    dataDir: '/data',
    version: '1.2.3',
    spawn(launch) {
      const child = new TestChild(children.length + 1, launch)
      children.push(child)
      return child
    },
    onReady: ({ pid }, restarted) => told.push(`${restarted ? 'restarted' : 'started'} ${pid}`),
    onDeath: () => told.push('died'),
  })
  const last = () => children.at(-1) as TestChild
  return { supervisor, children, told, last }
}

describe('a supervised engine', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('that asks for its own end serves nobody until the next one is ready, and is not taken for dead', async () => {
    const { supervisor, children, told, last } = supervise()
    last().says({ type: 'ready' })
    last().says({ type: 'restarting' })
    const waiting = supervisor.ready()
    last().dies()
    vi.advanceTimersByTime(0)
    expect(last().launch.restarted).toBe(false)
    last().says({ type: 'ready' })
    expect(await waiting).toBe(children[1])
    expect(told).toEqual(['started 1', 'started 2'])
  })

  test('that asks for its own end and does not come to it is killed', () => {
    const { last } = supervise()
    last().says({ type: 'ready' })
    last().says({ type: 'restarting' })
    vi.advanceTimersByTime(10_000)
    expect(last().isKilled).toBe(true)
  })

  test('is given its launch options, and is ready when it says so', async () => {
    const { supervisor, told, last } = supervise()
    const waiting = supervisor.ready()
    expect(last().launch).toEqual({ dataDir: '/data', version: '1.2.3', restarted: false })
    last().says({ type: 'ready' })
    await supervisor.started
    expect((await waiting).pid).toBe(1)
    expect(told).toEqual(['started 1'])
  })

  test('has the data folder before it is ready', async () => {
    const { supervisor, told, last } = supervise()
    last().says({ type: 'holding' })
    await supervisor.holding
    expect(told).toEqual([])
    last().says({ type: 'ready' })
    await supervisor.started
  })

  test('that cannot have the data folder never holds it', async () => {
    const { supervisor, last } = supervise()
    last().says({ type: 'failed', code: 'read-only', message: 'no' })
    last().dies()
    await expect(supervisor.holding).rejects.toMatchObject({ code: 'read-only' })
    await expect(supervisor.started).rejects.toMatchObject({ code: 'read-only' })
  })

  test('is started again when it dies, and whoever asks meanwhile waits for the next one', async () => {
    const { supervisor, told, last } = supervise()
    last().says({ type: 'ready' })
    last().dies()
    const waiting = supervisor.ready()
    await vi.advanceTimersByTimeAsync(0)
    expect(last().launch.restarted).toBe(true)
    last().says({ type: 'ready' })
    expect((await waiting).pid).toBe(2)
    expect(told).toEqual(['started 1', 'died', 'restarted 2'])
  })

  test('that keeps dying is started in growing pauses, and at once again after it has lived', async () => {
    const { children, last } = supervise()
    last().says({ type: 'ready' })
    last().dies()
    const pauses: number[] = []
    for (let round = 0; round < 9; round++) {
      const before = children.length
      const startedAt = Date.now()
      while (children.length === before) await vi.advanceTimersByTimeAsync(10)
      pauses.push(Date.now() - startedAt)
      if (round < 8) last().dies()
    }
    expect(pauses).toEqual([10, 100, 200, 400, 800, 1600, 3200, 5000, 5000])
    last().says({ type: 'ready' })
    await vi.advanceTimersByTimeAsync(11_000)
    last().dies()
    await vi.advanceTimersByTimeAsync(0)
    expect(children).toHaveLength(11)
  })

  test('that cannot serve its folder at the first start has failed for good', async () => {
    const { supervisor, children, last } = supervise()
    last().says({ type: 'failed', code: 'read-only', message: 'no' })
    last().dies()
    await expect(supervisor.started).rejects.toMatchObject({ code: 'read-only' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(children).toHaveLength(1)
  })

  test('that finds the folder in use waits a moment for it', async () => {
    const { supervisor, children, last } = supervise()
    last().says({ type: 'failed', code: 'locked', message: 'in use' })
    last().dies()
    await vi.advanceTimersByTimeAsync(100)
    expect(children).toHaveLength(2)
    last().says({ type: 'ready' })
    await supervisor.started
  })

  test('that finds the folder in use for long gives up', async () => {
    const { supervisor, last } = supervise()
    const outcome = supervisor.started.catch((error: unknown) => error)
    for (let round = 0; round < 10; round++) {
      last().says({ type: 'failed', code: 'locked', message: 'in use' })
      last().dies()
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(await outcome).toMatchObject({ code: 'locked' })
  })

  test('that says nothing before it ends has failed', async () => {
    const { supervisor, last } = supervise()
    last().dies()
    await expect(supervisor.started).rejects.toMatchObject({ code: 'engine-gone' })
  })

  test('is asked to close, and not started again', async () => {
    const { supervisor, children, last } = supervise()
    last().says({ type: 'ready' })
    const stopped = supervisor.stop()
    expect(last().isAskedToClose).toBe(true)
    last().dies()
    await stopped
    await vi.advanceTimersByTimeAsync(60_000)
    expect(children).toHaveLength(1)
    expect(last().isKilled).toBe(false)
  })

  test('that does not close is ended by force', async () => {
    const { supervisor, last } = supervise()
    last().says({ type: 'ready' })
    const stopped = supervisor.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(last().isKilled).toBe(true)
    last().dies()
    await stopped
  })

  test('is not started while stopped in a pause', async () => {
    const { supervisor, children, last } = supervise()
    last().says({ type: 'ready' })
    last().dies()
    await supervisor.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(children).toHaveLength(1)
  })
})
