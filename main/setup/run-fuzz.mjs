/**
 * Runs the seeded property tests again and again, each round with the next seed, until the time is over or one fails. A failing round ends it with its
 * seed and counterexample; the same seed begins with that round. Ends with the number of scripts that were run. Needs the project's own Node.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './run.mjs'
import { root } from './root.mjs'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' } },
})
const minutes = numberOf('minutes', values.minutes ?? '10')
const firstSeed = numberOf('seed', values.seed ?? String(Date.now() % 1_000_000_000))
const runs = numberOf('runs', values.runs ?? '50')

function numberOf(name, text) {
  const number = Number(text)
  if (text !== '' && Number.isFinite(number) && number >= 0) return number
  console.error(`--${name} wants a number, not "${text}"`)
  process.exit(2)
}

/** The property tests that take a seed. */
function seededTests() {
  const files = ['core', 'main', 'renderer', 'sync-relay', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
  )
  const isSeeded = (file) => file.endsWith('.property.test.ts') && readFileSync(join(root, file), 'utf8').includes('runsOf(')
  return files.filter((file) => !file.includes('node_modules') && isSeeded(file))
}

/** One round. Returns how many properties held, or null where one did not. */
async function play(seed) {
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-fuzz-'))
  try {
    const resultFile = join(folder, 'results.json')
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'property', '--no-file-parallelism']
    const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${resultFile}`]
    const env = { FUZZ_SEED: String(seed), FUZZ_RUNS: String(runs) }
    const code = await run(process.execPath, [...vitest, ...reporters, ...tests], { env })
    return code === 0 ? JSON.parse(readFileSync(resultFile, 'utf8')).numPassedTests : null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const only = values.only ?? ''
const tests = seededTests().filter((file) => only.split(',').some((part) => file.includes(part)))
if (tests.length === 0) {
  console.error(`--only ${only} names none of: ${seededTests().join(', ')}`)
  process.exit(2)
}
const end = Date.now() + minutes * 60_000
let scripts = 0
let seed = firstSeed
do {
  const held = await play(seed)
  if (held === null) {
    console.error(
      `Failed with seed ${seed} after ${scripts} scripts. To repeat it: npm run fuzz -- --minutes 0 --seed ${seed} --runs ${runs}${only && ` --only ${only}`}`,
    )
    process.exit(1)
  }
  scripts += held * runs
  console.log(`Seed ${seed} held. ${scripts} scripts so far, ${Math.max(0, Math.ceil((end - Date.now()) / 60_000))} minutes left.`)
  seed++
} while (Date.now() < end)
console.log(`${scripts} scripts, no failure.`)
