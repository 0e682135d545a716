import * as A from '@automerge/automerge/slim'
import { basicSchemaAdapter, pmDocFromSpans } from '@automerge/prosemirror'
import fc from 'fast-check'
import type { Node } from 'prosemirror-model'
import { expect, test, vi } from 'vitest'
import { blockTypes } from '../../../core/text/blocks.ts'
import { runsOf } from '../../../test/fuzz-runs.ts'
import { arbitraryStep, Script, startingBlocks } from './test-script.ts'
import { bytesInSegments, bytesOf, h, p, strong } from './test-writer.ts'

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
