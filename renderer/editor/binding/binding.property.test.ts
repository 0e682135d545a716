import * as A from '@automerge/automerge/slim'
import { basicSchemaAdapter, pmDocFromSpans } from '@automerge/prosemirror'
import fc from 'fast-check'
import type { Node } from 'prosemirror-model'
import { expect, test, vi } from 'vitest'
import { blockTypes } from '../../../core/text/blocks.ts'
import { runsOf } from '../../../test/fuzz-runs.ts'
import { redo, undo } from '../long-edits/take-back.ts'
import { arbitraryStep, charactersOf, Script, type Step, startingBlocks } from './test-script.ts'
import { bytesInSegments, bytesOf, h, p, strong, type Writer } from './test-writer.ts'

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
    runsOf(150),
  )
})

const edits = (replica: number, maxLength: number, ...kinds: Step['do'][]) =>
  fc.array(
    arbitraryStep.filter((step) => kinds.includes(step.do)).map((step) => ({ ...step, replica })),
    { minLength: 1, maxLength },
  )
const insertions = edits(1, 4, 'type', 'split', 'break')

test('undo and redo, with others writing before and between, leave every character once', () => {
  const blocks = [p('some ', ['words', strong]), h('title')]
  fc.assert(
    fc.property(edits(0, 6, 'type', 'split', 'break', 'delete', 'mark'), insertions, insertions, (mine, before, between) => {
      const script = new Script(bytesOf(blocks), 2)
      const [me, other] = script.writers as [Writer, Writer]
      const exchange = () => script.play([0, 1].map((replica) => ({ do: 'deliver', replica, from: 1 - replica })))
      script.play(mine)
      exchange()
      script.play(before)
      exchange()
      while (undo(me.editor.state)) script.play([{ do: 'undo', replica: 0 }])
      const whole = charactersOf(other.editor.state.doc)
      script.play(between)
      const added = charactersOf(other.editor.state.doc)
      exchange()
      while (redo(me.editor.state)) script.play([{ do: 'redo', replica: 0 }])
      expect(sorted(charactersOf(me.editor.state.doc))).toEqual(sorted(new Map([...whole, ...added])))
    }),
    runsOf(150),
  )
})

const sorted = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => (a < b ? -1 : 1))

/** What both schemas can show: paragraphs and headings, strong and emphasised text. */
const plainStep = arbitraryStep.filter((step) => {
  if (step.do === 'block') return ['paragraph', 'heading'].includes(blockTypes[step.type % blockTypes.length]!)
  if (step.do === 'mark' || step.do === 'unmark') return step.type % 9 < 2
  return ['type', 'delete', 'split', 'deliver', 'undo', 'redo'].includes(step.do)
})

test('Automerge’s own binding reads the same blocks from the text', () => {
  const blocks = [p('some ', ['words', strong]), h('title')]
  fc.assert(
    fc.property(fc.array(plainStep, { minLength: 1, maxLength: 30 }), (steps) => {
      const script = new Script(bytesOf(blocks), 2)
      script.run(steps)
      const [writer] = script.writers
      const stock = pmDocFromSpans(basicSchemaAdapter, A.spans(writer!.doc, ['segments', 0, 'text']))
      expect(outline(stock)).toEqual(outline(writer!.editor.state.doc))
    }),
    runsOf(60),
  )
})

/** Type, level and marked text of each block. */
function outline(doc: Node) {
  const blocks: unknown[] = []
  doc.forEach((node) => {
    const runs: unknown[] = []
    node.forEach((child) => runs.push([child.text, child.marks.map((mark) => mark.type.name).sort()]))
    blocks.push([node.type.name, node.attrs.level ?? null, runs])
  })
  return blocks
}
