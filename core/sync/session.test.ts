import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import { World } from '../../test/replicas.ts'
import type { ChangeHash } from '../ids.ts'
import { readBloom, writeBloom } from './bloom.ts'
import { ChangeGraph } from './change-graph.ts'
import { SyncSession } from './session.ts'
import { readSyncMessage, type SyncMessage, writeSyncMessage } from './sync-message.ts'

const written = (at: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ do: 'write', at, key: `${at} ${from + i}` }) as const)

/** How many changes all replicas have in common, or what each one reads when they differ. */
function agreed(world: World) {
  const all = Object.values(world.readAll())
  return all.every((notes) => isDeepStrictEqual(notes, all[0])) ? Object.keys(all[0] ?? {}).length : all
}

const pairings: ['stock' | 'thin', 'stock' | 'thin'][] = [
  ['thin', 'stock'],
  ['stock', 'thin'],
  ['thin', 'thin'],
]

describe.each(pairings)('a %s replica that speaks first and a %s one', (left, right) => {
  const between: [string, string] = ['left', 'right']
  const meet = () => new World({ left, right }, [between])

  it('come together when one has everything', () => {
    for (const at of between) {
      const world = meet().run(written(at, 30))
      expect(world.settle().messages).toBeLessThanOrEqual(8)
      expect(agreed(world)).toBe(30)
    }
  })

  it('come together when both wrote apart, and talk no further', () => {
    const world = meet().run([...written('left', 20), ...written('right', 25)])
    world.settle()
    expect(agreed(world)).toBe(45)
    expect(world.settle().messages).toBe(0)
  })

  it('come together when the history is long, also when both forgot that they had met', () => {
    const world = meet().run(written('left', 600))
    expect(world.settle().messages).toBeLessThanOrEqual(8)
    world.run([{ do: 'part', between }, ...written('left', 5, 600), ...written('right', 5)])
    world.run([
      { do: 'restart', at: 'left' },
      { do: 'restart', at: 'right' },
    ])
    world.settle()
    expect(agreed(world)).toBe(610)
  })

  it('send each new change once they are together', () => {
    const world = meet().run(written('left', 1))
    world.settle()
    for (let i = 0; i < 10; i++) {
      world.run([...written('left', 1, 1 + i), ...written('right', 1, i)])
      world.settle()
    }
    expect(agreed(world)).toBe(21)
  })

  it('send only what is missing after a cut', () => {
    const world = meet().run([...written('left', 150), ...written('right', 150)])
    world.settle()
    world.run([{ do: 'part', between }, ...written('left', 3, 150), ...written('right', 2, 150)])
    expect(world.settle().bytes).toBeLessThan(3_000)
    expect(agreed(world)).toBe(305)
  })

  it('come together after either lost its sync state', () => {
    for (const at of between) {
      const world = meet().run([...written('left', 50), ...written('right', 50)])
      world.settle()
      world.run([{ do: 'restart', at }, ...written('left', 1, 50), ...written('right', 1, 50)])
      world.settle()
      expect(agreed(world)).toBe(102)
    }
  })

  it('fall silent when neither has anything', () => {
    expect(meet().settle().messages).toBeLessThanOrEqual(4)
  })

  it('are not misled by messages that come twice', () => {
    const world = meet().run([...written('left', 10), ...written('right', 10)])
    for (let i = 0; i < 6; i++) {
      for (const to of between)
        world.run([
          { do: 'speak', between },
          { do: 'duplicate', between, to },
          { do: 'deliver', between, to },
        ])
    }
    world.settle()
    expect(agreed(world)).toBe(20)
  })
})

describe('through a thin replica', () => {
  it('stock replicas that never meet come together', () => {
    const world = new World({ ada: 'stock', ben: 'stock', cleo: 'thin', relay: 'thin' }, [
      ['ada', 'relay'],
      ['ben', 'relay'],
      ['cleo', 'relay'],
    ])
    world.run([...written('ada', 15), ...written('ben', 15), ...written('cleo', 15)])
    world.settle()
    expect(agreed(world)).toBe(45)
  })
})

/** A graph of `count` changes by one writer, and a session that answers. */
function answering(count: number) {
  let doc = A.init<Record<string, number>>()
  for (let i = 0; i < count; i++) doc = A.change(doc, (draft) => void (draft[`key ${i}`] = i))
  const graph = new ChangeGraph()
  graph.add(A.getAllChanges(doc))
  return { doc, graph, session: new SyncSession(graph, { initiates: false }) }
}

const says = (parts: Partial<SyncMessage>): SyncMessage => ({
  heads: [],
  need: [],
  have: [{ lastSync: [], bloom: new Uint8Array() }],
  changes: [],
  takesDocuments: true,
  ...parts,
})
const nobody = 'ab'.repeat(32) as ChangeHash

