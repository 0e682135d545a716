import * as A from '@automerge/automerge/slim'
import fc from 'fast-check'
import { Fragment, type Mark, type Node, Slice } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { expect } from 'vitest'
import type { Heads } from '../../../core/ids.ts'
import { type Attributes, type BlockContent, blockTypes, type MarkSet } from '../../../core/text/blocks.ts'
import { TextEditor } from '../../../core/text/edit.ts'
import { readBlocks } from '../../../core/text/read.ts'
import { schema } from '../schema.ts'
import { redo, undo } from '../long-edits/take-back.ts'
import { Writer } from './test-writer.ts'

/**
 * Scripts for several replicas of one document: what a person does in an editor, what another tool writes into the document, deliveries between
 * replicas, and restarts. Places are numbers that are taken modulo what is there, so that any script can be run, and a
 * shorter one too. After each step the editor must equal the document; at the end all replicas must be equal, and every character
 * that was typed and that nobody deleted must be there.
 */

interface At {
  readonly replica: number
  readonly at: number
}
type Edit =
  | (At & { readonly do: 'type' | 'paste' | 'delete' | 'split' | 'break'; readonly length: number })
  | (At & { readonly do: 'nest' | 'attribute'; readonly type: number })
  | (At & { readonly do: 'block' | 'mark' | 'unmark'; readonly length: number; readonly type: number })
type ToolEdit = At & { readonly do: 'tool'; readonly length: number; readonly type: number }
type Other = { readonly replica: number } & (
  | { readonly do: 'undo' | 'redo' | 'restart' }
  | { readonly do: 'deliver'; readonly from: number }
)
export type Step = Edit | ToolEdit | Other

const place = fc.nat(400)
const length = fc.nat(12)
const type = fc.nat(40)
const replica = fc.nat(2)

/** Any step, what people do most being the most frequent. */
export const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ replica, do: fc.constantFrom('type', 'delete', 'split', 'break', 'paste'), at: place, length }) },
  { weight: 2, arbitrary: fc.record({ replica, do: fc.constant('block'), at: place, length, type }) },
  { weight: 1, arbitrary: fc.record({ replica, do: fc.constantFrom('nest', 'attribute'), at: place, type }) },
  { weight: 3, arbitrary: fc.record({ replica, do: fc.constantFrom('mark', 'unmark'), at: place, length, type }) },
  { weight: 2, arbitrary: fc.record({ replica, do: fc.constantFrom('undo', 'redo') }) },
  { weight: 1, arbitrary: fc.record({ replica, do: fc.constant('restart') }) },
  { weight: 2, arbitrary: fc.record({ replica, do: fc.constant('tool'), at: place, length, type }) },
  { weight: 4, arbitrary: fc.record({ replica, do: fc.constant('deliver'), from: replica }) },
)

const markTypes: readonly Mark[] = [
  schema.marks.strong.create(),
  schema.marks.em.create(),
  schema.marks.code.create(),
  schema.marks.link.create({ href: 'https://a.example', title: '' }),
  schema.marks.link.create({ href: 'https://b.example', title: 'B' }),
  schema.marks.superscript.create(),
  schema.marks.subscript.create(),
  schema.marks.highlight.create({ value: 'yellow' }),
  schema.marks['unknown-mark'].create({ name: 'sparkle', value: 'gold' }),
]

const pastedTypes = ['paragraph', 'heading', 'paragraph', 'ordered-list-item', 'code-block', 'divider'] as const

export class Script {
  readonly writers: Writer[]
  /** Every character is typed once only, so that none can stand for another. */
  private next = 0x4e00
  /** By whom. */
  private readonly typed = new Map<string, number>()
  private readonly deleted = new Set<string>()
  private readonly versions: { readonly heads: Heads; readonly blocks: readonly BlockContent[] }[] = []
  /** What each person's edits took out of the text and their undo or redo has not brought back, by character. */
  private readonly taken: Map<string, number>[]

  constructor(bytes: Uint8Array, replicas = 3) {
    this.writers = Array.from({ length: replicas }, () => new Writer(bytes))
    this.taken = this.writers.map(() => new Map())
  }

  run(steps: readonly Step[]): void {
    this.play(steps)
    this.finish()
  }

  play(steps: readonly Step[]): void {
    steps.forEach((step, index) => {
      this.step(step)
      this.writers[step.replica % this.writers.length]!.check()
      if (index % 8 === 4) this.remember()
    })
  }

  /** Notes what the first replica reads: it has to read the same at these heads later, and that is another way of reading. */
  private remember(): void {
    const { doc } = this.writers[0]!
    this.versions.push({ heads: A.getHeads(doc) as readonly string[] as Heads, blocks: readBlocks(doc) })
  }

