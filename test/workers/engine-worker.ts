/** Some jobs go wrong, as a panic and as the end of the thread; one says in which thread it was done. */
import { threadId } from 'node:worker_threads'
import { trap } from './trap.ts'
import { jobs } from '../../main/engine/document-jobs.ts'
import { answerJobs } from '../../main/engine/job-answers.ts'

await answerJobs({
  ...jobs,
  headers: ({ changes }) => (changes.length > 0 ? trap() : ([{ seq: threadId }] as never)),
  graph: () => process.exit(),
})
