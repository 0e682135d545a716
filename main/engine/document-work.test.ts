import { afterEach, expect, it } from 'vitest'
import { DocumentWork } from './document-work.ts'

const work = new DocumentWork(new URL('../../test/workers/engine-worker.ts', import.meta.url))
afterEach(() => work.close())

const thread = async () => (await work.run('headers', { changes: [] }))[0]?.seq
const panic = () => work.run('headers', { changes: [new Uint8Array()] }).catch(() => 'failed')
const die = () => work.run('graph', { document: { files: [], pending: [] } }).catch(() => 'lost')

it('a thread in which Automerge panicked, or that ended, does no other job, and what waited is done by another', async () => {
  const before = await thread()
  const elsewhere = await work.run('headers', { changes: [] }, 'later')
  const [failed, first, lost, second] = await Promise.all([panic(), thread(), die(), thread()])
  expect([failed, lost]).toEqual(['failed', 'lost'])
  expect(new Set([before, first, second]).size).toBe(3)
  expect(await thread()).toBe(second)
  // The other thread goes on.
  expect(await work.run('headers', { changes: [] }, 'later')).toEqual(elsewhere)
})
