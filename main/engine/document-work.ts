import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, PalimpsestError } from '../../core/errors.ts'
import type { JobInput, JobName, JobResult } from './document-jobs.ts'
import type { JobReply, JobRequest } from './job-answers.ts'

/** `now` is what somebody waits for, `later` what nobody does. Each has a thread of its own. */
export type Urgency = 'now' | 'later'

interface Job {
  request: JobRequest
  resolve: (result: never) => void
  reject: (error: PalimpsestError) => void
}

const usualScript = new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url)

/** Gives jobs to worker threads. */
export class DocumentWork {
  readonly #queues: Record<Urgency, WorkQueue>
  #count = 0

  constructor(script = usualScript) {
    this.#queues = { now: new WorkQueue(script), later: new WorkQueue(script) }
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>, urgency: Urgency = 'now'): Promise<JobResult<Name>> {
    const request: JobRequest<Name> = { number: ++this.#count, name, input }
    return new Promise((resolve, reject) => this.#queues[urgency].add({ request, resolve, reject }))
  }

  async close(): Promise<void> {
    await Promise.all([this.#queues.now.close(), this.#queues.later.close()])
  }
}

/**
 * One thread, which is started by the first job and does them in order. A thread that dies takes the job with it that it was at, and one in which Automerge has
 * panicked is not used again, because nobody knows what is left in its memory. The other jobs go to another thread.
 */
class WorkQueue {
  readonly #script: URL
  #thread: Worker | null = null
  /** Jobs that are not done, the one that the thread is at first. */
  readonly #jobs = new Map<number, Job>()

  constructor(script: URL) {
    this.#script = script
  }

  add(job: Job): void {
    const thread = (this.#thread ??= this.#start())
    this.#jobs.set(job.request.number, job)
    thread.postMessage(job.request)
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    for (const { request } of [...this.#jobs.values()]) this.#fail(request.number, 'the work was stopped')
    await thread?.terminate()
  }

  #start(): Worker {
    const thread = new Worker(this.#script)
    thread.unref()
    thread.on('message', (reply: JobReply) => this.#settle(thread, reply))
    thread.on('error', (cause) => this.#lose(thread, cause))
    thread.on('exit', () => this.#lose(thread, undefined))
    return thread
  }

  #settle(thread: Worker, reply: JobReply): void {
    if (thread !== this.#thread) return
    const job = this.#jobs.get(reply.number)
    this.#jobs.delete(reply.number)
    if (reply.ok) job?.resolve(reply.result as never)
    else job?.reject(new PalimpsestError(reply.code as ErrorCode, reply.message, { cause: reply.cause }))
    if (!reply.ok && reply.isSpent) this.#renew(thread)
  }

  #lose(thread: Worker, cause: unknown): void {
    if (thread !== this.#thread) return
    const [number = -1] = this.#jobs.keys()
    this.#fail(number, 'a worker thread ended', cause)
    this.#renew(thread)
  }

  /** Another thread goes on with what is left. */
  #renew(thread: Worker): void {
    this.#thread = null
    void thread.terminate()
    if (this.#jobs.size === 0) return
    this.#thread = this.#start()
    for (const { request } of this.#jobs.values()) this.#thread.postMessage(request)
  }

  #fail(number: number, message: string, cause?: unknown): void {
    this.#jobs.get(number)?.reject(new PalimpsestError('internal', message, { cause }))
    this.#jobs.delete(number)
  }
}
