/** Numbers, dates and counts as the platform writes them, and names as they stand among words. */

const number = new Intl.NumberFormat()
const plural = new Intl.PluralRules('en')
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

export const formatNumber = (value: number) => number.format(value)
export const formatTime = (at: number) => time.format(at)
export const formatDateAndTime = (at: number) => dateAndTime.format(at)
export const formatTimeRange = (from: number, to: number) => time.formatRange(from, to)

/** `1 change`, `3,200 changes`. The plural is the word with an *s* unless it is given. */
export function formatCount(count: number, word: string, words = `${word}s`): string {
  return `${number.format(count)} ${plural.select(count) === 'one' ? word : words}`
}

/** `now`, `5 minutes ago`, `3 hours ago`; from a day on, the date and time. */
export function formatAgo(at: number, now: number): string {
  const elapsedMs = Math.max(0, now - at)
  if (elapsedMs < minuteMs) return 'just now'
  if (elapsedMs < hourMs) return relative.format(-Math.floor(elapsedMs / minuteMs), 'minute')
  if (elapsedMs < dayMs) return relative.format(-Math.floor(elapsedMs / hourMs), 'hour')
  return dateAndTime.format(at)
}

/** `Today`, `Yesterday`, `Friday, 20 November`, `3 March 2024`. */
export function formatDay(at: number, now: number): string {
  const daysAgo = Math.round((startOfDay(now) - startOfDay(at)) / dayMs)
  if (daysAgo === 0 || daysAgo === 1) return capitalised(relative.format(-daysAgo, 'day'))
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (isThisYear ? day : dayAndYear).format(at)
}

/** Midnight before `at`, here. */
export const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0)

const capitalised = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

/**
 * A name as it stands among other words: without the invisible characters that turn the direction of everything up to their end. Letters of scripts that run
 * from right to left need none.
 */
export const plainName = (name: string) => name.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')
