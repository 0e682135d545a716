/** Runs vitest with a browser and ends with the line `N passed, N failed`. Needs the project's own Node. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium } from '../../test/chromium.ts'
import { run } from './run.mjs'
import { root } from './root.mjs'

const resultFile = join(root, 'out/test-results.json')

/** Chromium from Debian's packages, where there are any and this user may install them. */
async function installFromPackages() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  await run('apt-get', ['update', '-qq'])
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
}

/** The Chromium that playwright keeps in the user's cache, which needs no rights. */
const installForUser = () => run(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', '--no-shell', 'chromium'])

/** A browser on this machine, installed where there is none. */
async function ensureChromium() {
  for (const install of [installFromPackages, installForUser]) {
    if (findChromium()) break
    console.log('Installing Chromium for the tests.')
    await install()
  }
  return findChromium()
}

function countResults(exitCode) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(resultFile, 'utf8'))
    // A file that could not be loaded has no tests to fail.
    const broken = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
    )
    return { passed: numPassedTests, failed: numFailedTests + broken.length }
  } catch {
    return { passed: 0, failed: exitCode === 0 ? 0 : 1 }
  }
}

const chromium = await ensureChromium()
if (!chromium) {
  console.error(
    'The tests need Chromium, and none could be installed here. Install it, or set PALIMPSEST_CHROMIUM to the program of one that is there.',
  )
  console.log('0 passed, 1 failed')
  process.exit(1)
}

rmSync(resultFile, { force: true })
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`]
const exitCode = await run(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
  env: { PALIMPSEST_CHROMIUM: chromium },
})
const { passed, failed } = countResults(exitCode)
const isGreen = exitCode === 0 && failed === 0 && passed > 0
console.log(`${passed} passed, ${isGreen ? 0 : Math.max(failed, 1)} failed`)
process.exit(isGreen ? 0 : 1)
