import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PalimpsestError } from '../core/errors.ts'
import type { JobInput, JobName, JobReply, JobRequest, JobResult } from './document-jobs.ts'

interface Job {
  request: JobRequest
  resolve: (result: never) => void
  reject: (error: PalimpsestError) => void
}

const usualScript = new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Gives jobs to one worker thread, which is started by the first job and does them in order. A thread that dies takes the job with it that it was at, and
 * one in which Automerge has panicked is not used again, because nobody knows what is left in its memory. The other jobs go to another thread.
 */
export class DocumentWork {
  readonly #script: URL
  #worker: Worker | null = null
  /** Jobs that are not done, the one that the thread is at first. */
  readonly #jobs = new Map<number, Job>()
  #count = 0

  constructor(script = usualScript) {
    this.#script = script
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>): Promise<JobResult<Name>> {
    const worker = (this.#worker ??= this.#start())
    const request: JobRequest<Name> = { number: ++this.#count, name, input }
    return new Promise((resolve, reject) => {
      this.#jobs.set(request.number, { request, resolve, reject })
      worker.postMessage(request)
    })
  }

  /** Jobs that are not done. */
  get waiting(): number {
    return this.#jobs.size
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    for (const { request } of [...this.#jobs.values()]) this.#fail(request.number, 'the work was stopped')
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#script)
    worker.unref()
    worker.on('message', (reply: JobReply) => this.#settle(worker, reply))
    worker.on('error', (cause) => this.#lose(worker, cause))
    worker.on('exit', () => this.#lose(worker, undefined))
    return worker
  }

  #settle(worker: Worker, reply: JobReply): void {
    if (worker !== this.#worker) return
    const job = this.#jobs.get(reply.number)
    this.#jobs.delete(reply.number)
    if (reply.ok) job?.resolve(reply.result as never)
    else job?.reject(new PalimpsestError(reply.code, reply.message))
    if (!reply.ok && reply.isSpent) this.#renew(worker)
  }

  #lose(worker: Worker, cause: unknown): void {
    if (worker !== this.#worker) return
    const [number = -1] = this.#jobs.keys()
    this.#fail(number, 'the worker thread ended', cause)
    this.#renew(worker)
  }

  /** Another thread goes on with what is left. */
  #renew(worker: Worker): void {
    this.#worker = null
    void worker.terminate()
    if (this.#jobs.size === 0) return
    this.#worker = this.#start()
    for (const { request } of this.#jobs.values()) this.#worker.postMessage(request)
  }

  #fail(number: number, message: string, cause?: unknown): void {
    this.#jobs.get(number)?.reject(new PalimpsestError('internal', message, { cause }))
    this.#jobs.delete(number)
  }
}
