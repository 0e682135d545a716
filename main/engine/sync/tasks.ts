import { PalimpsestError } from '../../../core/errors.ts'
import type { Progress } from '../../../core/contract/engine.ts'

/** What long work is given. */
export interface TaskSteps {
  /** Aborted when the person does not want it any more; the reason is a `cancelled`. */
  cancelled: AbortSignal
  onProgress: (done: number, total: number) => void
}

/** Long work under way, by the names that renderers gave it. */
export class Tasks {
  readonly #onProgress: (progress: Progress) => void
  readonly #running = new Map<string, AbortController>()

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress
  }

  /** Does work that ends early when its signal is aborted. Work without a name cannot be cancelled, and nobody is told of its progress. */
  async run<Result>(task: string | undefined, work: (steps: TaskSteps) => Promise<Result>): Promise<Result> {
    const controller = new AbortController()
    if (task === undefined) return work({ cancelled: controller.signal, onProgress: () => {} })
    this.#running.set(task, controller)
    try {
      return await work({ cancelled: controller.signal, onProgress: (done, total) => this.#onProgress({ task, done, total }) })
    } finally {
      if (this.#running.get(task) === controller) this.#running.delete(task)
    }
  }

  cancel(task: string): void {
    this.#running.get(task)?.abort(new PalimpsestError('cancelled', `${task} was cancelled`))
  }
}
