import fc from 'fast-check'
import { Fragment, type Node, Slice } from 'prosemirror-model'
import { TextSelection, type Transaction } from 'prosemirror-state'
import { expect, test, vi } from 'vitest'
import { readBlocks } from '../../../core/text/read.ts'
import { runsOf } from '../../../test/fuzz-runs.ts'
import { charactersOf, textPosition } from '../binding/test-script.ts'
import { bytesOf, h, p, strong, Writer } from '../binding/test-writer.ts'
import { schema } from '../schema.ts'
import { stop } from './long-edits.ts'
import { redo, undo } from './take-back.ts'
import { SlowWriter } from './test-slow-writer.ts'

const blocks = [h('a title'), p('some ', ['words', strong], ' and more'), p(), p('the second 😀 paragraph, which is long'), p('end')]

type Edit = { readonly do: 'type' | 'cut' | 'paste' | 'move'; readonly at: number; readonly length: number }
type Step = Edit | { readonly do: 'undo' | 'redo' }

const isEdit = (step: Step): step is Edit => step.do !== 'undo' && step.do !== 'redo'

const place = fc.nat(100)
const edit: fc.Arbitrary<Edit> = fc.record({
  do: fc.constantFrom('type', 'cut', 'paste', 'move'),
  at: place,
  length: fc.nat(60),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: edit },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('undo', 'redo') }) },
)

/** Each character once. */
const alphabet = (first: number) => {
  let next = first
  return (count: number) => Array.from({ length: count }, () => String.fromCharCode(next++)).join('')
}

let clock = Date.now()

function play(writer: Writer, done: Step, letters: (count: number) => string): Transaction | null {
  if (!isEdit(done)) {
    ;(done.do === 'undo' ? undo : redo)(writer.editor.state, (tr) => writer.editor.dispatch(tr))
    return null
  }
  const tr = transaction(writer.editor.state.doc, writer.editor.state.tr, done, letters)
  // Each is an event of its own.
  clock += 10_000
  writer.editor.dispatch(tr.setTime(clock))
  return tr
}

function transaction(doc: Node, tr: Transaction, { do: kind, at, length }: Edit, letters: (count: number) => string): Transaction {
  const [from, to] = [at, at + length].map((place) => textPosition(doc, place)).sort((a, b) => a - b)
  tr.setSelection(TextSelection.create(doc, from!, to))
  if (kind === 'type') return tr.insertText(letters(1 + (length % 2)))
  if (kind === 'cut') return tr.deleteSelection()
  if (kind === 'paste') return tr.replaceSelection(pasted(length, letters))
  const slice = doc.slice(from!, to)
  tr.deleteSelection()
  return tr.replace(textPosition(tr.doc, at), undefined, slice)
}

function pasted(size: number, letters: (count: number) => string): Slice {
  const nodes = Array.from({ length: 1 + (size % 9) }, (_, index) =>
    schema.nodes.paragraph!.create(null, schema.text(letters(2 + (index % 3)))),
  )
  return new Slice(Fragment.from(nodes), size % 2, size % 2)
}

test('in pieces everything comes to what it comes to at once', () => {
  const report = vi.spyOn(console, 'error')
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      report.mockClear()
      const [whole, slow] = [new Writer(bytesOf(blocks)), new SlowWriter(bytesOf(blocks))]
      const letters = [alphabet(0x4e00), alphabet(0x4e00)] as const
      for (const done of steps) {
        play(whole, done, letters[0])
        play(slow, done, letters[1])
        slow.finish()
        expect(slow.editor.state.doc.toJSON()).toEqual(whole.editor.state.doc.toJSON())
        expect(slow.editor.state.selection.toJSON()).toEqual(whole.editor.state.selection.toJSON())
      }
      expect(report.mock.calls).toEqual([])
    }),
    runsOf(60),
  )
})

