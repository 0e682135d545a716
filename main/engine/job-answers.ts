/** The worker's side of `DocumentWork`: does one job after the other. */
import { parentPort } from 'node:worker_threads'
import { answerJob, type JobRequest } from '../../core/jobs.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import type { Jobs } from './document-jobs.ts'

export async function answerJobs(jobs: Jobs): Promise<void> {
  await loadAutomerge()
  parentPort?.on('message', (request: JobRequest) => parentPort?.postMessage(answerJob(jobs, request)))
}
