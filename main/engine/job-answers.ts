/** The worker's side of `DocumentWork`: does one job after the other, and says when the thread is not to be used again. */
import { parentPort } from 'node:worker_threads'
import { asPalimpsestError } from '../../core/errors.ts'
import { isPanic } from '../../core/sync/panic.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import type { JobInput, JobName, Jobs } from './document-jobs.ts'

/** Engine → worker. */
export interface JobRequest<Name extends JobName = JobName> {
  number: number
  name: Name
  input: JobInput<Name>
}

/** Worker → engine. */
export type JobReply = { number: number } & (
  | { ok: true; result: unknown }
  /** `isSpent` when the thread must not do another job. */
  | { ok: false; code: string; message: string; cause: string; isSpent: boolean }
)

export async function answerJobs(jobs: Jobs): Promise<void> {
  await loadAutomerge()
  parentPort?.on('message', (request: JobRequest) => parentPort?.postMessage(answer(jobs, request)))
}

function answer(jobs: Jobs, { number, name, input }: JobRequest): JobReply {
  try {
    return { number, ok: true, result: (jobs[name] as (input: unknown) => unknown)(input) }
  } catch (thrown) {
    const { code, message, cause } = asPalimpsestError(thrown)
    return { number, ok: false, code, message, cause: String(cause ?? ''), isSpent: isPanic(thrown) }
  }
}
