import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { platform } from '../../test/platform.ts'
import { readChangeHeader } from './change-header.ts'
import { readKeystroke } from './keystroke.ts'

type Text = { text: string; title: string }
type Edit = (doc: A.Doc<Text>) => A.Doc<Text>

/** By the same actor, in a copy. */
const again = (doc: A.Doc<Text>) => A.clone(doc, { actor: A.getActorId(doc) })
const splice =
  (at: number, deletions: number, text = '') =>
  (doc: A.Doc<Text>) =>
    A.change(again(doc), (draft) => A.splice(draft, ['text'], at, deletions, text))
const last = (doc: A.Doc<Text>) => A.getLastLocalChange(doc) as Uint8Array

const base = A.from<Text>({ text: 'It began.', title: '' }, { actor: 'aa' })
/** Somebody who has typed here before, so that their first change, which names them, is behind them. */
const writer = (actor: string) => splice(0, 0, '-')(A.clone(base, { actor, author: actor.repeat(32) }))
const [ada, ben] = [writer('bb'), writer('cc')] as const
const both = A.merge(again(ada), ben)

/** As it was sent by somebody who can compute a checksum. */
function sealed(change: Uint8Array): Uint8Array {
  const copy = change.slice()
  copy.set(Buffer.from(platform.sha256(copy.subarray(8)).slice(0, 8), 'hex'), 4)
  return copy
}

describe('a keystroke', () => {
  it.each<[string, Edit]>([
    ['a letter', splice(3, 0, 'x')],
    ['the first letter of a text', splice(0, 0, 'x')],
    ['a letter of two bytes', splice(3, 0, 'ж')],
    ['a letter of four bytes', splice(3, 0, '😀')],
    ['a deletion', splice(3, 1)],
  ])('is recognised: %s', (_, edit) => {
    for (const doc of [ada, both]) {
      const change = last(edit(doc))
      expect(readKeystroke(change, platform)).toEqual(readChangeHeader(change))
    }
  })

  it.each<[string, Uint8Array]>([
    ['an actor’s first change', last(ada)],
    ['two letters', last(splice(3, 0, 'xy')(ada))],
    ['two deletions', last(splice(3, 2)(ada))],
    ['a letter in the place of another', last(splice(3, 1, 'x')(ada))],
    ['another kind of edit', last(A.change(again(ada), (draft) => void (draft.title = 'x')))],
    ['a change with a message', last(A.change(again(ada), { message: 'x' }, (draft) => A.splice(draft, ['text'], 3, 0, 'x')))],
    ['a saved document', A.save(ada)],
    ['a wrong checksum', last(splice(3, 0, 'x')(ada)).with(5, 0)],
    ['nothing', new Uint8Array()],
  ])('is not: %s', (_, bytes) => {
    expect(readKeystroke(bytes, platform)).toBeNull()
  })

  it('that was tampered with is recognised only where Automerge reads the same', () => {
    const honest = [splice(3, 0, 'x'), splice(0, 0, 'x'), splice(3, 0, '😀'), splice(3, 1)]
      .flatMap((edit) => [ada, both].map(edit))
      .map(last)
    const damage = fc.record({
      /** From the end, where the operations are. */
      at: fc.nat({ max: 130 }),
      byte: fc.oneof(fc.nat({ max: 3 }), fc.constantFrom(0x7e, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })),
      how: fc.constantFrom('replace', 'insert', 'remove'),
    })
    let taken = 0
    fc.assert(
      fc.property(fc.constantFrom(...honest), fc.array(damage, { minLength: 1, maxLength: 2 }), (original, damages) => {
        const bytes = [...original]
        for (const { at, byte, how } of damages) {
          const place = Math.max(9, bytes.length - 1 - at)
          bytes.splice(place, how === 'insert' ? 0 : 1, ...(how === 'remove' ? [] : [byte]))
        }
        const change = sealed(Uint8Array.from(bytes))
        const header = readKeystroke(change, platform)
        if (header === null) return
        taken += 1
        expect(readChangeHeader(change)).toEqual(header)
      }),
      { numRuns: 20_000, seed: 7 },
    )
    expect(taken).toBeGreaterThan(1_000)
  })
})
