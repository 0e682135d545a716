/** Changes in short: they come back to the byte, or not at all. */
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import { platform } from '../../test/platform.ts'
import type { ChangeHash } from '../ids.ts'
import { bytesOfHex } from './bytes.ts'
import { ChangeGraph } from './change-graph.ts'
import { readChangeHeader } from './change-header.ts'
import { HeaderTable } from './header-table.ts'
import { isShort, type ShortChange, shortened } from './short-change.ts'

interface Text {
  text: string
}

const limits = { changes: 1_000, bytes: 100_000 }
const hashOf = (change: Uint8Array) => readChangeHeader(change).hash
const read = (bytes: Uint8Array): Uint8Array | ShortChange => (isShort(bytes) ? { short: bytes, platform } : bytes)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const type = (doc: A.Doc<Text>) => A.change(doc, { time: 1_700_000_000 }, (draft) => A.splice(draft, ['text'], 0, 0, 'a'))

/** `count` writers type a letter each at once, on top of one text; then one of them who has seen all that types another, and deletes it. */
function crowd(count: number): Uint8Array[] {
  const start = A.change(A.init<Text>(), (draft) => void (draft.text = ''))
  let all = A.clone(start)
  for (let at = 0; at < count; at++) all = A.merge(all, type(A.clone(start)))
  const last = A.change(type(all), (draft) => A.splice(draft, ['text'], 0, 1))
  return A.getAllChanges(last)
}

/** The changes in short, as a relay writes them that takes them one after the other. */
function shortOf(changes: readonly Uint8Array[], graph = new ChangeGraph()): Uint8Array[] {
  return changes.map((bytes) => {
    graph.add([bytes])
    return shortened({ header: readChangeHeader(bytes), bytes }, graph)
  })
}

