import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Thread, type ThreadEvents, WorkQueue } from '../../core/jobs.ts'
import type { JobInput, JobName, JobResult } from './document-jobs.ts'

/** `now` is what somebody waits for, `later` what nobody does. Each has a thread of its own. */
export type Urgency = 'now' | 'later'

const usualScript = new URL(`./document-worker${extname(import.meta.url)}`, import.meta.url)

/** Gives jobs to worker threads. */
export class DocumentWork {
  readonly #queues: Record<Urgency, WorkQueue>

  constructor(script = usualScript) {
    const start = (events: ThreadEvents) => startThread(script, events)
    this.#queues = { now: new WorkQueue(start), later: new WorkQueue(start) }
  }

  run<Name extends JobName>(name: Name, input: JobInput<Name>, urgency: Urgency = 'now'): Promise<JobResult<Name>> {
    return this.#queues[urgency].run(name, input) as Promise<JobResult<Name>>
  }

  async close(): Promise<void> {
    await Promise.all([this.#queues.now.close(), this.#queues.later.close()])
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
