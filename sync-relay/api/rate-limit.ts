/** So many at once from one place, and then so many a second. */
export interface RateLimit {
  burst: number
  perSecond: number
}

/** Places that are remembered; beyond, all are forgotten, which lets each begin anew. */
export const maxKnownPlaces = 10_000

interface Place {
  /** Calls that may come now. */
  left: number
  /** When that was so, in milliseconds. */
  at: number
  /** Calls that may come beyond these. */
  paid: number
}

/**
 * Counts the calls that come from each place. A call that is refused costs nothing: otherwise many who try again and again from one place would keep each other out
 * for ever.
 */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #now: () => number
  readonly #places = new Map<string, Place>()

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit
    this.#now = now
  }

  /** Whether a call may come now. */
  mayCall(name: string): boolean {
    return this.#take(this.#place(name), 1)
  }

  /** Whether the first of two calls may come now. It costs both, so who could begin is not kept from going on by others who begin. */
  mayBegin(name: string): boolean {
    const place = this.#place(name)
    const mayBegin = this.#take(place, 2)
    if (mayBegin) place.paid += 1
    return mayBegin
  }

  /** Whether the second of two calls may come now. */
  mayGoOn(name: string): boolean {
    const place = this.#place(name)
    if (place.paid === 0) return this.#take(place, 1)
    place.paid -= 1
    return true
  }

  #take(place: Place, price: number): boolean {
    if (place.left < price) return false
    place.left -= price
    return true
  }

  #place(name: string): Place {
    const { burst, perSecond } = this.#limit
    const at = this.#now()
    const known = this.#places.get(name)
    if (known) {
      known.left = Math.min(burst, known.left + ((at - known.at) / 1000) * perSecond)
      known.at = at
      return known
    }
    if (this.#places.size >= maxKnownPlaces) this.#places.clear()
    const place = { left: burst, at, paid: 0 }
    this.#places.set(name, place)
    return place
  }
}
