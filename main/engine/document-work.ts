import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, PalimpsestError } from '../../core/errors.ts'
import type { JobInput, JobName, JobResult } from './document-jobs.ts'
import type { JobReply, JobRequest } from './document-worker.ts'

/** `now` is what somebody waits for, `later` what nobody does. Each has a thread of its own. */
export type Urgency = 'now' | 'later'

interface Job {
  resolve: (result: never) => void
  reject: (error: PalimpsestError) => void
}

/** Gives jobs to worker threads. A thread that dies takes the jobs it had with it, and the next job starts another. */
export class DocumentWork {
  readonly #threads = new Map<Urgency, Worker>()
  readonly #jobs = new Map<Worker, Map<number, Job>>()
  #count = 0

  run<Name extends JobName>(name: Name, input: JobInput<Name>, urgency: Urgency = 'now'): Promise<JobResult<Name>> {
    const thread = this.#threads.get(urgency) ?? this.#start(urgency)
    const request: JobRequest<Name> = { number: ++this.#count, name, input }
    return new Promise((resolve, reject) => {
      this.#jobs.get(thread)?.set(request.number, { resolve, reject })
      thread.postMessage(request)
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads.values()].map((thread) => thread.terminate()))
  }

  #start(urgency: Urgency): Worker {
    const thread = new Worker(new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url))
    this.#threads.set(urgency, thread)
    this.#jobs.set(thread, new Map())
    thread.unref()
    thread.on('message', (reply: JobReply) => this.#settle(thread, reply))
    thread.on('error', (error) => this.#lose(urgency, thread, error))
    thread.on('exit', () => this.#lose(urgency, thread, undefined))
    return thread
  }

  #settle(thread: Worker, reply: JobReply): void {
    const jobs = this.#jobs.get(thread)
    const job = jobs?.get(reply.number)
    jobs?.delete(reply.number)
    if (reply.ok) job?.resolve(reply.result as never)
    else job?.reject(new PalimpsestError(reply.code as ErrorCode, reply.message, { cause: reply.cause }))
  }

  #lose(urgency: Urgency, thread: Worker, cause: unknown): void {
    if (this.#threads.get(urgency) === thread) this.#threads.delete(urgency)
    const lost = this.#jobs.get(thread)
    this.#jobs.delete(thread)
    for (const job of lost?.values() ?? []) job.reject(new PalimpsestError('internal', 'a worker thread ended', { cause }))
  }
}
