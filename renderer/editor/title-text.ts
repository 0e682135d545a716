/**
 * The title while two people write it. A text field knows only what it holds now, so what somebody did to a title is the one stretch in which two states
 * differ, and both what the person typed and the place of their caret are carried past what others did meanwhile.
 */
import { type Replacement, replacementOf } from '../../core/text/replacement.ts'

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
