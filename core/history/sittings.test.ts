import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChangeHash, PersonKey } from '../ids.ts'
import type { HistoryGraph } from './history-graph.ts'
import { pauseMs } from './history-graph.ts'
import { Timeline } from './sittings.ts'

interface Change {
  hash: string
  deps: string[]
  author: string
  time: number
}

/** A graph that changes can be added to, as they might arrive. */
class Arriving implements HistoryGraph {
  readonly changes: Change[] = []
  get size() {
    return this.changes.length
  }
  add(...changes: Change[]) {
    this.changes.push(...changes)
    return this
  }
  hashAt = (row: number) => this.changes[row]?.hash as ChangeHash
  authorAt = (row: number) => this.changes[row]?.author as PersonKey
  timeAt = (row: number) => this.changes[row]?.time ?? 0
  depsAt = (row: number) => (this.changes[row]?.deps ?? []).map((hash) => this.changes.findIndex((change) => change.hash === hash))
}

const edits = () => ({ inserted: 2, deleted: 1, isRestore: false })
const timelineOf = (changes: readonly Change[]) => new Timeline(new Arriving().add(...changes), edits)
const hashesOf = (changes: readonly Change[]) => {
  const graph = new Arriving().add(...changes)
  return new Timeline(graph, edits).order().map((row) => graph.hashAt(row))
}

/** A line of changes, each on top of the one before: `anna 0, anna 5, ben 6` in minutes. */
function line(script: string): Change[] {
  return script.split(', ').map((step, index) => {
    const [author = '', minutes] = step.split(' ')
    return { hash: `h${index}`, deps: index === 0 ? [] : [`h${index - 1}`], author, time: Number(minutes) * 60_000 }
  })
}

const summary = (changes: readonly Change[]) =>
  timelineOf(changes)
    .sittings()
    .map(({ author, changes: count, heads }) => `${author} ${count} ${heads}`)

describe('sittings', () => {
  it('end with a pause of more than ten minutes', () => {
    expect(summary(line('anna 0, anna 5, anna 15, anna 26'))).toEqual(['anna 3 h2', 'anna 1 h3'])
  })

  it('end when another person writes', () => {
    expect(summary(line('anna 0, anna 1, ben 2, anna 3'))).toEqual(['anna 2 h1', 'ben 1 h2', 'anna 1 h3'])
  })

  it('end before a version is restored', () => {
    const graph = new Arriving().add(...line('anna 0, anna 1, anna 2, anna 3'))
    const sittings = new Timeline(graph, (row) => ({ ...edits(), isRestore: row === 2 })).sittings()
    expect(sittings.map(({ heads }) => heads.join())).toEqual(['h1', 'h3'])
  })

  it('end after a text that the document came with, so that it can be brought back as it came', () => {
    const graph = new Arriving()
    const lengthOf = (row: number) => ({ ...edits(), inserted: row === 0 ? 900 : 2 })
    const heads = (timeline: Timeline) => timeline.sittings().map((sitting) => sitting.heads.join())
    const growing = new Timeline(graph, lengthOf)
    for (const change of line('anna 0, anna 1, anna 2, anna 30')) {
      graph.add(change)
      growing.update()
      expect(heads(growing)).toEqual(heads(new Timeline(graph, lengthOf)))
    }
    expect(heads(growing)).toEqual(['h0', 'h2', 'h3'])
  })

  it('add up what was written, and say when', () => {
    const [sitting] = timelineOf(line('anna 0, anna 5, anna 9')).sittings()
    expect(sitting).toEqual({
      index: 0,
      author: 'anna',
      startedAt: 0,
      endedAt: 540_000,
      changes: 3,
      inserted: 6,
      deleted: 3,
      heads: ['h2'],
    })
  })

  it('keep each of two people who wrote at the same time apart', () => {
    const [root] = line('anna 0') as [Change]
    const branch = (author: string) =>
      [1, 2, 3].map((minute) => ({
        hash: `${author}${minute}`,
        deps: [minute === 1 ? 'h0' : `${author}${minute - 1}`],
        author,
        time: minute * 60_000,
      }))
    expect(summary([root, ...branch('ben'), ...branch('anna')])).toEqual(['anna 4 anna3', 'ben 3 anna3,ben3'])
  })

  it('follow the graph when a clock is set to 1970 or to the future', () => {
    const changes = line('anna 1000, anna 1001, anna 0, anna 1, anna 99999999, anna 1002')
    expect(summary(changes)).toEqual(['anna 2 h1', 'anna 2 h3', 'anna 1 h4', 'anna 1 h5'])
    expect(hashesOf(changes)).toEqual(['h0', 'h1', 'h2', 'h3', 'h4', 'h5'])
  })

  it('are none where nothing was written', () => {
    expect(timelineOf([]).sittings()).toEqual([])
  })
})

