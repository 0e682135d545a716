import { createHash } from 'node:crypto'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { ChangeHash, Heads } from '../ids.ts'
import { ChangeGraph } from './change-graph.ts'
import { readChangeHeader } from './change-header.ts'
import { addExpanded, expandDocument } from './saved-document.ts'
import { platform } from '../../test/platform.ts'

type Notes = Record<string, string>

const ada = 'ad'.repeat(32)
const ben = 'be'.repeat(32)

const write = (doc: A.Doc<Notes>, key: string) => A.change(doc, (draft) => void (draft[key] = `${key} is written`))
const hashOf = (change: Uint8Array) => readChangeHeader(change).hash
const headsOf = (doc: A.Doc<Notes>) => [...A.getHeads(doc)].sort() as unknown as Heads

/** Two writers who start from one text, write apart, and come together in a last change. */
function twoWriters() {
  let mine = write(A.init<Notes>({ author: ada }), 'start')
  let yours = A.clone(mine, { author: ben })
  for (const key of ['a1', 'a2', 'a3']) mine = write(mine, key)
  for (const key of ['b1', 'b2']) yours = write(yours, key)
  const apart = { mine, yours }
  mine = write(A.merge(A.clone(mine), yours), 'both')
  return { ...apart, merged: mine, changes: A.getAllChanges(mine) }
}

/** A change built by hand, as a broken or hostile writer would send it. */
function forge({ author, ...parts }: { actor: string; seq: number; deps: string[]; startOp?: number; author?: string }): Uint8Array {
  const ops = [{ action: 'set', obj: '_root', key: `forged ${parts.seq}`, value: 'x', pred: [] }]
  const change = A.encodeChange({ startOp: 1_000, time: 0, message: null, ...parts, ops } as unknown as Parameters<
    typeof A.encodeChange
  >[0])
  return author ? signedBy(author, change) : change
}

/** Automerge keeps the author in a change's extra bytes, and its own encoder does not write it; the checksum has to be mended. */
function signedBy(author: string, change: Uint8Array): Uint8Array {
  const bodyAt = change.findIndex((byte, at) => at > 8 && byte < 128) + 1
  const body = Buffer.concat([change.subarray(bodyAt), Uint8Array.of(1, 32), Buffer.from(author, 'hex')])
  const checked = Buffer.concat([Uint8Array.of(1, body.length), body])
  return Buffer.concat([change.subarray(0, 4), createHash('sha256').update(checked).digest().subarray(0, 4), checked])
}

describe('a change graph', () => {
  it('has the heads of the document after every change', () => {
    const graph = new ChangeGraph()
    let doc = A.init<Notes>()
    for (const change of twoWriters().changes) {
      expect(graph.add([change]).added).toHaveLength(1)
      doc = A.applyChanges(doc, [change])[0]
      expect(graph.heads).toEqual(headsOf(doc))
    }
  })

  it('takes changes in any order and gives them out dependencies first', () => {
    const { changes, merged } = twoWriters()
    const graph = new ChangeGraph()
    const backwards = [...changes].reverse()
    const waiting = graph.add(backwards.slice(0, -1))
    expect(waiting.added).toEqual([])
    expect(waiting.waiting).toHaveLength(changes.length - 1)
    expect(graph.missing()).toEqual([hashOf(changes[0] as Uint8Array)])
    const { added } = graph.add(backwards.slice(-1))
    expect(added).toHaveLength(changes.length)
    expect(graph.heads).toEqual(headsOf(merged))
    expect(graph.missing()).toEqual([])
    const [doc] = A.applyChanges(
      A.init<Notes>(),
      added.map((change) => change.bytes),
    )
    expect(A.toJS(doc)).toEqual(A.toJS(merged))
  })

  it('takes nothing twice, in one call or in two', () => {
    const { changes } = twoWriters()
    const graph = new ChangeGraph()
    expect(graph.add([...changes, ...changes]).added).toHaveLength(changes.length)
    expect(graph.add(changes)).toEqual({ added: [], waiting: [], refused: [] })
  })

  it('knows what a version does not include', () => {
    const { changes, mine, yours, merged } = twoWriters()
    const graph = new ChangeGraph()
    graph.add(changes)
    const missingFrom = (doc: A.Doc<Notes>) => A.getChanges(doc, merged).map(hashOf).sort()
    expect([...graph.since(headsOf(mine))].sort()).toEqual(missingFrom(mine))
    expect([...graph.since(headsOf(yours))].sort()).toEqual(missingFrom(yours))
    expect(graph.since(graph.heads)).toEqual([])
    expect(graph.since([])).toHaveLength(changes.length)
    expect(graph.since(['00'.repeat(32) as ChangeHash, ...headsOf(mine)])).toHaveLength(missingFrom(mine).length)
  })

  it('says which versions include a change', () => {
    const { changes, mine, yours } = twoWriters()
    const graph = new ChangeGraph()
    graph.add(changes)
    const lastOfMine = graph.rowOf(headsOf(mine)[0] as ChangeHash)
    expect(graph.includes(headsOf(mine), lastOfMine)).toBe(true)
    expect(graph.includes(headsOf(yours), lastOfMine)).toBe(false)
    expect(graph.includes(graph.heads, lastOfMine)).toBe(true)
  })

  it('carries the author of the first change to all changes of the actor', () => {
    const { changes, mine } = twoWriters()
    const graph = new ChangeGraph()
    graph.add(changes)
    const actor = A.getActorId(mine)
    expect(graph.authorOf(actor as never)).toBe(ada)
    expect(graph.lastSeq(actor as never)).toBe(4)
    const authors = changes.map((_, row) => graph.authorAt(row))
    expect(authors.filter((author) => author === ben)).toHaveLength(2)
  })
})

