/**
 * Random scripts for replicas around a relay: writing, speaking, delivering, messages that come late, twice and in another order, connections that break, restarts. Whatever
 * happened, everybody has everything in the end, and then nobody says any more.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runsOf } from './fuzz-runs.ts'
import { type Step, World } from './replicas.ts'

type Kind = 'stock' | 'thin'

interface Network {
  kinds: Record<string, Kind>
  pairs: [string, string][]
}

/** The relay in the middle, two of each kind around it, and two who also meet directly. */
const handful: Network = {
  kinds: { relay: 'thin', ada: 'stock', ben: 'stock', cleo: 'thin', dora: 'thin' },
  pairs: [
    ['ada', 'relay'],
    ['ben', 'relay'],
    ['cleo', 'relay'],
    ['dora', 'relay'],
    ['cleo', 'ada'],
    ['cleo', 'dora'],
  ],
}

/** Twenty clients of a relay, every third of them a stock one. */
const clients = Array.from({ length: 20 }, (_, at) => `client ${at}`)
const crowd: Network = {
  kinds: { relay: 'thin', ...Object.fromEntries(clients.map((each, at) => [each, at % 3 === 0 ? 'stock' : 'thin'])) },
  pairs: clients.map((each) => [each, 'relay']),
}

/** What happens, without the keys of what is written: those follow from the place in the script, so that shrinking keeps them apart. */
function scripts({ kinds, pairs }: Network, maxLength: number): fc.Arbitrary<Step[]> {
  const pair = fc.constantFrom(...pairs)
  const end = fc.tuple(pair, fc.nat({ max: 1 })).map(([between, side]) => ({ between, to: between[side] as string }))
  const name = fc.constantFrom(...Object.keys(kinds))
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: name.map((at): Step => ({ do: 'write', at, key: '' })) },
    { weight: 6, arbitrary: pair.map((between): Step => ({ do: 'speak', between })) },
    { weight: 10, arbitrary: end.map((where): Step => ({ do: 'deliver', ...where })) },
    { weight: 1, arbitrary: end.map((where): Step => ({ do: 'duplicate', ...where })) },
    { weight: 1, arbitrary: end.map((where): Step => ({ do: 'overtake', ...where })) },
    { weight: 1, arbitrary: pair.map((between): Step => ({ do: 'part', between })) },
    { weight: 2, arbitrary: pair.map((between): Step => ({ do: 'join', between })) },
    { weight: 1, arbitrary: fc.oneof(name, fc.constant('relay')).map((at): Step => ({ do: 'restart', at })) },
  )
  return fc
    .array(step, { maxLength, size: 'max' })
    .map((steps) => steps.map((each, at) => (each.do === 'write' ? { ...each, key: `${at} by ${each.at}` } : each)))
}

/** What is wrong after a script, or null. */
function problemAfter({ kinds, pairs }: Network, script: Step[]): string | null {
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
  it.each([
    ['a handful of them', handful, 120, 300],
    ['twenty clients of a relay', crowd, 1_000, 12],
  ] as const)('have everything in the end, whatever happened between them: %s', (_, network, maxLength, runs) => {
    fc.assert(
      fc.property(scripts(network, maxLength), (script) => {
        expect(problemAfter(network, script)).toBeNull()
      }),
      { ...runsOf(runs), verbose: fc.VerbosityLevel.Verbose },
    )
  })
})
