import { type Benchmark, type Measurement, prose, statistics } from './benchmark.ts'
import { type BenchBrowser, openBenchBrowser, type SubjectName } from './browser.ts'

/** One letter typed, and one received, in the editor of a real Chromium, beside ProseMirror with no binding and the two published bindings. */

const peers: SubjectName[] = ['prosemirror-alone', 'y-prosemirror', '@automerge/prosemirror']
/** Lengths beside 500,000 at which the cost is told, to show that it does not grow with the document. */
const curve = [10_000, 100_000, 1_000_000]
const letters = 300

/** Runs `measure` in a fresh page with one stack mounted. */
export async function withSubject<Result>(
  browser: BenchBrowser,
  subject: SubjectName,
  length: number,
  measure: () => Promise<Result>,
): Promise<Result> {
  await browser.fresh()
  await browser.call('mount', subject, prose(length))
  return measure()
}

export async function inBrowser(measure: (browser: BenchBrowser) => Promise<Measurement>): Promise<Measurement> {
  const browser = await openBenchBrowser()
  try {
    return await measure(browser)
  } finally {
    await browser.close()
  }
}

/** The slow peer is sampled less: it takes a fifth of a second a letter. */
const countFor = (subject: SubjectName) => (subject === '@automerge/prosemirror' ? 30 : letters)

const show = (figure: number) => figure.toFixed(2)

/** Lines for the table: what `measure` takes of Palimpsest at the lengths of the curve. */
export async function alongCurve(browser: BenchBrowser, measure: () => Promise<number[]>): Promise<string[]> {
  const notes: string[] = []
  for (const length of curve) {
    const { median, p95 } = statistics(await withSubject(browser, 'palimpsest', length, measure))
    notes.push(`palimpsest at ${length.toLocaleString('en')} characters: ${show(median)} (${show(p95)})`)
  }
  return notes
}

export const typing: Benchmark = {
  name: 'type-500k',
  unit: 'ms',
  budget: 1,
  what: 'a letter typed in 500,000 characters: cost above ProseMirror with no binding, p95',
  run: () =>
    inBrowser(async (browser) => {
      const samples = await typeRounds(browser, ['palimpsest', 'prosemirror-alone', 'y-prosemirror'], 'dispatch')
      const slow = await withSubject(browser, '@automerge/prosemirror', 500_000, () => browser.call('typeLetters', 30))
      samples.set('@automerge/prosemirror', slow.dispatch)
      const of = (subject: SubjectName) => statistics(samples.get(subject) ?? [])
      // On a busy machine the floor may come out above.
      const above = (subject: SubjectName) => Math.max(0.01, of(subject).p95 - of('prosemirror-alone').p95)
      const value = above('palimpsest')
      const figures = [...samples.keys()].map((subject) => `${subject} ${show(of(subject).median)} (${show(of(subject).p95)})`)
      const notes = [`dispatch, median (p95): ${figures.join(', ')}`]
      notes.push(...(await alongCurve(browser, async () => (await browser.call('typeLetters', 90)).dispatch)))
      const peersAbove = { 'y-prosemirror': above('y-prosemirror'), '@automerge/prosemirror': above('@automerge/prosemirror') }
      const ok = value <= 1 && peersAbove['@automerge/prosemirror'] >= 100 * value && value <= peersAbove['y-prosemirror']
      return { value, peers: peersAbove, notes, ok }
    }),
}

export const receiving: Benchmark = {
  name: 'remote-500k',
  unit: 'ms',
  budget: 5,
  what: 'a letter from somebody else into the view, 500,000 characters, p95',
  run: () =>
    inBrowser(async (browser) => {
      const measure = (subject: SubjectName) =>
        withSubject(browser, subject, 500_000, async () => statistics(await browser.call('receiveLetters', countFor(subject))))
      const own = await measure('palimpsest')
      const others: Record<string, number> = {}
      for (const peer of peers.slice(1)) others[peer] = (await measure(peer)).p95
      const notes = [`median ${show(own.median)}`, ...(await alongCurve(browser, () => browser.call('receiveLetters', 60)))]
      return { value: own.p95, peers: others, notes }
    }),
}

/** A round of every stack in turn, several times, so that a slow minute of the machine falls on all of them. */
async function typeRounds(
  browser: BenchBrowser,
  subjects: SubjectName[],
  until: 'dispatch' | 'paint',
): Promise<Map<SubjectName, number[]>> {
  const samples = new Map(subjects.map((subject) => [subject, [] as number[]]))
  for (let round = 0; round < 4; round++) {
    for (const subject of subjects) {
      const typed = await withSubject(browser, subject, 500_000, () => browser.call('typeLetters', 75))
      samples.get(subject)?.push(...typed[until])
    }
  }
  return samples
}

export const painting: Benchmark = {
  name: 'paint-500k',
  unit: 'ratio',
  budget: 1.1,
  what: 'a letter typed to the next painted frame in 500,000 characters, over ProseMirror with no binding: the larger of the medians’ and the p95s’ ratio',
  run: () =>
    inBrowser(async (browser) => {
      const samples = await typeRounds(browser, ['palimpsest', 'prosemirror-alone', 'y-prosemirror'], 'paint')
      const of = (subject: SubjectName) => statistics(samples.get(subject) ?? [])
      const floor = of('prosemirror-alone')
      const ratio = ({ median, p95 }: { median: number; p95: number }) => Math.max(median / floor.median, p95 / floor.p95)
      const notes = [...samples.keys()].map((subject) => {
        const { median, p95 } = of(subject)
        return `${subject}: ${show(median)} ms median, ${show(p95)} ms p95`
      })
      return { value: ratio(of('palimpsest')), peers: { 'prosemirror-alone': 1, 'y-prosemirror': ratio(of('y-prosemirror')) }, notes }
    }),
}
