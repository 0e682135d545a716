/** The feed of one relay, held open as long as it is wanted: begun again after the last event that came whenever it ends. */
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import { createFeedReader, feedHeartbeatMs, type NumberedEvent } from '../../../core/protocol/feed.ts'
import type { RelayAccount } from './relay-account.ts'

export interface RelayFeedOptions {
  account: RelayAccount
  /** The last event that is known; null for none. */
  last: number | null
  onEvent: (event: NumberedEvent) => void
  onFault: (error: PalimpsestError) => void
}

/** A stream that says nothing for so long is dead. */
const silenceMs = feedHeartbeatMs * 2.5
const firstPauseMs = 1_000
const lastPauseMs = 60_000

export class RelayFeed {
  readonly #options: RelayFeedOptions
  readonly #ended = new AbortController()
  #last: number | null
  #pauseMs = firstPauseMs

  constructor(options: RelayFeedOptions) {
    this.#options = options
    this.#last = options.last
    void this.#hold()
  }

  close(): void {
    this.#ended.abort()
  }

  async #hold(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        if ((await this.#read()) === 'none') return
      } catch (error) {
        if (!this.#ended.signal.aborted) this.#options.onFault(asPalimpsestError(error))
      }
      await this.#pause()
    }
  }

  /** Reads one stream to its end. A relay that is open to all has none. */
  async #read(): Promise<'none' | 'over'> {
    const silence = new AbortController()
    let timer = setTimeout(() => silence.abort(), silenceMs)
    try {
      const pieces = await this.#options.account.feed(this.#last, AbortSignal.any([this.#ended.signal, silence.signal]))
      if (pieces === null) return 'none'
      const [read, decoder] = [createFeedReader(), new TextDecoder()]
      for await (const piece of pieces) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), silenceMs)
        for (const numbered of read(decoder.decode(piece, { stream: true }))) this.#take(numbered)
      }
      return 'over'
    } finally {
      clearTimeout(timer)
    }
  }

  #take(numbered: NumberedEvent): void {
    if (this.#ended.signal.aborted) return
    this.#pauseMs = firstPauseMs
    this.#last = numbered.id
    this.#options.onEvent(numbered)
  }

  /** At first short, then longer and longer, and never for all at once. */
  #pause(): Promise<void> {
    const pauseMs = this.#pauseMs * (0.5 + Math.random())
    this.#pauseMs = Math.min(this.#pauseMs * 2, lastPauseMs)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs)
      this.#ended.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
