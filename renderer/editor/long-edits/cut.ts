import { Fragment, type Node, Slice } from 'prosemirror-model'
import { ReplaceStep, type Step } from 'prosemirror-transform'

/**
 * Cuts steps into smaller ones that, one after the other, come to the same.
 *
 * What is inserted stands there with its first and its last block at once, joined to what is around, and the whole blocks between these follow. What
 * is deleted goes from its start to its end: text, then whole blocks, then text, and the two tokens last that keep the ends apart.
 */

/** How much one piece deletes and inserts, in positions. */
export interface PieceSizes {
  readonly deletion: number
  readonly insertion: number
}

/** Automerge deletes at five microseconds a character where nothing else runs, and inserts at one. */
export const framePieces: PieceSizes = { deletion: 2_500, insertion: 10_000 }

/** What a step costs, as the share of a piece's. */
export function workOf(step: Step, sizes: PieceSizes): number {
  return step instanceof ReplaceStep ? (step.to - step.from) / sizes.deletion + step.slice.size / sizes.insertion : 0
}

/** A letter over a book is no part of it; what is longer may be what stood there, in another place or form. Where little goes, as the block that was left empty, nothing can. */
const mayMove = ({ from, to, slice }: ReplaceStep, { deletion }: PieceSizes) => to - from > deletion && slice.size * 10 > to - from

/**
 * `doc` is the document that the step is made for. A step that cannot be cut stays as it is, and so does one that may move text, unless it `isPaste`: between its
 * pieces the text would be there twice, for whatever the person does next.
 */
export function cutStep(doc: Node, step: Step, sizes: PieceSizes, isPaste: boolean): Step[] {
  if (!(step instanceof ReplaceStep)) return [step]
  if (!isPaste && mayMove(step, sizes)) return [step]
  const { from, to, slice } = step
  if (to - from <= sizes.deletion) return cutInsertion(from, to, slice, sizes.insertion)
  const isEven = slice.openStart === slice.openEnd && doc.resolve(from).depth === doc.resolve(to).depth
  if (!isEven) return [step]
  const inserted = slice.size > 0 ? cutInsertion(from, from, slice, sizes.insertion) : []
  return [...inserted, ...cutDeletion(doc, from, to, slice.size, sizes.deletion)]
}

function cutInsertion(from: number, to: number, slice: Slice, size: number): Step[] {
  const { content, openStart, openEnd } = slice
  if (slice.size <= size || content.childCount < 3) return [new ReplaceStep(from, to, slice)]
  const [first, last] = [content.firstChild!, content.lastChild!]
  const steps = [new ReplaceStep(from, to, new Slice(Fragment.fromArray([first, last]), openStart, openEnd))]
  let place = from + first.nodeSize - openStart
  for (const piece of groups(content.content.slice(1, -1), size)) {
    steps.push(new ReplaceStep(place, place, new Slice(piece, 0, 0)))
    place += piece.size
  }
  return steps
}

/** Blocks in groups that are as large as a piece, or are one block. */
function groups(blocks: readonly Node[], size: number): Fragment[] {
  const all: Node[][] = []
  let filled = Number.POSITIVE_INFINITY
  for (const block of blocks) {
    if (filled + block.nodeSize > size) {
      all.push([])
      filled = 0
    }
    all.at(-1)!.push(block)
    filled += block.nodeSize
  }
  return all.map((group) => Fragment.fromArray(group))
}

/** Both ends lie between blocks, or both in text. `shift` is how much has been inserted before. */
function cutDeletion(doc: Node, from: number, to: number, shift: number, size: number): Step[] {
  const [$from, $to] = [doc.resolve(from), doc.resolve(to)]
  const cutter = new DeletionCutter(doc, shift, size)
  if ($from.depth === 0) cutter.blocks(from, to)
  else if ($from.sameParent($to)) cutter.text(from, to)
  else {
    cutter.text(from, $from.end(1))
    cutter.blocks($from.after(1), $to.before(1))
    cutter.text($to.start(1), to)
    cutter.remove(from + shift, 2)
  }
  return cutter.steps
}

/** Goes through a document from start to end; the steps are for what the ones before them leave. */
class DeletionCutter {
  readonly steps: Step[] = []
  private readonly doc: Node
  private readonly size: number
  /** From a position in the document to one in what is left. */
  private shift: number

  constructor(doc: Node, shift: number, size: number) {
    this.doc = doc
    this.shift = shift
    this.size = size
  }

  /** `at` is a position in what is left. */
  remove(at: number, count: number): void {
    if (count === 0) return
    this.steps.push(new ReplaceStep(at, at + count, Slice.empty))
    this.shift -= count
  }

  text(from: number, to: number): void {
    for (let start = from; start < to; ) {
      const end = start + this.size >= to ? to : betweenCharacters(this.doc, start + this.size)
      this.remove(start + this.shift, end - start)
      start = end
    }
  }

  /** Whole blocks, from one gap between blocks to another. */
  blocks(from: number, to: number): void {
    let start = from
    let block = this.doc.resolve(from).index(0)
    for (let end = from; end < to; block++) {
      const { nodeSize } = this.doc.child(block)
      if (end + nodeSize - start > this.size) {
        this.remove(start + this.shift, end - start)
        start = end
      }
      if (nodeSize > this.size) {
        const before = start + this.shift
        this.text(start + 1, start + nodeSize - 1)
        this.remove(before, 2)
        start += nodeSize
      }
      end += nodeSize
    }
    this.remove(start + this.shift, to - start)
  }
}

/** Never between the halves of a surrogate pair. */
function betweenCharacters(doc: Node, position: number): number {
  const before = doc.resolve(position).nodeBefore?.text ?? ''
  return (before.charCodeAt(before.length - 1) & 0xfc00) === 0xd800 ? position - 1 : position
}
