import { expect, test } from 'vitest'
import { PalimpsestError } from '../../core/errors.ts'
import { describeStartFailure } from './start-failure.ts'

test.each([
  ['a known reason', new PalimpsestError('locked', 'pid 7')],
  ['a key that cannot be opened', new PalimpsestError('key-store', 'identity.json')],
  ['a fault of ours', new PalimpsestError('internal', 'one thing\nand\n  another')],
  ['any error, without its stack', new RangeError('one thing\nand another')],
])('%s is said in one line that names the folder', (_, thrown) => {
  const sentence = describeStartFailure(thrown, '/home/ada/words')
  expect(sentence).toContain('/home/ada/words')
  expect(sentence).not.toMatch(/\n|start-failure/)
})
