import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type * as segments from '../../../core/text/segments.ts'
import { runsOf } from '../../../test/fuzz-runs.ts'
import { arbitraryStep, Script, startingBlocks } from './test-script.ts'
import { bytesOf } from './test-writer.ts'

/** Segments so small that scripts make new ones and move tails all the time. */
vi.mock('../../../core/text/segments.ts', async (original) => ({
  ...(await original<typeof segments>()),
  segmentSize: 6,
  shortLength: 12,
  roomyLimit: 20,
  segmentLimit: 30,
  movedSize: 10,
  movedBlocks: 2,
}))

test('nothing is lost when segments are made and their tails moved', () => {
  const report = vi.spyOn(console, 'error')
  fc.assert(
    fc.property(startingBlocks, fc.array(arbitraryStep, { minLength: 10, maxLength: 50 }), (blocks, steps) => {
      report.mockClear()
      const script = new Script(bytesOf(blocks))
      script.run(steps)
      expect(report.mock.calls).toEqual([])
    }),
    runsOf(80),
  )
})
