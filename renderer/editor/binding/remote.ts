import { Fragment, type Node, Slice } from 'prosemirror-model'
import { type EditorState, NodeSelection, Selection, TextSelection, type Transaction } from 'prosemirror-state'
import { ReplaceStep, Transform } from 'prosemirror-transform'
import type { BlockContent } from '../../../core/text/blocks.ts'
import type { Hunk, TextChanges, Touched } from '../../../core/text/patches.ts'
import type { RangeReader } from '../../../core/text/read.ts'
import { inlineContent, nodeOfBlock } from '../convert.ts'
import { type BlockPlace, BlockTable, blockAt, flatLength, indexAt, positionAt } from './positions.ts'
import { reconcileStretches } from './reconcile.ts'

/**
 * Turns what a change did to the sequence into the smallest transaction.
 *
 * Each hunk is replaced where it lies. Text inside one block is one exact step. A hunk with markers joins, splits or replaces blocks; where the
 * schema does not let the parts be joined (bold text into a code block) the blocks are made anew. Blocks that were touched in another way than
 * by plain text are then compared with what the sequence says and brought to it.
 */
export interface RemoteEdit {
  readonly tr: Transaction
  /** Whether the first block has a marker now. */
  readonly hasMarker: boolean
  /** Whether a block's text was not what it had to be after exact edits: a fault in the binding. */
  readonly hasFault: boolean
  /** Whether the steps delete and insert what the change did, and no more. */
  readonly isExact: boolean
}

export function remoteEdit(
  state: EditorState,
  changes: Pick<TextChanges, 'hunks' | 'touched'>,
  text: RangeReader,
  hadMarker: boolean,
): RemoteEdit {
  const editor = new RemoteEditor(state, changes, text, hadMarker)
  editor.replaceHunks()
  const { length } = editor.tr.steps
  const hasFault = reconcileStretches(editor.tr, editor.suspects(changes), text, editor.hasMarker)
  editor.keepSelection(state)
  editor.tr.setMeta('addToHistory', false)
  const isExact = !editor.hasRebuilt && !editor.tr.steps.slice(length).some((step) => step instanceof ReplaceStep)
  return { tr: editor.tr, hasMarker: editor.hasMarker, hasFault, isExact }
}

class RemoteEditor {
  readonly tr: Transaction
  readonly hasMarker: boolean
  hasRebuilt = false
  private readonly old: Node
  private readonly hadMarker: boolean
  private readonly hunks: readonly Hunk[]
  private readonly text: RangeReader
  private readonly blocks: BlockTable
  private readonly contents = new Map<Hunk, readonly BlockContent[]>()

  constructor(state: EditorState, { hunks, touched }: Pick<TextChanges, 'hunks' | 'touched'>, text: RangeReader, hadMarker: boolean) {
    this.tr = state.tr
    this.old = state.doc
    this.hunks = hunks
    this.text = text
    this.hadMarker = hadMarker
    const isFirstAsBefore = hunks[0]?.oldFrom !== 0 && touched.every(({ from }) => from > 0)
    this.hasMarker = isFirstAsBefore ? hadMarker : text.startsWithMarker()
    this.blocks = new BlockTable(state.doc, hadMarker)
  }

  /** From the last to the first, so that what lies before a hunk is where it was. */
  replaceHunks(): void {
    let end = this.hunks.length
    while (end > 0) {
      const start = this.clusterStart(end)
      const cluster = this.hunks.slice(start, end)
      if (!this.replaceExactly(cluster)) this.rebuild(cluster)
      end = start
    }
  }

  /** Hunks that share a block belong together: where one cannot be replaced exactly, the block is made anew with all of them. */
  private clusterStart(end: number): number {
    let start = end - 1
    while (start > 0) {
      const [left, right] = [this.hunks[start - 1]!, this.hunks[start]!]
      if (this.blockOf(left.oldTo).block < this.blockOf(right.oldFrom).block) break
      start--
    }
    return start
  }

  private replaceExactly(cluster: readonly Hunk[]): boolean {
    // The first marker has no block before it to join or split.
    if (cluster[0]!.oldFrom === 0) return false
    if (cluster.length === 1) return this.tr.maybeStep(this.stepFor(cluster[0]!)).failed === null
    const trial = new Transform(this.tr.doc)
    for (const hunk of [...cluster].reverse()) {
      if (trial.maybeStep(this.stepFor(hunk)).failed !== null) return false
    }
    for (const step of trial.steps) this.tr.step(step)
    return true
  }

