import { PalimpsestError } from '../core/errors.ts'

/** Where changes of a client may wait for others. */
interface Waiting {
  /** Whether everything that the client sent is part of the document. */
  readonly isWhole: boolean
}

export interface AcknowledgementsOptions {
  /** Resolves when everything that was taken so far is durable; the same promise for all that becomes durable together. */
  durable: () => Promise<void>
  /** Everything up to this number is durable. */
  say: (number: number) => void
}

/**
 * Counts the `changes` messages of one connection, and acknowledges once for all that become durable together. While something that was sent waits for what
 * was not, nothing can be promised: what is released later is stored later.
 */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions
  /** Documents in which changes of this client wait. */
  readonly #gaps = new Set<Waiting>()
  #received = 0
  #acknowledged = 0
  /** The group of writes that is waited for, and the number that can be acknowledged when it is durable. */
  #awaited: { durable: Promise<void>; number: number } | null = null

  constructor(options: AcknowledgementsOptions) {
    this.#options = options
  }

  /** Throws `invalid` for a number that is not the next one. */
  expect(number: number | undefined): asserts number is number {
    if (number !== this.#received + 1) throw new PalimpsestError('invalid', `changes numbered ${number} after ${this.#received}`)
  }

  /** The message with this number was taken, or refused for good: what comes later is numbered on. */
  received(number: number): void {
    this.#received = number
  }

  /** Changes of this client are part of the document now, or wait in it. */
  took(member: Waiting): void {
    if (!member.isWhole) this.#gaps.add(member)
    for (const gap of this.#gaps) if (gap.isWhole) this.#gaps.delete(gap)
    if (this.#gaps.size === 0) void this.#sayWhenDurable()
  }

  forget(member: Waiting): void {
    this.#gaps.delete(member)
  }

  async #sayWhenDurable(): Promise<void> {
    const durable = this.#options.durable()
    if (this.#awaited?.durable === durable) {
      this.#awaited.number = this.#received
      return
    }
    const awaited = { durable, number: this.#received }
    this.#awaited = awaited
    await durable
    if (this.#awaited === awaited) this.#awaited = null
    if (awaited.number <= this.#acknowledged) return
    this.#acknowledged = awaited.number
    this.#options.say(awaited.number)
  }
}