describe('a saved document', () => {
  it('gives the same graph from its headers as from its changes', () => {
    const { merged, changes } = twoWriters()
    const [byHeaders, byChanges] = [new ChangeGraph(), new ChangeGraph()]
    addExpanded(byHeaders, expandDocument(A.save(merged)), platform)
    byChanges.add(expandDocument(A.save(merged)))
    expect(byHeaders.heads).toEqual(byChanges.heads)
    for (const change of changes) expect(byHeaders.header(hashOf(change))).toEqual(byChanges.header(hashOf(change)))
  })

  it('has headers that are read as Automerge reads them', () => {
    const { merged, changes } = twoWriters()
    const graph = new ChangeGraph()
    const ops: number[] = []
    addExpanded(graph, expandDocument(A.save(merged)), platform, (change) => ops.push(change.ops))
    for (const change of changes) expect(graph.header(hashOf(change))).toEqual(readChangeHeader(change))
    expect(ops).toEqual(ops.map((_, row) => graph.headerAt(row).ops))
    expect(ops).toHaveLength(changes.length)
  })

  it('lets changes go on that had waited for it', () => {
    const { mine, merged } = twoWriters()
    const graph = new ChangeGraph()
    const tail = A.getChanges(mine, merged)
    expect(graph.add(tail).waiting).not.toEqual([])
    const saved = new ChangeGraph()
    addExpanded(saved, expandDocument(A.save(mine)), platform)
    expect(saved.size).toBe(4)
    const { added } = graph.extend(saved.pack())
    expect(added).toHaveLength(tail.length)
    expect(graph.heads).toEqual(headsOf(merged))
  })

  it('is refused where a change is asked for', () => {
    const { refused } = new ChangeGraph().add([A.save(twoWriters().merged)])
    expect(refused.map(({ hash, error }) => [hash, error.code])).toEqual([[null, 'damaged']])
  })
})