test('what is left of an undo that was stopped is undone next', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.nat(6), (edits, frames) => {
      const writer = new SlowWriter(bytesOf(blocks))
      const letters = alphabet(0x4e00)
      const states = [writer.editor.state.doc]
      for (const done of edits) {
        play(writer, done, letters)
        writer.finish()
        // What leaves all as it is may be an event for undo, or none.
        fc.pre(!writer.editor.state.doc.eq(states.at(-1)!))
        states.push(writer.editor.state.doc)
      }
      const [before, after] = states.slice(-2) as [Node, Node]
      play(writer, { do: 'undo' }, letters)
      for (let frame = 0; frame < frames; frame++) writer.frame()
      fc.pre(writer.isBusy)
      stop(writer.editor)
      writer.check()
      play(writer, { do: 'undo' }, letters)
      writer.finish()
      expect(writer.editor.state.doc.toJSON()).toEqual(before.toJSON())
      for (let event = 0; event < 2; event++) {
        play(writer, { do: 'redo' }, letters)
        writer.finish()
      }
      expect(writer.editor.state.doc.toJSON()).toEqual(after.toJSON())
    }),
    runsOf(30),
  )
})

/** Characters of one document that another lacks. */
function missingFrom(doc: Node, before: Node): string[] {
  const present = charactersOf(doc)
  return [...charactersOf(before).keys()].filter((letter) => !present.has(letter))
}

type Shared =
  | { readonly by: 'slow'; readonly step: Step }
  | { readonly by: 'other'; readonly step: Edit }
  | { readonly by: 'nobody'; readonly what: 'frame' | 'exchange' | 'stop' }
const shared: fc.Arbitrary<Shared> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ by: fc.constant('slow' as const), step }) },
  {
    weight: 2,
    arbitrary: fc.record({ by: fc.constant('other' as const), step: edit.map((done) => ({ ...done, length: done.length % 3 })) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ by: fc.constant('nobody' as const), what: fc.constantFrom('frame', 'frame', 'exchange', 'exchange', 'stop') }),
  },
)

test('what somebody else writes meanwhile is never deleted', () => {
  const report = vi.spyOn(console, 'error')
  fc.assert(
    fc.property(fc.array(shared, { minLength: 5, maxLength: 40 }), (script) => {
      report.mockClear()
      const bytes = bytesOf(blocks)
      const [slow, other] = [new SlowWriter(bytes), new Writer(bytes)]
      const [mine, theirs] = [alphabet(0x4e00), alphabet(0x6000)]
      const mayBeGone = new Set<string>()
      // What two people move at once stands in both places.
      const mayBeDouble = new Set<string>()
      const exchange = () => {
        slow.take(other)
        other.take(slow)
      }
      for (const part of script) {
        if (part.by === 'nobody') {
          if (part.what === 'frame') slow.frame()
          else if (part.what === 'stop') stop(slow.editor)
          else exchange()
        } else {
          const tr = part.by === 'slow' ? play(slow, part.step, mine) : play(other, part.step, theirs)
          if (tr) for (const letter of missingFrom(tr.doc, tr.before)) mayBeGone.add(letter)
          if (tr && part.step.do === 'move') for (const letter of missingFrom(tr.docs[1] ?? tr.doc, tr.before)) mayBeDouble.add(letter)
        }
        slow.check()
      }
      slow.finish()
      exchange()
      expect(readBlocks(slow.doc)).toEqual(readBlocks(other.doc))
      const present = charactersOf(slow.editor.state.doc)
      const written = Array.from({ length: theirs(1).charCodeAt(0) - 0x6000 }, (_, index) => String.fromCharCode(0x6000 + index))
      const isThere = (letter: string) => (mayBeDouble.has(letter) ? present.has(letter) : present.get(letter) === 1)
      const isAsWritten = (letter: string) => mayBeGone.has(letter) || isThere(letter)
      expect(written.filter((letter) => !isAsWritten(letter))).toEqual([])
      expect(report.mock.calls).toEqual([])
    }),
    runsOf(100),
  )
})
