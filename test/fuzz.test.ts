import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../main/setup/run-fuzz.mjs', import.meta.url))
const fuzz = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })

test('npm run fuzz runs a round from a seed and counts its scripts', { timeout: 240_000 }, () => {
  const { status, stdout } = fuzz('--minutes', '0', '--seed', '7', '--runs', '2')
  expect(stdout).toMatch(/Seed 7 held\./)
  expect(Number(/^(\d+) scripts, no failure\.$/m.exec(stdout)?.[1])).toBeGreaterThan(4)
  expect(status).toBe(0)
})

test('npm run fuzz says what it cannot read', () => {
  const { status, stderr } = fuzz('--minutes', 'an hour')
  expect(stderr).toBe('--minutes wants a number, not "an hour"\n')
  expect(status).toBe(2)
})
