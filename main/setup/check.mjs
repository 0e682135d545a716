/**
 * `npm run check`, the fast gate: format, lint, types, and the unit tests, the import rule among them. Runs all, then says what failed.
 * `--no-tests` for where all tests run anyway.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

const bin = (name) => {
  const file = join(root, 'node_modules', name)
  if (!existsSync(file)) throw new Error(`${name} is not installed`)
  return file
}

await ensureInstalled()
const steps = {
  format: [bin('@biomejs/biome/bin/biome'), 'format', '.'],
  types: [bin('typescript/bin/tsc'), '-b'],
  // Reads the declarations that the step before wrote.
  lint: [bin('oxlint/bin/oxlint'), '--type-aware'],
  tests: [bin('vitest/vitest.mjs'), 'run', '--project', 'unit', '--reporter', 'dot'],
}
const failed = []
for (const [name, args] of Object.entries(steps)) {
  if (name === 'tests' && process.argv.includes('--no-tests')) continue
  if ((await run(node(), args)) !== 0) failed.push(name)
}
console.log(failed.length > 0 ? `Failed: ${failed.join(', ')}` : 'All is well.')
process.exit(failed.length > 0 ? 1 : 0)
