/** Every numbered rule of the relay's protocol is cited by a test, and no test cites one that is not there. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => Number(match[1])).sort((a, b) => a - b)

it('the rules of docs/relay-protocol.md and the tests that cite them agree', () => {
  const rules = numbers(readFileSync(join(root, 'docs/relay-protocol.md'), 'utf8'), /^\*\*R(\d+)\./gm)
  const tests = globSync(['sync-relay/**/*.test.ts', 'test/**/*.test.ts', 'core/sync/*.test.ts'], { cwd: root })
  const cited = new Set(numbers(tests.map((file) => readFileSync(join(root, file), 'utf8')).join('\n'), /\[R(\d+)\]/g))
  expect(rules.length).toBeGreaterThan(10)
  // No number twice.
  expect(rules).toEqual([...cited])
})
