/**
 * Jobs for a worker thread: named functions over plain data, done in order. What a thread is the host says; the queue needs to post to it, to end it, and to hear of
 * its replies and of its end.
 */
import { asPalimpsestError, type ErrorCode, PalimpsestError } from './errors.ts'
import { isPanic } from './sync/panic.ts'

/** To the thread. */
export interface JobRequest {
  number: number
  name: string
  input: unknown
}

/** From the thread. */
export type JobReply = { number: number } & (
  | { ok: true; result: unknown }
  /** `isSpent` when the thread must not do another job. */
  | { ok: false; code: ErrorCode; message: string; cause: string; isSpent: boolean }
)

export interface Thread {
  post(request: JobRequest): void
  end(): Promise<unknown>
}

export interface ThreadEvents {
  replied(reply: JobReply): void
  /** Also more than once, and with what it threw where that is known. */
  ended(cause?: unknown): void
}

/** The thread's side: does one job. */
export function answerJob(jobs: object, { number, name, input }: JobRequest): JobReply {
  try {
    const job = (jobs as Record<string, (input: unknown) => unknown>)[name]
    if (!job) throw new PalimpsestError('internal', `there is no job ${name}`)
    return { number, ok: true, result: job(input) }
  } catch (thrown) {
    const { code, message, cause } = asPalimpsestError(thrown)
    return { number, ok: false, code, message, cause: String(cause ?? ''), isSpent: isPanic(thrown) }
  }
}

interface Job {
  request: JobRequest
  resolve: (result: unknown) => void
  reject: (error: PalimpsestError) => void
}

/**
 * One thread, which is started by the first job. A thread that ends by itself takes the job with it that it was at, and one in which Automerge has panicked is not
 * used again, because nobody knows what is left in its memory. The other jobs go to another thread.
 */
export class WorkQueue {
  readonly #startThread: (events: ThreadEvents) => Thread
  #thread: Thread | null = null
  /** Jobs that are not done, the one that the thread is at first. */
  readonly #jobs = new Map<number, Job>()
  #count = 0

  constructor(startThread: (events: ThreadEvents) => Thread) {
    this.#startThread = startThread
  }

  /** Jobs that are not done. */
  get waiting(): number {
    return this.#jobs.size
  }

  /** Rejects with what the job threw, or `internal` where the thread ended. */
  run(name: string, input: unknown): Promise<unknown> {
    const thread = (this.#thread ??= this.#start())
    const request = { number: ++this.#count, name, input }
    return new Promise((resolve, reject) => {
      this.#jobs.set(request.number, { request, resolve, reject })
      thread.post(request)
    })
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    for (const number of [...this.#jobs.keys()]) this.#fail(number, 'the work was stopped')
    await thread?.end()
  }

  #start(): Thread {
    const thread: Thread = this.#startThread({
      replied: (reply) => this.#settle(thread, reply),
      ended: (cause) => this.#lose(thread, cause),
    })
    return thread
  }

  #settle(thread: Thread, reply: JobReply): void {
    if (thread !== this.#thread) return
    const job = this.#jobs.get(reply.number)
    this.#jobs.delete(reply.number)
    if (reply.ok) job?.resolve(reply.result)
    else job?.reject(new PalimpsestError(reply.code, reply.message, { cause: reply.cause }))
    if (!reply.ok && reply.isSpent) this.#renew(thread)
  }

  #lose(thread: Thread, cause: unknown): void {
    if (thread !== this.#thread) return
    const [number = -1] = this.#jobs.keys()
    this.#fail(number, 'a worker thread ended', cause)
    this.#renew(thread)
  }

  /** Another thread goes on with what is left. */
  #renew(thread: Thread): void {
    this.#thread = null
    void thread.end()
    if (this.#jobs.size === 0) return
    this.#thread = this.#start()
    for (const { request } of this.#jobs.values()) this.#thread.post(request)
  }

  #fail(number: number, message: string, cause?: unknown): void {
    this.#jobs.get(number)?.reject(new PalimpsestError('internal', message, { cause }))
    this.#jobs.delete(number)
  }
}
