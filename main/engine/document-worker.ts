/** The thread that `DocumentWork` starts. */
import { jobs } from './document-jobs.ts'
import { answerJobs } from './job-answers.ts'

await answerJobs(jobs)
