import { type Benchmark, type Measurement, prose, statistics } from './benchmark.ts'
import { type BenchBrowser, openBenchBrowser, type SubjectName } from './browser.ts'

/** One letter typed, and one received, in the editor of a real Chromium, beside ProseMirror with no binding and the two published bindings. */

/** Lengths beside 500,000 at which the cost is told, to show that it does not grow with the document. */
const curve = [10_000, 100_000, 1_000_000]

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

const show = (figure: number) => figure.toFixed(2)

/** A median, and the p95 in brackets. */
export function described(samples: readonly number[]): string {
  const { median, p95 } = statistics(samples)
  return `${show(median)} (${show(p95)})`
}

/** Lines for the table: what `measure` takes of Palimpsest at the lengths of the curve. */
export async function alongCurve(browser: BenchBrowser, measure: () => Promise<number[]>): Promise<string[]> {
  const notes: string[] = []
  for (const length of curve) {
    const samples = await withSubject(browser, 'palimpsest', length, measure)
    notes.push(`palimpsest at ${length.toLocaleString('en')} characters: ${described(samples)}`)
  }
  return notes
}

type Samples<Kind extends string> = Record<Kind, number[]>

/** Every stack in turn in 500,000 characters, several times, so that a slow minute of the machine falls on all of them. */
export async function inRounds<Kind extends string>(
  browser: BenchBrowser,
  subjects: readonly SubjectName[],
  measure: (subject: SubjectName) => Promise<Samples<Kind>>,
): Promise<(subject: SubjectName) => Samples<Kind>> {
  const all = new Map<SubjectName, Samples<Kind>>()
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const samples = await withSubject(browser, subject, 500_000, () => measure(subject))
      const earlier = all.get(subject)
      if (earlier) for (const kind in samples) earlier[kind].push(...samples[kind])
      else all.set(subject, samples)
    }
  }
  return (subject) => all.get(subject)!
}

const rounds = 5
const lettersARound = 75

/** Palimpsest, the floor, and the peer that is nearest. */
export const typed = ['palimpsest', 'prosemirror-alone', 'y-prosemirror'] as const satisfies SubjectName[]

/**
 * What a binding costs is timed inside of `dispatch`: ProseMirror and the layout that it asks for take several times as much and vary by more than a
 * binding takes, so the difference of two 95th percentiles says little. It is told beside.
 */
export const typing: Benchmark = {
  name: 'type-500k',
  unit: 'ms',
  budget: 1,
  what: 'a letter typed in 500,000 characters: what the binding adds to ProseMirror until dispatch returns, p95',
  run: () =>
    inBrowser(async (browser) => {
      const of = await inRounds(browser, typed, () => browser.call('typeLetters', lettersARound))
      const slow = await withSubject(browser, '@automerge/prosemirror', 500_000, () => browser.call('typeLetters', 30))
      const p95 = (samples: readonly number[]) => statistics(samples).p95
      const value = p95(of('palimpsest').binding)
      const peers = {
        'y-prosemirror': p95(of('y-prosemirror').binding),
        '@automerge/prosemirror': p95(slow.dispatch) - p95(of('prosemirror-alone').dispatch),
      }
      const whole = [...typed.map((subject) => [subject, of(subject)] as const), ['@automerge/prosemirror', slow] as const]
      const notes = [
        `medians (p95) of ${of('palimpsest').binding.length} letters: palimpsest ${described(of('palimpsest').binding)}, y-prosemirror ${described(of('y-prosemirror').binding)}`,
        `whole dispatch: ${whole.map(([subject, { dispatch }]) => `${subject} ${described(dispatch)}`).join(', ')}`,
        ...(await alongCurve(browser, async () => (await browser.call('typeLetters', 150)).binding)),
      ]
      const ok = value <= 1 && peers['@automerge/prosemirror'] >= 100 * value && value <= peers['y-prosemirror']
      return { value, peers, notes, ok }
    }),
}

export const receiving: Benchmark = {
  name: 'remote-500k',
  unit: 'ms',
  budget: 5,
  what: 'a letter from somebody else into the view, 500,000 characters, p95',
  run: () =>
    inBrowser(async (browser) => {
      const letters = async () => ({ time: await browser.call('receiveLetters', lettersARound) })
      const of = await inRounds(browser, ['palimpsest', 'y-prosemirror'], letters)
      const slow = await withSubject(browser, '@automerge/prosemirror', 500_000, () => browser.call('receiveLetters', 30))
      const [own, peer] = [of('palimpsest').time, of('y-prosemirror').time]
      const notes = [
        `medians (p95): palimpsest ${described(own)}, y-prosemirror ${described(peer)}`,
        ...(await alongCurve(browser, () => browser.call('receiveLetters', 60))),
      ]
      const peers = { 'y-prosemirror': statistics(peer).p95, '@automerge/prosemirror': statistics(slow).p95 }
      return { value: statistics(own).p95, peers, notes }
    }),
}

export const painting: Benchmark = {
  name: 'paint-500k',
  unit: 'ratio',
  budget: 1.1,
  what: 'a letter typed to the next painted frame in 500,000 characters, over ProseMirror with no binding: the larger of the medians’ and the p95s’ ratio',
  run: () =>
    inBrowser(async (browser) => {
      const of = await inRounds(browser, typed, () => browser.call('typeLetters', lettersARound))
      const paint = (subject: SubjectName) => statistics(of(subject).paint)
      const floor = paint('prosemirror-alone')
      const ratio = ({ median, p95 }: { median: number; p95: number }) => Math.max(median / floor.median, p95 / floor.p95)
      const notes = [`medians (p95) in ms: ${typed.map((subject) => `${subject} ${described(of(subject).paint)}`).join(', ')}`]
      return { value: ratio(paint('palimpsest')), peers: { 'prosemirror-alone': 1, 'y-prosemirror': ratio(paint('y-prosemirror')) }, notes }
    }),
}
