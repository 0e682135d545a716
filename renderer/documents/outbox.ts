import { atom, type ReadableAtom } from 'nanostores'
import type { EngineClient } from '../../core/contract/engine.ts'
import { asPalimpsestError } from '../../core/errors.ts'
import type { DocumentId } from '../../core/ids.ts'

/**
 * Changes on their way to the engine.
 *
 * A change stays here until the engine has said that it is durable. Messages follow each other without waiting for answers, in order. When one
 * fails, nothing more is sent until all answers are in; then everything that is left goes again, in one message. The engine takes a
 * change twice without harm, so a repeated one is never wrong.
 */
export interface Outbox {
  /** Whether everything given to `add` is durable. */
  readonly isEmpty: ReadableAtom<boolean>
  add(changes: readonly Uint8Array[]): void
  /** The engine is gone: keep everything, send nothing until `resume`. */
  pause(): void
  /** Send `changes`, and nothing else, from here on: all that the engine that has come back does not have. */
  resume(changes: readonly Uint8Array[]): void
  /** Stops for good. */
  end(): void
}

const retryMs = 2_000

export function createOutbox(client: EngineClient, id: DocumentId): Outbox {
  const isEmpty = atom(true)
  let state: 'sending' | 'failing' | 'paused' | 'ended' = 'sending'
  let batches: Uint8Array[][] = []
  let underWay = 0
  let retry: ReturnType<typeof setTimeout> | undefined

  function settle() {
    isEmpty.set(batches.length === 0)
    if (state !== 'failing' || underWay > 0) return
    clearTimeout(retry)
    retry = setTimeout(sendAgain, retryMs)
  }

  function sendAgain() {
    if (state !== 'failing') return
    state = 'sending'
    const left = batches.flat()
    batches = []
    if (left.length > 0) send(left)
  }

  function send(changes: Uint8Array[]) {
    batches.push(changes)
    isEmpty.set(false)
    if (state !== 'sending') return
    underWay++
    client
      .call('document.change', { id, changes })
      .then(
        () => {
          batches = batches.filter((batch) => batch !== changes)
        },
        (thrown: unknown) => fail(thrown),
      )
      .finally(() => {
        underWay--
        settle()
      })
  }

  function fail(thrown: unknown) {
    const { code, message } = asPalimpsestError(thrown)
    // An engine that is gone comes back through `resume`.
    if (state !== 'sending') return
    state = code === 'engine-gone' ? 'paused' : 'failing'
    if (state === 'failing') console.warn(`The engine did not take changes of ${id} and will be asked again: ${message}`)
  }

  return {
    isEmpty,
    add(changes) {
      if (changes.length > 0 && state !== 'ended') send([...changes])
    },
    pause() {
      if (state !== 'ended') state = 'paused'
    },
    resume(changes) {
      if (state === 'ended') return
      clearTimeout(retry)
      state = 'sending'
      batches = []
      if (changes.length > 0) send([...changes])
      settle()
    },
    end() {
      clearTimeout(retry)
      state = 'ended'
    },
  }
}
