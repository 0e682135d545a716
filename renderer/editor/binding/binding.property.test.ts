import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { arbitraryStep, Script, startingBlocks } from './test-script.ts'
import { bytesOf } from './test-writer.ts'

test('any script leaves all editors and documents equal, and loses nothing', () => {
  const report = vi.spyOn(console, 'error')
  fc.assert(
    fc.property(startingBlocks, fc.array(arbitraryStep, { minLength: 1, maxLength: 40 }), (blocks, steps) => {
      report.mockClear()
      new Script(bytesOf(blocks)).run(steps)
      expect(report.mock.calls).toEqual([])
    }),
    { numRuns: Number(process.env.FUZZ_RUNS ?? 300), seed: Number(process.env.FUZZ_SEED ?? 1) },
  )
})
