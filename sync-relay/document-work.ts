import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Thread, type ThreadEvents, WorkQueue } from '../core/jobs.ts'
import type { JobInput, JobName, JobResult } from './document-jobs.ts'

const usualScript = new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url)

/** Gives jobs to one worker thread. */
export class DocumentWork {
  readonly #queue: WorkQueue

  constructor(script = usualScript) {
    this.#queue = new WorkQueue((events) => startThread(script, events))
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>): Promise<JobResult<Name>> {
    return this.#queue.run(name, input) as Promise<JobResult<Name>>
  }

  /** Jobs that are not done. */
  get waiting(): number {
    return this.#queue.waiting
  }

  close(): Promise<void> {
    return this.#queue.close()
  }
}

function startThread(script: URL, { replied, ended }: ThreadEvents): Thread {
  const worker = new Worker(script)
  worker.unref()
  worker.on('message', replied)
  worker.on('error', ended)
  worker.on('exit', () => ended())
  return { post: (request) => worker.postMessage(request), end: () => worker.terminate() }
}
