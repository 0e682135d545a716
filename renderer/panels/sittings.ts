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

const minuteMs = 60_000

/** `14:05`, or from when to when. */
export const timeWords = ({ startedAt, endedAt }: Sitting) =>
  endedAt - startedAt < minuteMs ? formatTime(startedAt) : formatTimeRange(startedAt, endedAt)

/** What a sitting did to the text. */
export function amountWords({ inserted, deleted }: Sitting): string {
  if (inserted === 0 && deleted === 0) return 'No change to the text'
  if (deleted === 0) return `${formatCount(inserted, 'character')} added`
  if (inserted === 0) return `${formatCount(deleted, 'character')} removed`
  return `${formatNumber(inserted)} added, ${formatNumber(deleted)} removed`
}
