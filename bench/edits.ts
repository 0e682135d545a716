import { type Benchmark, prose, statistics } from './benchmark.ts'
import type { BenchBrowser, SubjectName } from './browser.ts'
import { alongCurve, described, inBrowser, inRounds, typed, withSubject } from './editing.ts'
import type { Edit } from './page/main.ts'

/** What a writer does beside typing, in 500,000 characters, and what comes in one batch. In the editor of a real Chromium. */

const length = 500_000
const show = (figure: number) => figure.toFixed(2)
const withLong = <Result>(browser: BenchBrowser, subject: SubjectName, measure: () => Promise<Result>) =>
  withSubject(browser, subject, length, measure)

/** Fewer than letters: each round needs blocks that were not edited before. */
const editsARound = 40

/** The time of the whole edit. Told beside: the same edit in ProseMirror with no binding, with y-prosemirror, and what of ours is the binding's. */
function edit(name: string, what: string, kind: Edit): Benchmark {
  return {
    name,
    unit: 'ms',
    budget: 3,
    what: `${what} in 500,000 characters until dispatch returns, ProseMirror's own part included, p95`,
    run: () =>
      inBrowser(async (browser) => {
        const of = await inRounds(browser, typed, () => browser.call('edit', kind, editsARound))
        const { dispatch, binding, alone } = of('palimpsest')
        const p95 = (samples: readonly number[]) => statistics(samples).p95
        const peers: Record<string, number> = {
          'prosemirror-alone': p95(of('prosemirror-alone').dispatch),
          'y-prosemirror': p95(of('y-prosemirror').dispatch),
        }
        if (kind === 'remove') peers['Automerge with no view'] = p95(alone)
        const notes = [
          `medians (p95) of ${dispatch.length}: ${typed.map((subject) => `${subject} ${described(of(subject).dispatch)}`).join(', ')}`,
          `in the binding: palimpsest ${described(binding)}, y-prosemirror ${described(of('y-prosemirror').binding)}`,
          ...(kind === 'remove' ? [`Automerge with no view: ${described(alone)}`] : []),
          ...(await alongCurve(browser, async () => (await browser.call('edit', kind, 20)).dispatch)),
        ]
        return { value: p95(dispatch), peers, notes }
      }),
  }
}

export const edits = [
  edit('enter', 'Enter', 'enter'),
  edit('bold-20', 'bold on 20 characters', 'bold'),
  edit('delete-paragraph', 'a paragraph deleted', 'remove'),
]

function batch(name: string, where: string, isScattered: boolean): Benchmark {
  return {
    name,
    unit: 'ms',
    budget: 100,
    what: `1,000 letters of somebody else, a change each, ${where}, in one batch into the view of 500,000 characters`,
    run: () =>
      inBrowser(async (browser) => {
        const measure = async (subject: SubjectName, rounds: number) => {
          const samples: { time: number; floor: number | null }[] = []
          for (let round = 0; round < rounds; round++)
            samples.push(await withLong(browser, subject, () => browser.call('receiveBatch', 1000, isScattered)))
          const median = (of: 'time' | 'floor') => statistics(samples.map((sample) => sample[of] ?? Number.NaN)).median
          return { time: median('time'), floor: median('floor') }
        }
        const own = await measure('palimpsest', 5)
        const peer = await measure('y-prosemirror', 3)
        return { value: own.time, peers: { 'Automerge with no view': own.floor, 'y-prosemirror': peer.time } }
      }),
  }
}

export const batches = [batch('batch-1000', 'at one place', false), batch('batch-scattered', 'from the start to the end', true)]

function paste(name: string, characters: number, budget: number, longestFrame: number): Benchmark {
  return {
    name,
    unit: 'ms',
    budget,
    what: `paste of ${characters.toLocaleString('en')} characters into 500,000 until it is painted, no frame over ${longestFrame} ms`,
    run: () =>
      inBrowser(async (browser) => {
        const measure = (subject: SubjectName) => withLong(browser, subject, () => browser.call('paste', prose(characters)))
        const own = await measure('palimpsest')
        const others = { 'prosemirror-alone': await measure('prosemirror-alone'), 'y-prosemirror': await measure('y-prosemirror') }
        return {
          value: own.whole,
          peers: Object.fromEntries(Object.entries(others).map(([peer, { whole }]) => [peer, whole])),
          notes: [`longest wait for a frame: ${show(own.frame)} ms`],
          ok: own.whole <= budget && own.frame <= longestFrame,
        }
      }),
  }
}

export const pastes = [paste('paste-10k', 10_000, 50, 200), paste('paste-500k', 500_000, 3_000, 200)]