  /** Delivers everything to everybody, and checks. */
  private finish(): void {
    for (let round = 0; round < 2; round++) for (const to of this.writers) for (const from of this.writers) if (to !== from) to.take(from)
    const [first, ...others] = this.writers
    for (const other of others) expect(readBlocks(other.doc)).toEqual(readBlocks(first!.doc))
    this.remember()
    for (const { heads, blocks } of this.versions) expect(readBlocks(first!.doc, heads)).toEqual(blocks)
    const text = charactersOf(first!.editor.state.doc)
    const lost = [...this.typed.keys()].filter((character) => !this.deleted.has(character) && !text.has(character))
    expect(lost).toEqual([])
  }

  private step(step: Step): void {
    const writer = this.writers[step.replica % this.writers.length]!
    switch (step.do) {
      case 'deliver':
        return this.deliver(this.writers[step.from % this.writers.length]!, writer)
      case 'restart':
        this.taken[this.writers.indexOf(writer)]!.clear()
        this.writers[this.writers.indexOf(writer)] = writer.restarted()
        return
      case 'tool':
        return this.note(writer, step, () => this.useTool(writer, step))
      case 'undo':
      case 'redo':
        return this.note(writer, step, () => (step.do === 'undo' ? undo : redo)(writer.editor.state, (tr) => writer.editor.dispatch(tr)))
      default:
        return this.note(writer, step, () => this.edit(writer, step))
    }
  }

  private deliver(from: Writer, to: Writer): void {
    if (from !== to) to.take(from)
  }

  /** Notes which characters an edit deletes, and checks those that undo or redo bring. */
  private note(writer: Writer, step: Step, edit: () => unknown): void {
    const before = charactersOf(writer.editor.state.doc)
    edit()
    const after = charactersOf(writer.editor.state.doc)
    for (const character of before.keys()) if (!after.has(character) && this.mayDelete(character, step)) this.deleted.add(character)
    if (step.do !== 'tool') this.balance(this.taken[this.writers.indexOf(writer)]!, before, after, isHistory(step))
  }

  /** Undo and redo bring back what this person's own edits, undo or redo took away, each time once. */
  private balance(taken: Map<string, number>, before: Map<string, number>, after: Map<string, number>, isBringingBack: boolean): void {
    for (const character of new Set([...before.keys(), ...after.keys()])) {
      const brought = (after.get(character) ?? 0) - (before.get(character) ?? 0)
      if (brought < 0 || (brought > 0 && isBringingBack)) taken.set(character, (taken.get(character) ?? 0) - brought)
      expect(taken.get(character) ?? 0, `${character} came twice`).toBeGreaterThanOrEqual(0)
    }
  }

  /** Undo takes back what the person did, and nothing that others did. */
  private mayDelete(character: string, step: Step): boolean {
    return !isHistory(step) || this.typed.get(character) === step.replica % this.writers.length
  }

  private letters(writer: Writer, count: number): string {
    let text = ''
    for (let letter = 0; letter < count; letter++) text += String.fromCharCode(this.next++)
    for (const letter of text) this.typed.set(letter, this.writers.indexOf(writer))
    return text
  }

  private edit(writer: Writer, step: Edit): void {
    const tr = this.transaction(writer, step)
    if (tr?.docChanged) writer.editor.dispatch(tr)
  }

  private transaction(writer: Writer, step: Edit): Transaction | null {
    const { doc, tr } = writer.editor.state
    const at = textPosition(doc, step.at)
    const span = (length: number) => [at, textPosition(doc, step.at + length)].sort((a, b) => a - b) as [number, number]
    switch (step.do) {
      case 'type':
        return tr.insertText(this.letters(writer, 1 + (step.length % 3)), at)
      case 'break':
        return doc.resolve(at).parent.type.name === 'code-block'
          ? tr.insertText('\n', at)
          : tr.insert(at, schema.nodes['hard-break']!.create())
      case 'delete':
        return tr.delete(...span(step.length))
      case 'split':
        return tr.split(at)
      case 'paste':
        return tr.replace(...span(step.length % 4), this.pasted(writer, step.length, step.at))
      case 'mark':
        return tr.addMark(...span(step.length), pick(markTypes, step.type))
      case 'unmark':
        return tr.removeMark(...span(step.length), step.type % 2 ? pick(markTypes, step.type) : undefined)
      case 'block':
        return tr.setBlockType(...span(step.length), schema.nodes[pick(blockTypes, step.type)]!)
      case 'nest':
        return tr.setNodeAttribute(
          blockPosition(doc, step.at),
          'parents',
          pick([[], ['blockquote'], ['unordered-list-item', 'blockquote']], step.type),
        )
      case 'attribute':
        return setAttribute(tr, blockPosition(doc, step.at), step.type)
    }
  }

