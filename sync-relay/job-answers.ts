/** The worker's side of `DocumentWork`: does one job after the other, and says when the thread is not to be used again. */
import { parentPort } from 'node:worker_threads'
import { asPalimpsestError } from '../core/errors.ts'
import { isPanic } from '../core/sync/panic.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import type { JobReply, JobRequest, Jobs } from './document-jobs.ts'

export async function answerJobs(jobs: Jobs): Promise<void> {
  await loadAutomerge()
  parentPort?.on('message', (request: JobRequest) => parentPort?.postMessage(answer(jobs, request)))
}

function answer(jobs: Jobs, { number, name, input }: JobRequest): JobReply {
  try {
    return { number, ok: true, result: (jobs[name] as (input: unknown) => unknown)(input) }
  } catch (thrown) {
    const { code, message } = asPalimpsestError(thrown)
    return { number, ok: false, code, message, isSpent: isPanic(thrown) }
  }
}
