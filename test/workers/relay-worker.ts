/** Some jobs go wrong, as a panic and as the end of the thread; one says in which thread it was done. */
import { threadId } from 'node:worker_threads'
import { trap } from './trap.ts'
import { jobs } from '../../sync-relay/document-jobs.ts'
import { answerJobs } from '../../sync-relay/job-answers.ts'

await answerJobs({ ...jobs, headers: trap, compact: () => process.exit(), pick: () => [Uint8Array.of(threadId)] })