describe('poison', () => {
  const actor = 'a1'.repeat(16)
  const first = forge({ actor, seq: 1, deps: [], startOp: 1, author: ada })
  const firstHash = hashOf(first)
  const other = forge({ actor: 'b2'.repeat(16), seq: 1, deps: [], startOp: 1 })

  const cases: [string, Uint8Array][] = [
    ['a number that skips one', forge({ actor, seq: 3, deps: [firstHash] })],
    ['a number that another change has', forge({ actor, seq: 1, deps: [firstHash] })],
    ['no dependency on the actor’s last change', forge({ actor, seq: 2, deps: [hashOf(other)] })],
    ['no dependency at all', forge({ actor, seq: 2, deps: [] })],
    ['an author that changes', forge({ actor, seq: 2, deps: [firstHash], author: ben })],
    ['operations numbered like those before', forge({ actor, seq: 2, deps: [firstHash], startOp: 1 })],
    ['operations numbered far beyond all that there are', forge({ actor, seq: 2, deps: [firstHash], startOp: 30_000_000 })],
    ['a first change that is not numbered 1', forge({ actor: 'c3'.repeat(16), seq: 2, deps: [firstHash] })],
  ]

  it.each(cases)('is refused: %s', (_, poison) => {
    const graph = new ChangeGraph()
    graph.add([first, other])
    const heads = graph.heads
    const { added, refused } = graph.add([poison])
    expect(graph.authorOf(actor as never)).toBe(ada)
    expect(added).toEqual([])
    expect(refused.map(({ hash, error }) => [hash, error.code])).toEqual([[hashOf(poison), 'refused']])
    expect(refused[0]?.error.message).toContain(hashOf(poison))
    expect(graph.heads).toEqual(heads)
    expect(graph.add([forge({ actor, seq: 2, deps: [firstHash], startOp: 2 })]).added).toHaveLength(1)
  })

  it.each(cases)('is refused in a saved document too: %s', (_, poison) => {
    const graph = new ChangeGraph()
    expect(() => addExpanded(graph, [first, other, poison], platform)).toThrow(expect.objectContaining({ code: 'refused' }))
    expect(graph.size).toBe(2)
  })

  it('is refused when it had been waiting, together with what stands on it', () => {
    const graph = new ChangeGraph()
    const poison = forge({ actor, seq: 3, deps: [firstHash] })
    const onTop = forge({ actor: 'd4'.repeat(16), seq: 1, deps: [hashOf(poison)], startOp: 2_000 })
    expect(graph.add([onTop, poison]).waiting).toHaveLength(2)
    const { added, refused } = graph.add([first])
    expect(added).toHaveLength(1)
    expect(refused.map(({ hash }) => hash)).toEqual([hashOf(poison), hashOf(onTop)])
    expect(graph.missing()).toEqual([])
  })

  it('that is no change at all is refused without a name, and the rest is taken', () => {
    const cut = first.slice(0, -5)
    const { added, refused } = new ChangeGraph().add([new Uint8Array(), cut, Uint8Array.of(1, 2, 3), first])
    expect(added).toHaveLength(1)
    expect(refused.map(({ hash, error }) => [hash, error.code])).toEqual([
      [null, 'damaged'],
      [null, 'damaged'],
      [null, 'damaged'],
    ])
  })
})

it('keeps no more waiting than its limits allow', () => {
  const { changes } = twoWriters()
  const graph = new ChangeGraph({ changes: 2, bytes: 1_000_000 })
  const { waiting, refused } = graph.add(changes.slice(1))
  expect(waiting).toHaveLength(2)
  expect(new Set(refused.map(({ error }) => error.code))).toEqual(new Set(['too-large']))
  expect(graph.add(changes).added).toHaveLength(changes.length)
})

describe('packed headers', () => {
  it('give the same graph again, in one piece or in several', () => {
    const { changes, merged } = twoWriters()
    const graph = new ChangeGraph()
    const pieces = changes.map((change, row) => {
      graph.add([change])
      return graph.pack(row)
    })
    for (const packs of [[graph.pack()], pieces]) {
      const restored = ChangeGraph.restore(packs)
      expect(restored.heads).toEqual(headsOf(merged))
      expect(restored.size).toBe(changes.length)
      for (const change of changes) expect(restored.header(hashOf(change))).toEqual(graph.header(hashOf(change)))
      const next = A.getLastLocalChange(write(A.clone(merged), 'more')) as Uint8Array
      expect(restored.add([next]).added).toHaveLength(1)
    }
  })

  it('that are damaged are refused', () => {
    const graph = new ChangeGraph()
    graph.add(twoWriters().changes)
    const pack = graph.pack()
    expect(() => ChangeGraph.restore([pack.slice(0, -3)])).toThrow(/bytes/)
    expect(() => ChangeGraph.restore([graph.pack(2)])).toThrow(/begin at row 2/)
    expect(() => ChangeGraph.restore([Uint8Array.of(9, 9, 9)])).toThrow(/unknown version/)
  })
})