  private stepFor(hunk: Hunk): ReplaceStep {
    const first = this.blockOf(hunk.oldFrom).node
    const [from, to] = [this.blocks.positionAt(hunk.oldFrom), this.blocks.positionAt(hunk.oldTo)]
    const content = this.contentOf(hunk)
    if (!this.isTextOnly(hunk)) return new ReplaceStep(from, to, openSlice(first, content))
    return new ReplaceStep(from, to, new Slice(Fragment.from(inlineContent(first.type.name, content[0]?.runs ?? [])), 0, 0))
  }

  /** Makes the blocks that a cluster lies in anew. */
  private rebuild(cluster: readonly Hunk[]): void {
    this.hasRebuilt = true
    const [head, tail] = [cluster[0]!, cluster.at(-1)!]
    const first = this.blockOf(head.oldFrom)
    const last = this.blockOf(tail.oldTo)
    const oldEnd = this.endOf(last)
    const from = head.oldFrom === 0 ? 0 : this.newIndex(first.index, 'right')
    const blocks = this.text.range(from, this.newIndex(oldEnd, 'right'))
    const nodes = blocks.length > 0 || this.old.childCount > last.block - first.block + 1 ? blocks : [{ marker: null, runs: [] }]
    this.tr.replaceWith(first.before, last.before + last.node.nodeSize, nodes.map(nodeOfBlock))
  }

  /** Index after the last member of a block. */
  private endOf({ before, node, block }: BlockPlace): number {
    return block === this.old.childCount - 1
      ? flatLength(this.old, this.hadMarker)
      : indexAt(this.old, before + node.nodeSize, this.hadMarker)
  }

  /** Stretches where more than text changed. */
  suspects({ hunks, touched }: Pick<TextChanges, 'hunks' | 'touched'>): Touched[] {
    const structural = hunks.filter((hunk) => !this.isTextOnly(hunk)).map(({ newFrom, newTo }) => ({ from: newFrom - 1, to: newTo }))
    return [...structural, ...touched]
  }

  private isTextOnly(hunk: Hunk): boolean {
    if (hunk.oldFrom === 0 || this.blockOf(hunk.oldFrom).block !== this.blockOf(hunk.oldTo).block) return false
    return this.contentOf(hunk).every((block) => block.marker === null)
  }

  private contentOf(hunk: Hunk): readonly BlockContent[] {
    let content = this.contents.get(hunk)
    if (!content) {
      content = this.text.range(hunk.newFrom, hunk.newTo)
      this.contents.set(hunk, content)
    }
    return content
  }

  /** The selection stays between the same characters; what is inserted exactly at a caret comes after it. */
  keepSelection({ selection, doc }: EditorState): void {
    if (!this.tr.docChanged) return
    const index = (position: number) => indexAt(doc, position, this.hadMarker)
    const position = (old: number) => positionAt(this.tr.doc, this.newIndex(index(old), 'left'), this.hasMarker)
    if (selection instanceof TextSelection) {
      this.tr.setSelection(textSelection(this.tr.doc, position(selection.anchor), position(selection.head)))
    } else if (selection instanceof NodeSelection && selection.$from.depth === 0) {
      const place = blockAt(this.tr.doc, this.newIndex(index(selection.from), 'right') + 1, this.hasMarker)
      if (NodeSelection.isSelectable(place.node)) this.tr.setSelection(NodeSelection.create(this.tr.doc, place.before))
    }
  }

  /** Where an index of the old sequence is in the new one: before or after what was inserted just there. */
  private newIndex(old: number, side: 'left' | 'right'): number {
    let shift = 0
    for (const hunk of this.hunks) {
      if (old < hunk.oldFrom || (old === hunk.oldFrom && side === 'left')) break
      if (old < hunk.oldTo) return side === 'left' ? hunk.newFrom : hunk.newTo
      shift = hunk.newTo - hunk.oldTo
    }
    return old + shift
  }

  private blockOf(index: number): BlockPlace {
    return this.blocks.at(index)
  }
}

/** The parts of blocks that a hunk with markers leaves, open at both ends, to be joined to what stands before and after. */
function openSlice(first: Node, content: readonly BlockContent[]): Slice {
  const [head, ...rest] = content
  const joined = head?.marker === null ? head.runs : []
  const blocks = head?.marker === null ? rest : content
  const left = first.type.create(first.attrs, inlineContent(first.type.name, joined))
  return new Slice(Fragment.from([left, ...blocks.map(nodeOfBlock)]), 1, 1)
}

function textSelection(doc: Node, anchor: number, head: number): Selection {
  const [$anchor, $head] = [doc.resolve(anchor), doc.resolve(head)]
  return $anchor.parent.inlineContent && $head.parent.inlineContent ? new TextSelection($anchor, $head) : Selection.near($head)
}
