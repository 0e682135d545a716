import type { Block, BlockContent, MarkValue } from '../../../core/text/blocks.ts'
import type { TextEditor } from '../../../core/text/edit.ts'
import { blockLength } from '../../../core/text/layout.ts'
import type { Hunk } from '../../../core/text/patches.ts'
import type { SequenceEditor } from './marks.ts'

/**
 * The sequence without what others wrote into the person's own text.
 *
 * Undo takes back what the person inserted by deleting the stretch, with everything that others have inserted into it since. Written through this editor, that
 * deletion leaves the others' members where they are: `kept`. The transaction's further steps do not know of them, so all indices here are as if they
 * were not there.
 */
export class KeepingEditor implements SequenceEditor {
  private readonly text: TextEditor
  private readonly actor: string
  /** Sorted. `at` is the index, as if nothing were kept, that they stand before. */
  private kept: { at: number; length: number }[] = []

  constructor(text: TextEditor, actor: string) {
    this.text = text
    this.actor = actor
  }

  /** What an editor has to insert to show the kept members too. */
  get hunks(): Hunk[] {
    let shift = 0
    return this.kept.map(({ at, length }) => {
      shift += length
      return { oldFrom: at, oldTo: at, newFrom: at + shift - length, newTo: at + shift }
    })
  }

  splice(index: number, deleteCount: number, text = ''): void {
    if (deleteCount > 0) this.remove(index, deleteCount)
    if (text === '') return
    this.text.splice(this.gap(index), 0, text)
    this.move(index, text.length)
  }

  splitBlock(index: number, block: Block): void {
    this.text.splitBlock(this.gap(index), block)
    this.move(index, 1)
  }

  insertContent(index: number, blocks: readonly BlockContent[]): boolean {
    const isApart = this.text.insertContent(this.gap(index), blocks)
    this.move(
      index,
      blocks.reduce((sum, block) => sum + blockLength(block), 0),
    )
    return isApart
  }

  updateBlock(index: number, block: Block): void {
    this.text.updateBlock(this.gap(index + 1) - 1, block)
  }

  read(from: number, to: number): BlockContent[] {
    return this.stretches(from, to).flatMap((stretch) => this.text.read(stretch.from, stretch.to))
  }

  mark(from: number, to: number, name: string, value: MarkValue): void {
    for (const stretch of this.stretches(from, to)) this.text.mark(stretch.from, stretch.to, name, value)
  }

  unmark(from: number, to: number, name: string): void {
    for (const stretch of this.stretches(from, to)) this.text.unmark(stretch.from, stretch.to, name)
  }

  private remove(index: number, count: number): void {
    const others: number[] = []
    // From the end, so that what is before stays where it is.
    for (const stretch of this.stretches(index, index + count).reverse()) {
      for (const part of this.text.partsBy(this.actor, stretch.from, stretch.to).reverse()) {
        if (part.isOwn) this.text.splice(part.from, part.to - part.from)
        else others.push(part.to - part.from)
      }
    }
    const end = index + count
    const within = this.kept.filter(({ at }) => at > index && at <= end).reduce((sum, { length }) => sum + length, 0)
    const here = this.kept.find(({ at }) => at === index)?.length ?? 0
    const length = others.reduce((sum, other) => sum + other, within + here)
    this.kept = [
      ...this.kept.filter(({ at }) => at < index),
      ...(length > 0 ? [{ at: index, length }] : []),
      ...this.kept.filter(({ at }) => at > end).map((kept) => ({ ...kept, at: kept.at - count })),
    ]
  }

  /** What is inserted goes before what is kept at the same place. */
  private move(index: number, length: number): void {
    this.kept = this.kept.map((kept) => (kept.at >= index ? { ...kept, at: kept.at + length } : kept))
  }

  /** Index in the whole text of the place before `index` and before what is kept there. */
  private gap(index: number): number {
    return this.kept.reduce((sum, { at, length }) => (at < index ? sum + length : sum), index)
  }

  /** A stretch cut where something is kept in it, in terms of the whole text. */
  private stretches(from: number, to: number): { from: number; to: number }[] {
    const cuts = [from, ...this.kept.map(({ at }) => at).filter((at) => at > from && at < to), to]
    return cuts.slice(1).flatMap((cut, position) => {
      const start = cuts[position]!
      return cut > start ? [{ from: this.gap(start + 1) - 1, to: this.gap(cut) }] : []
    })
  }
}
