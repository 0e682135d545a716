import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { arbitraryStep, Script, startingBlocks } from './test-script.ts'
import { bytesInSegments, bytesOf } from './test-writer.ts'

/** Null for one segment. */
const segmentSize = fc.option(fc.integer({ min: 2, max: 20 }))

test('any script leaves all editors and documents equal, and loses nothing', () => {
  const report = vi.spyOn(console, 'error')
  fc.assert(
    fc.property(startingBlocks, segmentSize, fc.array(arbitraryStep, { minLength: 1, maxLength: 40 }), (blocks, size, steps) => {
      report.mockClear()
      new Script(size === null ? bytesOf(blocks) : bytesInSegments(blocks, size)).run(steps)
      expect(report.mock.calls).toEqual([])
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300), seed: Number(process.env.FUZZ_SEED ?? 1) },
  )
})
