import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import * as A from '@automerge/automerge/slim'
import { Fragment, Slice } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'
import { expect, test } from 'vitest'
import { readText } from '../../../core/text/read.ts'
import { schema } from '../schema.ts'
import { positionAt } from './positions.ts'
import { bytesOf, p, Writer } from './test-writer.ts'

/** Real keystroke logs, letter by letter through editors. A line of the log is a block. */

type Patch = [position: number, deleted: number, inserted: string]
interface Trace {
  endContent: string
  txns: { parents: number[]; agent: number; patches: Patch[] }[]
}

const trace = (name: string) =>
  JSON.parse(gunzipSync(readFileSync(new URL(`../../../../shared/traces/${name}.json.gz`, import.meta.url))).toString()) as Trace

/** The first marker stands before the first character of the log. Positions count code points, of which these logs have only short ones. */
function applyPatch(tr: Transaction, [position, deleted, inserted]: Patch): Transaction {
  const from = positionAt(tr.doc, 1 + position, true)
  const to = positionAt(tr.doc, 1 + position + deleted, true)
  if (!inserted.includes('\n')) return inserted === '' ? tr.delete(from, to) : tr.insertText(inserted, from, to)
  const lines = inserted.split('\n').map((line) => schema.nodes.paragraph!.create(null, line === '' ? [] : [schema.text(line)]))
  return tr.replace(from, to, new Slice(Fragment.from(lines), 1, 1))
}

const play = ({ editor }: Writer, patches: readonly Patch[]) => editor.dispatch(patches.reduce(applyPatch, editor.state.tr))

test('a log of one author with many carets', () => {
  const { txns, endContent } = trace('sveltecomponent')
  const writer = new Writer(bytesOf([p()]))
  for (const { patches } of txns) play(writer, patches)
  writer.check()
  expect(readText(writer.doc)).toBe(endContent)
})

test('a log of two authors who write at the same time', () => {
  const { txns, endContent } = trace('friendsforever')
  const bytes = bytesOf([p()])
  const authors = [new Author(bytes), new Author(bytes)] as const
  txns.forEach(({ agent, parents, patches }, entry) => {
    const [own, other] = [authors[agent]!, authors[1 - agent]!]
    for (const parent of parents) if (txns[parent]!.agent !== agent) own.take(other, parent)
    own.play(entry, patches)
  })
  authors[0].take(authors[1], txns.length)
  authors[1].take(authors[0], txns.length)
  for (const { writer } of authors) {
    writer.check()
    expect(readText(writer.doc)).toBe(endContent)
  }
})

/** An author of a log with what they wrote, by entry. */
class Author {
  readonly writer: Writer
  private readonly written: { entry: number; changes: A.Change[] }[] = []
  private taken = 0

  constructor(bytes: Uint8Array) {
    this.writer = new Writer(bytes)
  }

  play(entry: number, patches: readonly Patch[]): void {
    const heads = A.getHeads(this.writer.doc)
    play(this.writer, patches)
    this.written.push({ entry, changes: A.getChangesSince(this.writer.doc, heads) })
  }

  /** What the other wrote up to an entry and no more: an entry's positions are those of the merge of its parents. */
  take(other: Author, entry: number): void {
    const changes: A.Change[] = []
    for (let next = other.written[this.taken]; next && next.entry <= entry; next = other.written[++this.taken])
      changes.push(...next.changes)
    if (changes.length > 0) this.writer.handle.update((doc) => A.applyChanges(doc, changes)[0])
  }
}
