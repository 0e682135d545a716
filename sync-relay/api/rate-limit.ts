/** So many at once from one place, and then so many a second. */
export interface RateLimit {
  burst: number
  perSecond: number
}

/** Places that are remembered; beyond, all are forgotten, which lets each begin anew. */
export const maxKnownPlaces = 10_000

/** Counts what comes from each place. Returns whether one more may come now. */
export function createRateLimiter({ burst, perSecond }: RateLimit, now: () => number): (place: string) => boolean {
  const places = new Map<string, { left: number; at: number }>()
  return (place) => {
    const known = places.get(place)
    const at = now()
    const left = known ? Math.min(burst, known.left + ((at - known.at) / 1000) * perSecond) : burst
    if (places.size >= maxKnownPlaces) places.clear()
    places.set(place, { left: Math.max(left - 1, 0), at })
    return left >= 1
  }
}
