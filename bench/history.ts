// oxlint-disable-next-line import/no-unassigned-import -- it starts Automerge's WebAssembly
import '../test/automerge-setup.ts'
import * as A from '@automerge/automerge/slim'
import { compareBlocks } from '../core/history/compare.ts'
import type { DocumentId, Heads, PersonKey } from '../core/ids.ts'
import { type BlockContent, implicitParagraph } from '../core/text/blocks.ts'
import { createTextDocument } from '../core/text/create.ts'
import type { TextDoc, TextDocument } from '../core/text/document.ts'
import { changeText, type TextEditor } from '../core/text/edit.ts'
import { readBlocks, readText, textLength } from '../core/text/read.ts'
import { documentNode } from '../renderer/editor/binding/index.ts'
import { nodeOfBlocks } from '../renderer/editor/convert.ts'
import { type Benchmark, prose, readTrace, sample, statistics } from './benchmark.ts'

/** What reads and merges whole documents: opening, versions, comparison, and the reunion of long offline work. */

const paragraph = (text: string): BlockContent => ({ marker: implicitParagraph, runs: text === '' ? [] : [{ text, marks: {} }] })

const create = (blocks: readonly BlockContent[]) =>
  createTextDocument({ title: '', margin: '' as DocumentId, author: 'ab'.repeat(32) as PersonKey, time: 0, blocks })

const headsOf = (doc: TextDoc) => A.getHeads(doc) as unknown as Heads

/** The keystroke log of a paper, one change a keystroke, and its state half way. */
let paper: { bytes: Uint8Array; blocks: BlockContent[]; middle: Heads } | undefined

export function loadPaper() {
  if (paper) return paper
  const { txns } = readTrace('automerge-paper')
  let doc = create([])
  let middle = headsOf(doc)
  txns.forEach(({ patches }, index) => {
    doc = changeText(doc, { time: index }, (text) => {
      for (const [position, deleted, inserted] of patches) replace(text, 1 + position, deleted, inserted)
    })
    if (index === txns.length >> 1) middle = headsOf(doc)
  })
  paper = { bytes: A.save(doc), blocks: readBlocks(doc), middle }
  return paper
}

function replace(text: TextEditor, index: number, deleted: number, inserted: string) {
  if (deleted > 0) text.splice(index, deleted)
  const [first = '', ...lines] = inserted.split('\n')
  const blocks = lines.map(paragraph)
  text.insertContent(index, first === '' ? blocks : [{ marker: null, runs: [{ text: first, marks: {} }] }, ...blocks])
}

const timed = async (count: number, work: () => unknown) => statistics(await sample(count, work))

const opening: Benchmark = {
  name: 'open-260k',
  unit: 'ms',
  budget: 1000,
  what: 'a document with 260,000 changes: from its bytes to an editor’s document, worst of five; readable from the cached text within 150',
  async run() {
    const { bytes, blocks } = loadPaper()
    const cached = JSON.stringify(blocks)
    const readable = await timed(5, () => nodeOfBlocks(JSON.parse(cached) as BlockContent[]))
    const load = await timed(5, () => A.load(bytes))
    const editable = await timed(5, () => documentNode(A.load<TextDocument>(bytes)))
    return {
      value: editable.max,
      peers: { 'Automerge load alone': load.max },
      notes: [`readable after ${readable.max.toFixed(1)} ms, ${bytes.length.toLocaleString('en')} bytes`],
      ok: editable.max <= 1000 && readable.max <= 150,
    }
  },
}

const version: Benchmark = {
  name: 'version-260k',
  unit: 'ms',
  budget: 100,
  what: 'the text of the version in the middle of 260,000 changes, p95',
  async run() {
    const { bytes, middle } = loadPaper()
    const doc = A.load<TextDocument>(bytes)
    const { median, p95 } = await timed(20, () => readBlocks(doc, middle))
    const view = await timed(20, () => A.view(doc, [...middle]))
    return { value: p95, peers: { 'A.view': view.p95 }, notes: [`median ${median.toFixed(1)} ms`] }
  },
}

const comparison: Benchmark = {
  name: 'compare-100k',
  unit: 'ms',
  budget: 200,
  what: 'the middle and the end of a paper of 105,000 characters compared, p95',
  async run() {
    const { bytes, blocks, middle } = loadPaper()
    const before = readBlocks(A.load<TextDocument>(bytes), middle)
    const { median, p95 } = await timed(20, () => compareBlocks(before, blocks))
    return { value: p95, peers: {}, notes: [`median ${median.toFixed(1)} ms`] }
  },
}

const merge: Benchmark = {
  name: 'merge-10k',
  unit: 'ms',
  budget: 1000,
  what: 'two writers after 10,000 offline edits each in 100,000 characters: all of the other’s changes applied, nothing lost, worst of three',
  async run() {
    const start = create(prose(100_000).map(paragraph))
    const sides = ['Ж', 'Ф'].map((letter, side) => {
      let doc = A.clone(start)
      for (let edit = 0; edit < 10_000; edit++) {
        const index = 1 + ((edit * (7919 + side) + (edit % 7) * 31) % (textLength(doc) - 1))
        doc = changeText(doc, { time: edit }, (text) => text.splice(index, 0, letter))
      }
      return doc
    }) as [TextDoc, TextDoc]
    const changes = A.getChangesSince(sides[1], A.getHeads(start))
    const { max } = await timed(3, () => A.applyChanges(A.clone(sides[0]), changes)[0])
    const [merged] = A.applyChanges(A.clone(sides[0]), changes)
    const text = readText(merged)
    for (const letter of ['Ж', 'Ф']) if (text.split(letter).length - 1 !== 10_000) throw new Error(`letters ${letter} were lost`)
    return { value: max, peers: {} }
  },
}

export const historyBenchmarks: Benchmark[] = [opening, version, comparison, merge]