describe('a change in short [R43]', () => {
  it('comes back to the byte', () => {
    const changes = crowd(50)
    const short = shortOf(changes)
    expect(short.every(isShort)).toBe(true)
    const graph = new ChangeGraph()
    expect(graph.add(short.map(read)).added.map(({ bytes }) => hex(bytes))).toEqual(changes.map(hex))
    expect(graph.unread).toBe(0)
  })

  it('names what its writer had seen in four bytes each', () => {
    const changes = crowd(50)
    const lengths = shortOf(changes).map(({ length }) => length)
    expect(changes.at(-2)?.length).toBeGreaterThan(50 * 32)
    expect(lengths.at(-2)).toBeLessThan(50 * 4 + 110)
    expect(Math.max(...lengths.slice(1, -2))).toBeLessThan(110)
  })

  it('waits for what it names, in whatever order and form that comes', () => {
    const changes = crowd(5)
    const short = shortOf(changes)
    const graph = new ChangeGraph()
    graph.add(short.slice(1).reverse().map(read))
    expect(graph.size).toBe(0)
    expect(graph.unread).toBe(changes.length - 1)
    graph.add([changes[0] as Uint8Array])
    expect(graph.size).toBe(changes.length)
    expect(graph.unread).toBe(0)
  })

  it('waits for what a saved document brings, too', () => {
    const changes = crowd(3)
    const whole = new ChangeGraph()
    whole.add(changes.slice(0, -1))
    const graph = new ChangeGraph()
    graph.add(shortOf(changes).slice(-1).map(read))
    expect(graph.unread).toBe(1)
    expect(graph.extend(whole.pack()).added.map(({ bytes }) => hex(bytes))).toEqual([hex(changes.at(-1) as Uint8Array)])
  })

  it('that has come by another way is passed over, and is no reason to ask', () => {
    const changes = crowd(3)
    const short = shortOf(changes).map(read)
    const graph = new ChangeGraph()
    graph.add(changes)
    expect(graph.add(short)).toEqual({ added: [], waiting: [], refused: [] })
    const behind = new ChangeGraph(limits, tableWith(hashOf(changes[0] as Uint8Array)))
    behind.add(short)
    behind.add(changes)
    // What names the first one by a beginning that is not only its own still waits.
    expect([behind.rowOf(hashOf(changes.at(-1) as Uint8Array)), behind.unread, behind.forgetUnread()]).toEqual([changes.length, 3, 0])
  })

  it('is written whole where the beginning of a hash could mean two changes', () => {
    const changes = crowd(3)
    const graph = new ChangeGraph(limits, tableWith(hashOf(changes[0] as Uint8Array)))
    const short = shortOf(changes, graph)
    expect(short.map(isShort)).toEqual([true, false, false, false, true, true])
    expect(hex(short[1] as Uint8Array)).toBe(hex(changes[1] as Uint8Array))
  })

  it('is not taken where the beginning of a hash means another change here', () => {
    const changes = crowd(1)
    const graph = new ChangeGraph(limits, tableWith(hashOf(changes[0] as Uint8Array)))
    const { added, refused } = graph.add(shortOf(changes).slice(1).map(read))
    expect([added, refused]).toEqual([[], []])
    expect(graph.unread).toBe(changes.length - 1)
    expect(graph.forgetUnread()).toBe(changes.length - 1)
    expect(graph.unread).toBe(0)
  })

  it('is written whole where it is large, compressed, or no keystroke of ours', () => {
    const paste = A.getAllChanges(A.change(A.init<Text>(), (draft) => void (draft.text = 'It began in the night. '.repeat(200))))
    expect(shortOf(paste).map(isShort)).toEqual([false])
    const [plain] = crowd(0) as [Uint8Array]
    const header = readChangeHeader(plain)
    const withMore = Buffer.concat([plain, Uint8Array.of(0)])
    expect(shortened({ header, bytes: withMore }, new ChangeGraph())).toBe(withMore)
    const compressed = plain.with(8, 2)
    expect(shortened({ header, bytes: compressed }, new ChangeGraph())).toBe(compressed)
  })

  it.each<[string, (short: Uint8Array) => Uint8Array]>([
    ['cut off', (short) => short.subarray(0, 7)],
    ['cut off in its dependencies', (short) => short.subarray(0, 12)],
    ['names more than it holds', (short) => Buffer.concat([short.subarray(0, 9), Uint8Array.of(255, 255, 255, 127), short.subarray(10)])],
    ['as long as a chapter', (short) => Buffer.concat([short, new Uint8Array(5_000)])],
  ])('that is none is refused: %s', (_, damage) => {
    const changes = crowd(1)
    const [first, second] = shortOf(changes) as [Uint8Array, Uint8Array]
    const graph = new ChangeGraph()
    const { added, refused } = graph.add([first, damage(second)].map(read))
    expect(added).toHaveLength(1)
    expect(refused).toEqual([{ hash: null, error: expect.objectContaining({ code: 'damaged' }) }])
    expect(graph.unread).toBe(0)
  })

  it('with another content than its hash says is not taken', () => {
    const changes = crowd(1)
    const [first, second] = shortOf(changes) as [Uint8Array, Uint8Array]
    const graph = new ChangeGraph()
    for (let at = 1; at < second.length; at++) graph.add([first, second.with(at, (second[at] ?? 0) ^ 1)].map(read))
    expect(graph.size).toBe(1)
    expect(graph.add([read(second)]).added.map(({ bytes }) => hex(bytes))).toEqual([hex(changes[1] as Uint8Array)])
  })

  it('that waits is bounded, and what found no room is asked for', () => {
    const short = shortOf(crowd(20)).slice(1)
    const graph = new ChangeGraph({ changes: 5, bytes: 100_000 })
    graph.add(short.map(read))
    expect(graph.setAside).toHaveLength(5)
    expect(graph.unread).toBe(short.length)
    expect(graph.forgetUnread()).toBe(short.length)
  })
})

/** With a change whose hash begins as that one does. */
function tableWith(hash: ChangeHash): HeaderTable {
  const table = new HeaderTable()
  const like = `${hash.slice(0, 8)}${hex(bytesOfHex(hash).map((byte) => byte ^ 255)).slice(8)}` as ChangeHash
  table.append({ hash: like, deps: [], actor: 'ee' as never, seq: 1, startOp: 1, ops: 1, time: 0, author: null }, [])
  return table
}
