/** What was from `from` to `to` became `text`. Indices are UTF-16 code units. */
export interface Replacement {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The one stretch in which two texts differ, with what they begin and end alike left out. Never cuts a surrogate pair. */
export function replacementOf(before: string, after: string): Replacement {
  const from = commonStart(before, after)
  const end = commonEnd(before.slice(from), after.slice(from))
  return { from, to: before.length - end, text: after.slice(from, after.length - end) }
}

const isLowSurrogate = (text: string, index: number) => (text.charCodeAt(index) & 0xfc00) === 0xdc00

function commonStart(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length > 0 && (isLowSurrogate(a, length) || isLowSurrogate(b, length)) ? length - 1 : length
}

function commonEnd(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)) length++
  return length > 0 && (isLowSurrogate(a, a.length - length) || isLowSurrogate(b, b.length - length)) ? length - 1 : length
}
