import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeHash, PersonKey } from '../ids.ts'
import { readChangeHeader } from './change-header.ts'
import { readRawHeader } from './raw-header.ts'

const authors = ['ab', 'cd'].map((byte) => byte.repeat(32) as PersonKey)

/** A random history of two writers, with deletions, maps, messages and times before 1970. */
const histories = fc
  .array(
    fc.record({
      writer: fc.nat({ max: 1 }),
      text: fc.string({ maxLength: 400 }),
      deletions: fc.nat({ max: 5 }),
      time: fc.integer({ min: -4_000_000_000, max: 8_000_000_000 }),
      message: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
      merge: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((steps) => {
    let docs = authors.map((author) => A.init<Record<string, unknown> & { text: string }>({ author }))
    for (const { writer, text, deletions, time, message, merge } of steps) {
      const doc = docs[writer] as (typeof docs)[number]
      const edited = A.change(doc, { time, ...(message === undefined ? {} : { message }) }, (draft) => {
        draft.text ??= ''
        A.splice(draft, ['text'], 0, Math.min(deletions, draft.text.length), text)
        draft[`n${deletions}`] = { time, list: [null, true, deletions / 2] }
      })
      docs = docs.map((other, index) => (index === writer ? edited : merge ? A.merge(other, edited) : other))
    }
    return docs.flatMap((doc) => A.getAllChanges(doc))
  })

function inflated(change: Uint8Array): Uint8Array {
  if (change[8] !== 2) return change
  const length = change.findIndex((byte, at) => at >= 9 && byte < 128)
  const content = inflateRawSync(change.subarray(length + 1))
  const size: number[] = []
  for (let rest = content.length; size.length === 0 || rest > 0; rest >>>= 7) size.push((rest & 127) | (rest > 127 ? 128 : 0))
  return Buffer.concat([change.subarray(0, 8), Buffer.of(1, ...size), content])
}

describe('a header read from the bytes', () => {
  it('is what Automerge reads', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        for (const change of changes) {
          const plain = inflated(change)
          const hash = createHash('sha256').update(plain.subarray(8)).digest('hex') as ChangeHash
          expect(readRawHeader(plain, hash)).toEqual(readChangeHeader(change))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('of a change that is cut off is refused', () => {
    const [change] = A.getAllChanges(A.change(A.init<{ a: number }>(), (draft) => void (draft.a = 1)))
    for (let length = 0; length < 40; length++) {
      expect(() => readRawHeader((change as Uint8Array).subarray(0, length), '' as ChangeHash)).toThrow()
    }
  })
})
