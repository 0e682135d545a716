/** The thread that `DocumentWork` starts: does one job after the other. */
import { parentPort } from 'node:worker_threads'
import { asPalimpsestError } from '../core/errors.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import { type JobReply, type JobRequest, jobs } from './document-jobs.ts'

function answer({ number, name, input }: JobRequest): JobReply {
  try {
    return { number, ok: true, result: (jobs[name] as (input: unknown) => unknown)(input) }
  } catch (thrown) {
    const { code, message } = asPalimpsestError(thrown)
    return { number, ok: false, code, message }
  }
}

await loadAutomerge()
parentPort?.on('message', (request: JobRequest) => parentPort?.postMessage(answer(request)))
