/**
 * Random scripts for a handful of replicas: writing, speaking, delivering, messages that come twice, connections that break, restarts. Whatever the
 * order, everybody has everything in the end, and then nobody says any more.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Step, World } from './replicas.ts'

type Kind = 'stock' | 'thin'

/** The relay in the middle, two of each kind around it, and two who also meet directly. */
const kinds: Record<string, Kind> = { relay: 'thin', ada: 'stock', ben: 'stock', cleo: 'thin', dora: 'thin' }
const pairs: [string, string][] = [
  ['ada', 'relay'],
  ['ben', 'relay'],
  ['cleo', 'relay'],
  ['dora', 'relay'],
  ['cleo', 'ada'],
  ['cleo', 'dora'],
]

const pair = fc.constantFrom(...pairs)
const end = fc.tuple(pair, fc.nat({ max: 1 })).map(([between, side]) => ({ between, to: between[side] as string }))
const name = fc.constantFrom(...Object.keys(kinds))

/** What happens, without the keys of what is written: those follow from the place in the script, so that shrinking keeps them apart. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: name.map((at): Step => ({ do: 'write', at, key: '' })) },
  { weight: 6, arbitrary: pair.map((between): Step => ({ do: 'speak', between })) },
  { weight: 10, arbitrary: end.map((where): Step => ({ do: 'deliver', ...where })) },
  { weight: 1, arbitrary: end.map((where): Step => ({ do: 'duplicate', ...where })) },
  { weight: 1, arbitrary: pair.map((between): Step => ({ do: 'part', between })) },
  { weight: 2, arbitrary: pair.map((between): Step => ({ do: 'join', between })) },
  { weight: 1, arbitrary: name.map((at): Step => ({ do: 'restart', at })) },
)
const scripts = fc
  .array(step, { maxLength: 120 })
  .map((steps) => steps.map((each, at) => (each.do === 'write' ? { ...each, key: `${at} by ${each.at}` } : each)))

/** What is wrong after a script, or null. */
function problemAfter(script: Step[]): string | null {
  const world = new World(kinds, pairs).run(script)
  world.settle()
  const written = script.flatMap((each) => (each.do === 'write' ? [[each.key, each.at] as const] : []))
  const expected = Object.fromEntries(written)
  for (const [who, notes] of Object.entries(world.readAll())) {
    if (!isDeepStrictEqual({ ...notes }, expected)) return `${who} has ${Object.keys(notes).length} of ${written.length} changes`
  }
  const { messages } = world.settle()
  return messages === 0 ? null : `${messages} messages when all was said`
}

describe('replicas of both kinds', () => {
  it('have everything in the end, whatever happened between them', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        expect(problemAfter(script)).toBeNull()
      }),
      { numRuns: 300, seed: 20_261_121, verbose: fc.VerbosityLevel.Verbose },
    )
  })
})