describe('a session', () => {
  it('gives a peer that has nothing the whole, and says so', () => {
    const { graph, session } = answering(50)
    session.receive(says({}))
    expect(session.next()).toMatchObject({
      whole: true,
      rows: graph.since([]).map((_, row) => row),
      need: [],
      have: [{ lastSync: graph.heads }],
    })
    expect(session.next()).toBeNull()
  })

  it('gives single changes to a peer that takes no documents', () => {
    const { session } = answering(50)
    session.receive(says({ takesDocuments: false }))
    expect(session.next()).toMatchObject({ whole: false })
  })

  it('sends a long history in pieces where it sends changes', () => {
    const { graph, session } = answering(50)
    session.receive(says({ takesDocuments: false }))
    const sizes = [session.next(20), session.next(20), session.next(20), session.next(20)].map((plan) => plan?.rows.length)
    expect(sizes).toEqual([20, 20, 10, undefined])
    expect(graph.size).toBe(50)
  })

  it('believes heads before a filter that claims everything', () => {
    const { graph, session } = answering(10)
    const bloom = new Uint8Array([10, 10, 7, ...Array<number>(13).fill(255)])
    session.receive(says({ heads: [graph.hashAt(4)], have: [{ lastSync: [], bloom }] }))
    expect(session.next()?.rows).toEqual([5, 6, 7, 8, 9])
  })

  it('sends what is asked for by name, whatever a filter says', () => {
    const { graph, session } = answering(10)
    const bloom = new Uint8Array([10, 10, 7, ...Array<number>(13).fill(255)])
    session.receive(says({ heads: [nobody], need: [graph.hashAt(3)], have: [{ lastSync: [], bloom }] }))
    expect(session.next()).toMatchObject({ rows: [3], need: [nobody] })
  })

  it.each([
    ['cut off', Uint8Array.of(200)],
    ['of no length', Uint8Array.of(5, 0, 7)],
    ['shorter than it says', Uint8Array.of(100, 10, 7, 1)],
    ['with a million probes', Uint8Array.of(1, 8, 192, 132, 61, 255)],
  ])('takes a filter that is garbage as an empty one: %s', (_, bloom) => {
    const { session } = answering(5)
    session.receive(says({ heads: [nobody], have: [{ lastSync: [], bloom }] }))
    expect(session.next()?.rows).toEqual([0, 1, 2, 3, 4])
  })

  it('asks for unknown heads once, and never keeps a peer talking that has no answer', () => {
    const { session } = answering(5)
    const liar = says({ heads: [nobody], have: [{ lastSync: [nobody], bloom: new Uint8Array() }] })
    let answers = 0
    for (let i = 0; i < 20; i++) {
      session.receive(liar)
      while (session.next()) answers += 1
    }
    expect(answers).toBeLessThanOrEqual(3)
  })

  it('begins from nothing in common when the peer builds on a version that is not here', () => {
    const { graph, session } = answering(5)
    session.receive(says({ heads: [nobody], have: [{ lastSync: [nobody], bloom: new Uint8Array() }] }))
    const plan = session.next()
    expect(plan).toMatchObject({ rows: [], need: [], have: [{ lastSync: [] }] })
    const filter = readBloom(plan?.have[0]?.bloom ?? new Uint8Array())
    expect(graph.since([]).every((_, row) => filter.mayHave(graph.hashBytesAt(row)))).toBe(true)
  })

  it('speaks first of a long history by its heads alone, because the other side may have nothing', () => {
    const { graph } = answering(600)
    const plan = new SyncSession(graph, { initiates: true }).next()
    expect([plan?.heads, plan?.have, plan?.rows]).toEqual([graph.heads, [], []])
  })

  it('sends nothing unasked to a peer that says its heads alone', () => {
    const { graph, session } = answering(600)
    const unknown = 'ab'.repeat(32) as ChangeHash
    session.receive(says({ heads: [unknown], have: [] }))
    const plan = session.next()
    expect([plan?.need, plan?.rows]).toEqual([[unknown], []])
    expect(plan?.have[0]?.bloom.length).toBeGreaterThan(graph.size)
  })

  it('gives everything again to a peer that has lost it', () => {
    const { session } = answering(5)
    for (let i = 0; i < 2; i++) {
      session.receive(says({}))
      expect(session.next()?.rows).toHaveLength(5)
    }
  })

  it('leaves new changes to the live stream once that began', () => {
    const { doc, graph, session } = answering(5)
    session.receive(says({ heads: graph.heads }))
    session.goLive()
    session.next()
    graph.add([A.getLastLocalChange(A.change(doc, (draft) => void (draft.live = 1))) as Uint8Array])
    expect(session.next()).toBeNull()
  })
})

describe('a Bloom filter', () => {
  it('has what was put in, and little else', () => {
    const hashes = (from: number) =>
      Array.from({ length: 1_000 }, (_, i) =>
        createHash('sha256')
          .update(`${from + i}`)
          .digest(),
      )
    const filter = readBloom(writeBloom(hashes(0), 1_000))
    expect(hashes(0).every((hash) => filter.mayHave(hash))).toBe(true)
    expect(hashes(5_000).filter((hash) => filter.mayHave(hash)).length).toBeLessThan(40)
  })

  it('is the one of Automerge', () => {
    const { doc, graph } = answering(20)
    const [, message] = A.generateSyncMessage(doc, A.initSyncState())
    const bloom = readSyncMessage(message as Uint8Array).have[0]?.bloom ?? new Uint8Array()
    const rows = graph.since([]).map((_, row) => row)
    expect(rows.every((row) => readBloom(bloom).mayHave(graph.hashBytesAt(row)))).toBe(true)
    const theirs = writeBloom(
      rows.map((row) => graph.hashBytesAt(row)),
      rows.length,
    )
    expect(theirs).toEqual(bloom)
  })
})

it('a sync message that does not decode is refused', () => {
  expect(() => readSyncMessage(Uint8Array.of(0x42, 5, 1))).toThrow(/does not decode/)
  const message = writeSyncMessage(says({ heads: [nobody] }), false)
  expect(readSyncMessage(message)).toMatchObject({ heads: [nobody], takesDocuments: true })
})
