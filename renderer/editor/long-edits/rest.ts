import { type Node, Slice } from 'prosemirror-model'
import { ReplaceStep, type Step, StepMap, type Transform } from 'prosemirror-transform'

/**
 * Steps that are still to be done, while others write.
 *
 * Each step is for the document that the ones before it leave; what others do comes before all of them. So steps and maps are carried past each
 * other one by one. What others insert is never deleted by a step that did not know of it: a deletion is cut in two around it.
 */

/** What steps become after something else was done first, and what that is to the document that they lead to. */
export interface Carried {
  readonly steps: readonly Step[]
  readonly maps: readonly StepMap[]
}

export function carryPast(steps: readonly Step[], maps: readonly StepMap[]): Carried {
  let present = maps
  const carried: Step[] = []
  for (const step of steps) {
    let parts = [step]
    present = present.map((map) => {
      let seen = map
      parts = parts.flatMap((part) => {
        const after = stepAfter(part, seen)
        seen = mapAfter(seen, part.getMap())
        return after
      })
      return seen
    })
    carried.push(...parts)
  }
  return { steps: carried, maps: present }
}

function stepAfter(step: Step, map: StepMap): Step[] {
  if (!(step instanceof ReplaceStep)) return asList(step.map(map))
  if (step.from === step.to) {
    const place = map.map(step.from)
    return [new ReplaceStep(place, place, step.slice)]
  }
  if (step.slice.size > 0) return asList(step.map(map))
  const parts = around(map.map(step.from, 1), map.map(step.to, -1), insertedBy(map))
  // From the end, so that each is for what the ones before it leave.
  return parts.reverse().map(([from, to]) => new ReplaceStep(from, to, Slice.empty))
}

const asList = (step: Step | null) => (step === null ? [] : [step])

/** The map of what others did, after a step that is done first. */
function mapAfter(map: StepMap, step: StepMap): StepMap {
  const ranges: number[] = []
  map.forEach((from, to, newFrom, newTo) => {
    const parts = from === to ? [] : around(step.map(from, 1), step.map(to, -1), insertedBy(step))
    const [first, ...others] = parts.length > 0 ? parts : [[step.map(from, -1), step.map(from, -1)] as Range]
    ranges.push(first![0], first![1] - first![0], newTo - newFrom)
    for (const [start, end] of others) ranges.push(start, end - start, 0)
  })
  return new StepMap(ranges)
}

type Range = readonly [from: number, to: number]

function insertedBy(map: StepMap): Range[] {
  const ranges: Range[] = []
  map.forEach((_from, _to, from, to) => {
    if (to > from) ranges.push([from, to])
  })
  return ranges
}

/** What is left of a range without some others, which are in order. */
function around(from: number, to: number, holes: readonly Range[]): Range[] {
  const parts: Range[] = []
  let start = from
  for (const [holeFrom, holeTo] of holes) {
    if (holeTo <= start || holeFrom >= to) continue
    if (holeFrom > start) parts.push([start, holeFrom])
    start = holeTo
  }
  if (to > start) parts.push([start, to])
  return parts
}

/** Does the first of some steps. Returns those that are left. */
export function doFirst(tr: Transform, [step, ...rest]: readonly Step[]): readonly Step[] {
  if (!step) return rest
  const parts = isDeletion(step) ? closedParts(tr.doc, step) : [step]
  for (const part of parts) {
    // What does not fit any more is left out, and the others are told that it is not there.
    if (tr.maybeStep(part).failed !== null) return carryPast(rest, [step.getMap().invert()]).steps
  }
  return isDeletion(step) && parts.length > 1 ? carryPast(rest, [new StepMap([step.from, 0, 1])]).steps : rest
}

const isDeletion = (step: Step): step is ReplaceStep => step instanceof ReplaceStep && step.slice.size === 0

/**
 * A deletion that others' writing has cut in two may begin between blocks and end in the text of one, or the other way round. The block of that text stays, with one token
 * of it in the stretch that was to go.
 */
function closedParts(doc: Node, { from, to }: ReplaceStep): ReplaceStep[] {
  const [$from, $to] = [doc.resolve(from), doc.resolve(to)]
  const remove = (start: number, end: number) => new ReplaceStep(start, end, Slice.empty)
  if ($from.depth < $to.depth) return [remove($to.start(1), to), remove(from, $to.before(1))]
  if ($from.depth > $to.depth) return [remove($from.after(1), to), remove(from, $from.end(1))]
  return [remove(from, to)]
}
