import { afterEach, expect, it } from 'vitest'
import { DocumentWork } from './document-work.ts'

const work = new DocumentWork(new URL('../test/workers/relay-worker.ts', import.meta.url))
afterEach(() => work.close())

const thread = async () => (await work.run('pick', { chunk: new Uint8Array(), hashes: [] }))[0]?.[0] ?? 0
const panic = () => work.run('headers', { changes: [] })
const die = () => work.run('compact', { chunks: [], heads: [] })

it('a thread in which Automerge panicked does no other job, and what waited is done by another', async () => {
  const before = await thread()
  const waited = [panic().catch(() => 'failed'), thread(), thread()]
  const [failed, first, second] = await Promise.all(waited)
  expect(failed).toBe('failed')
  expect(first).not.toBe(before)
  expect(second).toBe(first)
  expect(await thread()).toBe(first)
  expect(work.waiting).toBe(0)
})

it('a thread that ends takes only the job with it that it was at', async () => {
  const waited = [thread(), die().catch(() => 'lost'), panic().catch(() => 'failed'), die().catch(() => 'lost'), thread()]
  const [first, , , , last] = await Promise.all(waited)
  expect(await Promise.all(waited)).toEqual([first, 'lost', 'failed', 'lost', last])
  expect(last).not.toBe(first)
})

it('that is stopped leaves nobody waiting', async () => {
  const waiting = [thread(), thread()].map((each) => each.catch((error: Error) => error.message))
  await work.close()
  expect(await Promise.all(waiting)).toEqual(['the work was stopped', 'the work was stopped'])
})
