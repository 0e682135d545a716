import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Benchmark, Measurement } from './benchmark.ts'
import { benchmarks } from './table.ts'

/** `npm run bench [-- --only NAME[,NAME…]] [--json FILE]`: measures, prints the table, and says which budgets are met. */

interface Row extends Measurement {
  name: string
  unit: string
  budget: number
  ok: boolean
}

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, list: { type: 'boolean', default: false } },
})

function selected(): Benchmark[] {
  if (options.only === undefined) return benchmarks
  const names = options.only.split(',')
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
  if (unknown.length > 0) {
    console.error(`No benchmark named ${unknown.join(', ')}. There are: ${benchmarks.map(({ name }) => name).join(', ')}`)
    process.exit(2)
  }
  return benchmarks.filter(({ name }) => names.includes(name))
}

const round = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2))

function print({ name, unit, budget, value, ok, peers, notes = [] }: Row) {
  const beside = Object.entries(peers).map(([peer, figure]) => `${peer} ${round(figure)} (${round(figure / value)}×)`)
  console.log(
    `${name.padEnd(16)} ${round(value).padStart(8)} ${unit.padEnd(5)} budget ${round(budget).padStart(6)}  ${ok ? 'met   ' : 'MISSED'}  ${beside.join(', ')}`,
  )
  for (const note of notes) console.log(`${''.padEnd(17)}${note}`)
}

if (options.list) {
  for (const { name, what } of benchmarks) console.log(`${name.padEnd(16)} ${what}`)
  process.exit(0)
}

const rows: Row[] = []
for (const benchmark of selected()) {
  const { name, unit, budget } = benchmark
  const measured = await benchmark.run()
  const row = { name, unit, budget, ...measured, ok: measured.ok ?? measured.value <= budget }
  rows.push(row)
  print(row)
}

if (options.json !== undefined) {
  const results = rows.map(({ name, unit, value, budget, ok, peers }) => ({ name, unit, value, budget, ok, peers }))
  writeFileSync(options.json, `${JSON.stringify({ results }, null, 2)}\n`)
}
process.exit(0)
