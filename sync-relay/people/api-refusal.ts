import type { ApiProblem } from '../../core/protocol/relay-api.ts'

/** A call that is not answered, with the reason for the client. */
export class ApiRefusal extends Error {
  readonly problem: ApiProblem

  constructor(problem: ApiProblem, message: string) {
    super(message)
    this.name = 'ApiRefusal'
    this.problem = problem
  }
}
