import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PalimpsestError } from '../core/errors.ts'
import type { JobInput, JobName, JobReply, JobRequest, JobResult } from './document-jobs.ts'

interface Job {
  resolve: (result: never) => void
  reject: (error: PalimpsestError) => void
}

/** Gives jobs to one worker thread, which is started by the first job. When it dies its jobs are rejected, and the next job starts another. */
export class DocumentWork {
  #worker: Worker | null = null
  readonly #jobs = new Map<number, Job>()
  #count = 0

  run<Name extends JobName>(name: Name, input: JobInput<Name>): Promise<JobResult<Name>> {
    const worker = (this.#worker ??= this.#start())
    const request: JobRequest<Name> = { number: ++this.#count, name, input }
    return new Promise((resolve, reject) => {
      this.#jobs.set(request.number, { resolve, reject })
      worker.postMessage(request)
    })
  }

  /** Jobs that are not done. */
  get waiting(): number {
    return this.#jobs.size
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url))
    worker.unref()
    worker.on('message', (reply: JobReply) => this.#settle(reply))
    worker.on('error', (cause) => this.#lose(cause))
    worker.on('exit', () => this.#lose(undefined))
    return worker
  }

  #settle(reply: JobReply): void {
    const job = this.#jobs.get(reply.number)
    this.#jobs.delete(reply.number)
    if (reply.ok) job?.resolve(reply.result as never)
    else job?.reject(new PalimpsestError(reply.code, reply.message))
  }

  #lose(cause: unknown): void {
    this.#worker = null
    for (const job of this.#jobs.values()) job.reject(new PalimpsestError('internal', 'the worker thread ended', { cause }))
    this.#jobs.clear()
  }
}
