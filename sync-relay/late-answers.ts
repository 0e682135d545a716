import type { DocumentId } from '../core/ids.ts'

export interface LateAnswersOptions {
  /** How long a document may take to come before it is said not to be here. */
  waitMs: number
  /** Whether the client gets the document, and whether somebody is bringing what is being read: that is waited for. */
  stateOf: (id: DocumentId) => 'here' | 'coming' | 'away'
  sayUnavailable: (id: DocumentId) => void
}

interface Question {
  timer: NodeJS.Timeout
  ask: (() => void) | null
}

/** Questions of one client that wait; others are answered at once. */
const maxWaiting = 1_000

/**
 * What automerge-repo's own clients are told of documents that are not here, or not for them, a moment later than ours: their `find` gives up at that answer, and what somebody has just
 * made is often still on its way.
 */
export class LateAnswers {
  readonly #options: LateAnswersOptions
  readonly #questions = new Map<DocumentId, Question>()

  constructor(options: LateAnswersOptions) {
    this.#options = options
  }

  /** `ask` puts the question once more, for when the person may read the document; null where the document comes by itself. */
  wait(id: DocumentId, ask: (() => void) | null): void {
    const { waitMs, sayUnavailable } = this.#options
    const waiting = this.#questions.get(id)
    if (waiting) waiting.ask = ask
    else if (this.#questions.size < maxWaiting) this.#questions.set(id, { timer: setInterval(() => this.#answer(id), waitMs), ask })
    else sayUnavailable(id)
  }

  /** The person may read the document from now on. */
  askAgain(id: DocumentId): void {
    this.#questions.get(id)?.ask?.()
  }

  /** Nobody waits for an answer any more. */
  clear(): void {
    for (const { timer } of this.#questions.values()) clearInterval(timer)
    this.#questions.clear()
  }

  #answer(id: DocumentId): void {
    const state = this.#options.stateOf(id)
    if (state === 'coming') return
    clearInterval(this.#questions.get(id)?.timer)
    this.#questions.delete(id)
    if (state === 'away') this.#options.sayUnavailable(id)
  }
}
