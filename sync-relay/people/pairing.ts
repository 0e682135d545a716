/**
 * Where two devices of a person meet, one of which nobody knows yet: each leaves one message for the other, sealed with a key that both derive from the code that the
 * first one shows. The relay sees where they meet, how long the messages are, and who opened it. It keeps all of it in memory, for ten minutes.
 */
import { maxKnownPlaces } from '../api/rate-limit.ts'
import type { DeviceKey } from '../../core/ids.ts'
import { ApiRefusal } from './api-refusal.ts'

interface Meeting {
  by: DeviceKey
  until: number
  question: string | null
  answer: string | null
}

const meetingMs = 10 * 60_000
/** Meetings at one time. */
const maxMeetings = 1_000
/** Wrong codes from one address before it may try none for a while. */
const maxMisses = 10
const missesMs = 15 * 60_000

export class Pairing {
  readonly #now: () => number
  readonly #meetings = new Map<string, Meeting>()
  readonly #misses = new Map<string, { count: number; until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Begins to wait; returns until when. A device waits at one place only. */
  open(id: string, by: DeviceKey): number {
    this.#expire()
    for (const [other, meeting] of this.#meetings) if (meeting.by === by) this.#meetings.delete(other)
    if (this.#meetings.has(id)) throw new ApiRefusal('code-used', 'somebody else waits there')
    if (this.#meetings.size >= maxMeetings) throw new ApiRefusal('too-many', 'too many devices are being added at this moment')
    const until = this.#now() + meetingMs
    this.#meetings.set(id, { by, until, question: null, answer: null })
    return until
  }

  /** The new device's message. There is one for each code. */
  ask(id: string, sealed: string, address: string | null): void {
    const meeting = this.#found(id, address)
    if (meeting.question !== null) throw new ApiRefusal('code-used', 'the code has been used already')
    meeting.question = sealed
  }

  question(id: string, by: DeviceKey): string | null {
    return this.#own(id, by).question
  }

  /** The waiting device's message. It is not taken back. */
  answer(id: string, by: DeviceKey, sealed: string): void {
    const meeting = this.#own(id, by)
    if (meeting.question === null || meeting.answer !== null) throw new ApiRefusal('not-allowed', 'nobody waits for an answer')
    meeting.answer = sealed
  }

  answered(id: string, address: string | null): string | null {
    return this.#found(id, address).answer
  }

  close(id: string, by: DeviceKey): void {
    this.#own(id, by)
    this.#meetings.delete(id)
  }

  #own(id: string, by: DeviceKey): Meeting {
    this.#expire()
    const meeting = this.#meetings.get(id)
    if (meeting?.by !== by) throw new ApiRefusal('code-unknown', 'this device waits nowhere like that')
    return meeting
  }

  #found(id: string, address: string | null): Meeting {
    this.#expire()
    const missed = this.#misses.get(address ?? '') ?? { count: 0, until: this.#now() + missesMs }
    if (missed.count >= maxMisses) throw new ApiRefusal('too-many', 'too many wrong codes; try again in a quarter of an hour')
    const meeting = this.#meetings.get(id)
    if (meeting) return meeting
    if (this.#misses.size >= maxKnownPlaces) this.#misses.clear()
    this.#misses.set(address ?? '', { ...missed, count: missed.count + 1 })
    throw new ApiRefusal('code-unknown', 'nobody waits there, or no longer')
  }

  #expire(): void {
    const now = this.#now()
    for (const [id, { until }] of this.#meetings) if (until <= now) this.#meetings.delete(id)
    for (const [address, { until }] of this.#misses) if (until <= now) this.#misses.delete(address)
  }
}
