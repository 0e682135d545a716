import type { MarkType, Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { AddMarkStep, AttrStep, RemoveMarkStep, ReplaceAroundStep, ReplaceStep, type Step, type StepMap } from 'prosemirror-transform'
import { type Block, type BlockContent, type MarkSet, noMarks, sameMarks, type TextRun } from '../../../core/text/blocks.ts'
import { blockLength } from '../../../core/text/layout.ts'
import { replacementOf } from '../../../core/text/replacement.ts'
import { settleMarks, writeMarks } from '../../../core/text/settle.ts'
import { blockOfNode } from '../convert.ts'
import { predictMarks, type SequenceEditor, settleContent, shownMarks } from './marks.ts'
import { contentBetween, indexAt } from './positions.ts'

/**
 * Writes what a transaction did into the sequence, step by step.
 *
 * A step says which ranges of the document it replaced; in the flat sequence a closing token is nothing and an opening token a marker, so
 * each range is a stretch of the sequence, and what was and what is there are compared: text is spliced where it differs, a marker that remains
 * is updated in place. Steps without ranges change marks or one block's attributes.
 */

/** What a transaction turned out to be. */
export interface Written {
  /** Where text was inserted inside a block: the marks that it should have, and may not have. */
  readonly typed: MarkSet | null
  /** Whether it can have brought nothing else to light that the document holds and the editor did not show. If not, the blocks are to be compared. */
  readonly isCertain: boolean
  /** Whether the first block has a marker now. */
  readonly hasMarker: boolean
}

/**
 * `isTyping` allows that marks of typed text are predicted: who calls looks at the patches of `typed` text then, and puts them right.
 */
export function writeTransaction(text: SequenceEditor, tr: Transaction, hasMarker: boolean, isTyping = false): Written {
  const writer = new StepWriter(text, hasMarker, isTyping && tr.steps.length === 1)
  tr.steps.forEach((step, index) => {
    writer.write(step, tr.mapping.maps[index]!, tr.docs[index]!, tr.docs[index + 1] ?? tr.doc)
  })
  writer.keepEmptyFirst(tr.doc)
  const isOne = tr.steps.length === 1 && tr.steps[0] instanceof ReplaceStep
  return { typed: writer.typed, isCertain: writer.isCertain && (isOne || writer.typed === null), hasMarker: writer.hasMarker }
}

/** Makes the sequence, which now reads as `before`, read as `after`. For when the steps do not tell. */
export function writeDifference(text: SequenceEditor, before: Node, after: Node, hasMarker: boolean): void {
  const start = before.content.findDiffStart(after.content)
  const end = before.content.findDiffEnd(after.content)
  if (start === null || end === null) return
  // The two ends may overlap in repeated content.
  const overlap = Math.max(0, start - Math.min(end.a, end.b))
  const writer = new StepWriter(text, hasMarker)
  const range = { oldFrom: start, oldTo: end.a + overlap, newFrom: start, newTo: end.b + overlap }
  const from = before.resolve(start)
  // A difference that begins inside a block's attributes begins at its opening token.
  if (from.depth > 0 && !from.parent.hasMarkup(after.resolve(start).parent.type, after.resolve(start).parent.attrs)) {
    range.oldFrom = from.before(1)
    range.newFrom = range.oldFrom
  }
  writer.replaceRange(before, after, range)
}

interface Range {
  oldFrom: number
  oldTo: number
  newFrom: number
  newTo: number
}

class StepWriter {
  hasMarker: boolean
  isCertain = true
  typed: MarkSet | null = null
  private readonly text: SequenceEditor
  private readonly mayPredict: boolean

  constructor(text: SequenceEditor, hasMarker: boolean, mayPredict = false) {
    this.text = text
    this.mayPredict = mayPredict
    this.hasMarker = hasMarker
  }

  write(step: Step, map: StepMap, before: Node, after: Node): void {
    if (step instanceof AddMarkStep || step instanceof RemoveMarkStep) {
      if (!standsAlone(step.mark.type)) this.isCertain = false
      return this.writeMarks(before, after, step.from, step.to)
    }
    if (step instanceof AttrStep) return this.writeBlock(after, step.pos)
    if (!(step instanceof ReplaceStep) && !(step instanceof ReplaceAroundStep)) {
      this.isCertain = false
      return writeDifference(this.text, before, after, this.hasMarker)
    }
    map.forEach((oldFrom, oldTo, newFrom, newTo) => {
      this.replaceRange(before, after, { oldFrom, oldTo, newFrom, newTo })
    })
  }

  /** Ranges come in order, so what is before this one is already as in `after`. */
  replaceRange(before: Node, after: Node, { oldFrom, oldTo, newFrom, newTo }: Range): void {
    if (oldTo === 0 && !this.hasMarker) this.markFirst(before)
    const old = contentBetween(before, oldFrom, oldTo, this.hasMarker)
    // What begins with the first opening token replaces it by one that has a marker.
    if (oldFrom === 0) this.hasMarker = true
    const index = indexAt(after, newFrom, this.hasMarker)
    const content = contentBetween(after, newFrom, newTo, this.hasMarker)
    if (isPlainText(old) && isPlainText(content)) this.writeText(before, after, index, { oldFrom, newFrom }, old, content)
    else {
      if (!this.hidesNothing(before, after, { oldFrom, oldTo, newFrom, newTo }, old, content)) this.isCertain = false
      this.writeContent(after, newFrom, index, old, content)
    }
  }

  /** The hot path: text within one block. */
  private writeText(
    before: Node,
    after: Node,
    index: number,
    at: { oldFrom: number; newFrom: number },
    old: BlockContent[],
    content: BlockContent[],
  ): void {
    const runs = content[0]?.runs ?? []
    const [oldText, newText] = [textOf(old[0]?.runs ?? []), textOf(runs)]
    const wish = runs[0]?.marks ?? noMarks
    if (!oldText.isWellFormed() || !newText.isWellFormed()) return this.writeHalves(before, after, at)
    this.replaceText(index, oldText, newText)
    if (newText === '') return
    const isEven = oldText === '' && runs.length === 1
    if (!isEven || newText.includes('\n')) this.isCertain = false
    if (isCodeAt(after, at.newFrom)) return
    if (isEven) {
      this.typed = wish
      const predicted = this.mayPredict ? predictMarks(before, at.oldFrom) : null
      if (predicted !== null && sameMarks(predicted, wish)) return
    }
    settleMarks(this.text, index, runs, shownMarks)
  }

  /**
   * Half a surrogate pair was put in or taken out. Automerge writes and deletes whole characters, the neighbour too where it stops between the halves of one; so the
   * block is compared as a whole, and a half that is left is stored, and then shown, as the replacement character.
   */
  private writeHalves(before: Node, after: Node, { oldFrom, newFrom }: { oldFrom: number; newFrom: number }): void {
    this.isCertain = false
    const textAround = (doc: Node, position: number) => {
      const place = doc.resolve(position)
      return textOf(contentBetween(doc, place.start(), place.end(), this.hasMarker)[0]?.runs ?? [])
    }
    const index = indexAt(after, after.resolve(newFrom).start(), this.hasMarker)
    this.replaceText(index, textAround(before, oldFrom), textAround(after, newFrom))
  }

  private writeContent(after: Node, newFrom: number, index: number, old: readonly BlockContent[], content: readonly BlockContent[]): void {
    const [was, is] = alignedBlocks(old, content)
    const paired = Math.min(was.length, is.length)
    let at = index
    for (let pair = 0; pair < paired; pair++) {
      const [from, to] = [was[pair]!, is[pair]!]
      if (from.marker !== null && to.marker !== null) this.updateMarker(at++, from.marker, to.marker)
      at += this.replaceText(at, textOf(from.runs), textOf(to.runs))
    }
    if (was.length > paired) this.text.splice(at, lengthOf(was.slice(paired)))
    const added = is.slice(paired)
    // Nothing grows into what got segments of its own.
    const isApart = this.text.insertContent(at, added)
    settleContent(this.text, index, isApart ? is.slice(0, paired) : is, isCodeAt(after, newFrom))
  }

  private updateMarker(index: number, was: Block, is: Block): void {
    if (JSON.stringify(was) === JSON.stringify(is)) return
    this.isCertain = false
    this.text.updateBlock(index, is)
  }

  /**
   * Whether no text went into a code block or out of one, where marks do not show. What is inserted has the marks that it should have; but a line break may be a node in the
   * editor or a character, which are one in the document, and half a character is stored as another.
   */
  private hidesNothing(before: Node, after: Node, range: Range, old: readonly BlockContent[], content: readonly BlockContent[]): boolean {
    if (!this.hasMarker || content.some(({ runs }) => mayReadOtherwise(textOf(runs)))) return false
    const isCode = ({ marker }: BlockContent) => marker?.type === 'code-block'
    if (old.some(isCode) || content.some(isCode)) return false
    return !isCodeAt(before, range.oldFrom) && !isCodeAt(before, range.oldTo) && !isCodeAt(after, range.newTo)
  }

  /** Splices what differs, leaving a common beginning and end as they are. Returns the length of the new text. */
  private replaceText(index: number, old: string, text: string): number {
    const differs = replacementOf(old, text)
    if (differs.to > differs.from) this.text.splice(index + differs.from, differs.to - differs.from)
    if (differs.text !== '') this.text.splice(index + differs.from, 0, differs.text)
    return text.length
  }

  /** The text is the same before and after. */
  private writeMarks(before: Node, after: Node, from: number, to: number): void {
    after.nodesBetween(from, to, (node, position) => {
      const [start, end] = [Math.max(from, position + 1), Math.min(to, position + 1 + node.content.size)]
      const runs = (doc: Node) => contentBetween(doc, start, end, this.hasMarker)[0]?.runs ?? []
      if (node.isTextblock) writeMarks(this.text, indexAt(after, start, this.hasMarker), runs(before), runs(after))
      return false
    })
  }

  private writeBlock(after: Node, position: number): void {
    this.isCertain = false
    const node = after.nodeAt(position)
    if (!node || node.isInline) throw new Error(`no block at ${position}`)
    if (position === 0 && !this.hasMarker) this.markFirst(after)
    else this.text.updateBlock(indexAt(after, position, this.hasMarker), blockOfNode(node))
  }

  /** Text before the first marker of which nothing is left would leave no block either: what the person sees gets a marker. */
  keepEmptyFirst(doc: Node): void {
    if (!this.hasMarker && doc.childCount > 1 && doc.child(0).content.size === 0) this.markFirst(doc)
  }

  /** Gives the first block, so far text before the first marker, a marker of its own. */
  private markFirst(doc: Node): void {
    this.isCertain = false
    this.text.splitBlock(0, blockOfNode(doc.child(0)))
    this.hasMarker = true
  }
}

/** Both lists begin with text or both with a marker, so that they can be paired. */
function alignedBlocks(old: readonly BlockContent[], content: readonly BlockContent[]): [readonly BlockContent[], readonly BlockContent[]] {
  const noText: BlockContent = { marker: null, runs: [] }
  const [oldStart, start] = [old[0]?.marker, content[0]?.marker]
  if (oldStart && start === null) return [[noText, ...old], content]
  if (start && oldStart === null) return [old, [noText, ...content]]
  return [old, content]
}

const isPlainText = (content: readonly BlockContent[]) => content.length === 0 || (content.length === 1 && content[0]!.marker === null)

const mayReadOtherwise = (text: string) => text.includes('\n') || !text.isWellFormed()

const textOf = (runs: readonly TextRun[]) => (runs.length === 1 ? runs[0]!.text : runs.map((run) => run.text).join(''))
const lengthOf = (content: readonly BlockContent[]) => content.reduce((sum, block) => sum + blockLength(block), 0)

/** Whether a mark neither hides another nor is hidden by one. */
const standsAlone = (type: MarkType) =>
  Object.values(type.schema.marks).every((other) => type.excludes(other) === (other === type) && other.excludes(type) === (other === type))

const isCodeAt = (doc: Node, position: number) => doc.resolve(position).parent.type.name === 'code-block'
