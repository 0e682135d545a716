/** The thread that `DocumentWork` starts: does one job after the other. */
import { parentPort } from 'node:worker_threads'
import { asPalimpsestError } from '../../core/errors.ts'
import { loadAutomerge } from './automerge-wasm.ts'
import { type JobInput, type JobName, jobs } from './document-jobs.ts'

/** Engine → worker. */
export interface JobRequest<Name extends JobName = JobName> {
  number: number
  name: Name
  input: JobInput<Name>
}

/** Worker → engine. */
export type JobReply = { number: number } & ({ ok: true; result: unknown } | { ok: false; code: string; message: string; cause: string })

function answer({ number, name, input }: JobRequest): JobReply {
  try {
    return { number, ok: true, result: (jobs[name] as (input: unknown) => unknown)(input) }
  } catch (thrown) {
    const { code, message, cause } = asPalimpsestError(thrown)
    return { number, ok: false, code, message, cause: String(cause ?? '') }
  }
}

await loadAutomerge()
parentPort?.on('message', (request: JobRequest) => parentPort?.postMessage(answer(request)))