const times = fc.oneof(
  fc.nat({ max: 40 }).map((minutes) => minutes * 60_000),
  fc.constantFrom(0, -pauseMs, 4e12),
)

/** Random histories, each change on top of up to three earlier ones. */
const histories = fc
  .array(
    fc.record({ author: fc.constantFrom('anna', 'ben', 'cleo'), time: times, deps: fc.array(fc.nat(), { maxLength: 3 }), hash: fc.nat() }),
    { maxLength: 40 },
  )
  .map((steps) =>
    steps.map(({ author, time, deps, hash }, row): Change => {
      const rows = row === 0 ? [] : [...new Set(deps.map((dep) => row - 1 - (dep % Math.min(row, 5))))]
      return {
        hash: `${hash.toString(36)}-${row}`,
        author,
        time,
        deps: rows.map((dep) => `${(steps[dep]?.hash ?? 0).toString(36)}-${dep}`),
      }
    }),
  )

/** The same changes in another order in which they might arrive. */
function reordered(changes: readonly Change[], choices: readonly number[]): Change[] {
  const rest = [...changes]
  const arrived: Change[] = []
  for (let turn = 0; rest.length > 0; turn++) {
    const ready = rest.filter((change) => change.deps.every((dep) => arrived.some(({ hash }) => hash === dep)))
    const next = ready[(choices[turn % choices.length] ?? 0) % ready.length] as Change
    arrived.push(next)
    rest.splice(rest.indexOf(next), 1)
  }
  return arrived
}

describe('the order', () => {
  it('respects dependencies, and is the same however the changes arrive', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat(), { minLength: 1, maxLength: 10 }), (changes, choices) => {
        const order: string[] = hashesOf(changes)
        expect(hashesOf(reordered(changes, choices))).toEqual(order)
        for (const { hash, deps } of changes) for (const dep of deps) expect(order.indexOf(dep)).toBeLessThan(order.indexOf(hash))
      }),
      { numRuns: 300 },
    )
  })

  it('is the same when it is brought up to date as when it is made at once', () => {
    fc.assert(
      fc.property(
        histories,
        fc.array(fc.nat(), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 5 }),
        (changes, choices, step) => {
          const graph = new Arriving()
          const growing = new Timeline(graph, edits)
          const arriving = reordered(changes, choices)
          for (let at = 0; at < arriving.length; at += step) {
            graph.add(...arriving.slice(at, at + step))
            growing.update()
            expect(growing.sittings()).toEqual(timelineOf(arriving.slice(0, at + step)).sittings())
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('makes every sitting end in a real version', () => {
    fc.assert(
      fc.property(histories, (changes) => {
        const order = hashesOf(changes)
        let end = 0
        for (const sitting of timelineOf(changes).sittings()) {
          end += sitting.changes
          const before = order.slice(0, end).map((hash) => changes.find((change) => change.hash === hash) as Change)
          const inner = new Set(before.flatMap(({ deps }) => deps))
          expect(sitting.heads).toEqual(
            before
              .map(({ hash }) => hash)
              .filter((hash) => !inner.has(hash))
              .sort(),
          )
        }
        expect(end).toBe(changes.length)
      }),
      { numRuns: 300 },
    )
  })
})
