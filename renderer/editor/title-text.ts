/**
 * The title while two people write it. A text field knows only what it holds now, so what somebody did to a title is the one stretch in which two states
 * differ, and both what the person typed and the place of their caret are carried past what others did meanwhile.
 */

/** What was from `from` to `to` became `text`. */
interface Replacement {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The one stretch in which two states differ. Ends between code points. */
function replacementOf(before: string, after: string): Replacement {
  const limit = Math.min(before.length, after.length)
  let start = 0
  while (start < limit && before[start] === after[start]) start++
  if (isInsideOf(before, start) || isInsideOf(after, start)) start--
  let end = 0
  while (end < limit - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  if (isInsideOf(before, before.length - end) || isInsideOf(after, after.length - end)) end--
  return { from: start, to: before.length - end, text: after.slice(start, after.length - end) }
}

/** Whether a place lies between the two halves of a character. */
const isInsideOf = (text: string, at: number) => at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff

/** Where a place is after a replacement. What is inserted just there comes after it. */
function carry(place: number, { from, to, text }: Replacement): number {
  if (place <= from) return place
  return place < to ? from + text.length : place + text.length - (to - from)
}

/** A place in `before`, in `after`: between the same characters. */
export const carryPlace = (place: number, before: string, after: string): number => carry(place, replacementOf(before, after))

/** What a person typed into `before`, put into what others have made of it meanwhile: what they wrote stays. `place` is the person's, in `typed`. */
export function rebaseTitle(before: string, typed: string, present: string, place: number): { title: string; place: number } {
  const own = replacementOf(before, typed)
  const others = replacementOf(before, present)
  const from = carry(own.from, others)
  const to = Math.max(from, carry(own.to, others))
  const kept = others.from >= own.from && others.from < own.to ? others.text : ''
  const title = present.slice(0, from) + own.text + kept + present.slice(to)
  const inserted = own.from + own.text.length
  if (place < own.from) return { title, place: carry(place, others) }
  if (place <= inserted) return { title, place: from + place - own.from }
  return { title, place: carry(own.to + place - inserted, others) + own.text.length + kept.length - (to - from) }
}
