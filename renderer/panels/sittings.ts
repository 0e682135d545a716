import type { Sitting } from '../../core/contract/engine.ts'
import { formatCount, formatDay, formatNumber, formatTime, formatTimeRange } from '../app/format.ts'

/** The timeline in words. Order comes from the change graph; times, which may lie, are only labels. */

export interface Day {
  readonly name: string
  readonly sittings: readonly Sitting[]
}

/** Sittings by day, newest first. A day whose sittings are interrupted by another's (a clock was wrong) appears twice rather than out of order. */
export function daysOf(timeline: readonly Sitting[], now: number): Day[] {
  const days: { name: string; sittings: Sitting[] }[] = []
  for (const sitting of [...timeline].reverse()) {
    const name = formatDay(sitting.startedAt, now)
    const last = days.at(-1)
    if (last?.name === name) last.sittings.push(sitting)
    else days.push({ name, sittings: [sitting] })
  }
  return days
}

/** Sittings that follow one another without a long pause: people who write at the same time take turns in short ones. */
export interface Stretch {
  /** Newest first, at least one. */
  readonly sittings: readonly Sitting[]
  readonly startedAt: number
  readonly endedAt: number
}

/** The pause that ends a sitting ends a stretch too. */
const pauseMs = 10 * 60_000

export function stretchesOf(newestFirst: readonly Sitting[]): Stretch[] {
  const stretches: { sittings: Sitting[]; startedAt: number; endedAt: number }[] = []
  for (const sitting of newestFirst) {
    const last = stretches.at(-1)
    const { startedAt, endedAt } = sitting
    if (last && last.startedAt - endedAt < pauseMs && startedAt - last.endedAt < pauseMs) {
      last.sittings.push(sitting)
      last.startedAt = Math.min(last.startedAt, startedAt)
      last.endedAt = Math.max(last.endedAt, endedAt)
    } else stretches.push({ sittings: [sitting], startedAt, endedAt })
  }
  return stretches
}

const minuteMs = 60_000

/** `14:05`, or from when to when. */
export const timeWords = ({ startedAt, endedAt }: Pick<Sitting, 'startedAt' | 'endedAt'>) =>
  endedAt - startedAt < minuteMs ? formatTime(startedAt) : formatTimeRange(startedAt, endedAt)

/** What a sitting did to the text. */
export function amountWords({ inserted, deleted }: Sitting): string {
  if (inserted === 0 && deleted === 0) return 'No change to the text'
  if (deleted === 0) return `${formatCount(inserted, 'character')} added`
  if (inserted === 0) return `${formatCount(deleted, 'character')} removed`
  return `${formatNumber(inserted)} added, ${formatNumber(deleted)} removed`
}
