/** Prometheus' text format, version 0.0.4: the little of it that a relay needs. */

export interface Sample {
  /** Of its family's name: `_bucket`, `_sum`, `_count`; empty for the name itself. */
  suffix?: string
  labels?: Readonly<Record<string, string | number>>
  value: number
}

export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

/** Counts by one label. */
export class Counts {
  readonly #counts = new Map<string | number, number>()

  add(label: string | number): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1)
  }

  get total(): number {
    return this.entries.reduce((sum, [, count]) => sum + count, 0)
  }

  get entries(): [string | number, number][] {
    return [...this.#counts]
  }

  samples(label: string): Sample[] {
    return this.entries.map(([value, count]) => ({ labels: { [label]: value }, value: count }))
  }
}

/** How often values fell between bounds. */
export class Histogram {
  readonly bounds: readonly number[]
  /** One more than bounds: the last is for what is beyond them. */
  readonly #counts: number[]
  #sum = 0

  /** `bounds` rise. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = bounds.map(() => 0).concat(0)
  }

  /** `times` values of the same size. */
  observe(value: number, times = 1): void {
    let at = 0
    while (at < this.bounds.length && value > (this.bounds[at] as number)) at += 1
    this.#counts[at] = (this.#counts[at] as number) + times
    this.#sum += value * times
  }

  /** As it is now. */
  get counts(): readonly number[] {
    return [...this.#counts]
  }

  samples(): Sample[] {
    let below = 0
    const buckets = this.#counts.map((count, at): Sample => {
      below += count
      return { suffix: '_bucket', labels: { le: this.bounds[at] ?? '+Inf' }, value: below }
    })
    return [...buckets, { suffix: '_sum', value: this.#sum }, { suffix: '_count', value: below }]
  }
}

/** The value below which this share of the counted ones is, taken as spread evenly between two bounds; null where nothing was counted. */
export function quantile(share: number, bounds: readonly number[], counts: readonly number[]): number | null {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share
  if (wanted === 0) return null
  let below = 0
  for (const [at, count] of counts.entries()) {
    if (below + count >= wanted) {
      const from = bounds[at - 1] ?? 0
      return from + ((bounds[at] ?? from) - from) * ((wanted - below) / count)
    }
    below += count
  }
  return bounds.at(-1) ?? null
}

export function writeFamilies(families: readonly Family[]): string {
  return families.map(writeFamily).join('')
}

function writeFamily({ name, help, type, samples }: Family): string {
  const lines = samples.map(({ suffix = '', labels = {}, value }) => `${name}${suffix}${writeLabels(labels)} ${value}`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join('')}`
}

function writeLabels(labels: Readonly<Record<string, string | number>>): string {
  const written = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`)
  return written.length > 0 ? `{${written.join(',')}}` : ''
}

const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
