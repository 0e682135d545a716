/** One stream of a relay's feed, read as it comes. */
import { get, type IncomingMessage } from 'node:http'
import { createFeedReader, type FeedEvent, feedPath, type NumberedEvent } from '../core/protocol/feed.ts'
import { apiAddress } from '../core/protocol/sign-in.ts'

export class RawFeed {
  readonly status: number
  /** Everything that came. */
  text = ''
  readonly #events: NumberedEvent[] = []
  readonly #response: IncomingMessage
  #isOver = false
  #wake = () => {}

  private constructor(response: IncomingMessage) {
    this.#response = response
    this.status = response.statusCode ?? 0
    const read = createFeedReader()
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      this.text += piece
      this.#events.push(...read(piece))
      this.#wake()
    })
    const end = () => {
      this.#isOver = true
      this.#wake()
    }
    response.on('end', end)
    response.on('error', end)
    response.on('close', end)
  }

  static open(relay: string, headers: Record<string, string>, query = ''): Promise<RawFeed> {
    const address = `${apiAddress(relay)}${feedPath}${query}`
    return new Promise((resolve, reject) => {
      get(address, { headers, agent: false }, (response) => resolve(new RawFeed(response))).on('error', reject)
    })
  }

  /** The events until there is nothing to replay any more. */
  async replayed(): Promise<NumberedEvent[]> {
    await this.#until(() => this.#events.some(({ event }) => event.kind === 'ready'))
    return this.#events.splice(0).filter(({ event }) => event.kind !== 'ready')
  }

  /** The next event. */
  async next(): Promise<FeedEvent> {
    await this.#until(() => this.#events.length > 0)
    return (this.#events.shift() as NumberedEvent).event
  }

  /** Resolves when more has come than what is there now. */
  async more(): Promise<void> {
    const { length } = this.text
    await this.#until(() => this.text.length > length)
  }

  /** Resolves when the relay has ended it. */
  async over(): Promise<void> {
    if (!this.#isOver) await new Promise<void>((resolve) => this.#response.once('close', resolve))
  }

  /** Takes nothing more from the socket. */
  pause(): void {
    this.#response.pause()
  }

  resume(): void {
    this.#response.resume()
  }

  async #until(check: () => boolean): Promise<void> {
    while (!check()) {
      if (this.#isOver) throw new Error(`the stream is over: ${this.text}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