  /** Closed or open at its ends, of one or several blocks, with marks, and with line breaks as nodes or as characters. */
  private pasted(writer: Writer, size: number, kind: number): Slice {
    const blocks = Array.from({ length: 1 + (size % 3) }, (_, index) => {
      const type = pick(pastedTypes, kind + size + index)
      if (type === 'divider') return schema.nodes.divider!.create()
      const marks = type === 'code-block' || kind % 3 ? [] : [pick(markTypes, kind + index)]
      const text = schema.text(this.letters(writer, 1 + (index % 2)), marks)
      const lineBreak = kind % 5 === 0 || type === 'code-block' ? schema.text('\n') : schema.nodes['hard-break']!.create()
      return schema.nodes[type]!.create(null, kind % 5 < 2 ? [text, lineBreak, schema.text(this.letters(writer, 1))] : [text])
    })
    const isOpen = size % 2 && blocks[0]!.isTextblock && blocks.at(-1)!.isTextblock ? 1 : 0
    return new Slice(Fragment.from(blocks), isOpen, isOpen)
  }

  /** Another program writes what this one would not. */
  private useTool(writer: Writer, { at, length: size, type: kind }: ToolEdit): void {
    const before = writer.doc
    const text = before.segments.map((segment) => segment.text).join('')
    const whole = (index: number) => (/[\udc00-\udfff]/.test(text[index] ?? '') ? index - 1 : index)
    const index = whole(at % (text.length + 1))
    const end = whole(Math.min(index + size, text.length))
    writer.handle.change((draft) => {
      const editor = new TextEditor(draft, before)
      const block = {
        type: pick(['paragraph', 'poem', 'heading', 'code-block'], kind),
        parents: kind % 3 ? [] : ['blockquote'],
        attrs: { level: kind },
        isEmbed: false,
      }
      if (kind % 5 === 0) editor.splice(index, end - index, this.letters(writer, 1))
      else if (kind % 5 === 1) editor.splitBlock(index, block)
      else if (kind % 5 === 2) editor.mark(index, end, pick(['strong', 'sparkle', 'link', 'subscript'], kind), kind % 2 ? true : 'value')
      else if (kind % 5 === 3) editor.unmark(index, end, 'strong')
      else if (editor.read(index, end)[0]?.marker && end > index) editor.updateBlock(index, block)
    })
  }
}

const isHistory = (step: Step) => step.do === 'undo' || step.do === 'redo'

/** Typed characters, and how often each is there: the breaks and the marks of a block are none. */
export function charactersOf(doc: Node): Map<string, number> {
  const counts = new Map<string, number>()
  for (const character of doc.textContent) if (character >= '\u4e00') counts.set(character, (counts.get(character) ?? 0) + 1)
  return counts
}

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length]!

/** The numbered place where a caret can stand. */
export function textPosition(doc: Node, number: number): number {
  const places = doc.content.size - 2 * doc.childCount + doc.childCount
  let left = number % places
  let position = 0
  doc.forEach((node, before) => {
    if (left < 0) return
    if (left <= node.content.size) position = before + 1 + left
    left -= node.content.size + 1
  })
  // Between the halves of a character nobody can stand.
  const next = doc.textBetween(position, Math.min(position + 1, doc.content.size))
  return /[\udc00-\udfff]/.test(next) ? position - 1 : position
}

function blockPosition(doc: Node, number: number): number {
  let position = 0
  doc.forEach((_, before, index) => {
    if (index === number % doc.childCount) position = before
  })
  return position
}

function setAttribute(tr: Transaction, position: number, kind: number): Transaction | null {
  const node = tr.doc.nodeAt(position)!
  if (node.type.name === 'heading') return tr.setNodeAttribute(position, 'level', 1 + (kind % 6))
  if (node.type.name === 'task-list-item') return tr.setNodeAttribute(position, 'checked', kind % 2 === 0)
  if (node.type.name === 'ordered-list-item') return tr.setNodeAttribute(position, 'start', kind % 3 ? kind : null)
  if (node.type.name === 'image') return tr.setNodeMarkup(position, null, { ...node.attrs, alt: `picture ${kind}`, width: kind })
  return null
}

/** Documents to begin with. */
export const startingBlocks: fc.Arbitrary<BlockContent[]> = fc.array(
  fc.record({
    marker: fc.record({
      type: fc.constantFrom(...blockTypes, 'poem'),
      parents: fc.constantFrom<string[]>([], ['blockquote'], ['ordered-list-item']),
      attrs: fc.constantFrom<Attributes>({}, { level: 3 }, { checked: true, later: 'x' }, { level: 9 }),
      isEmbed: fc.constant(false),
    }),
    runs: fc.array(
      fc.record({
        text: fc.constantFrom('some words ', 'line\nbreak', 'x', '😀é'),
        marks: fc.constantFrom<MarkSet>({}, { strong: true }, { subscript: true, superscript: true }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 5 },
)
