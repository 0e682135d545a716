/** `npm test [-- arguments for vitest]`: sets everything up, a browser included, builds, and runs all tests. */
import { join } from 'node:path'
import { build, ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

await ensureInstalled()
await build()
process.exit(await run(node(), [join(root, 'main/setup/run-tests.mjs'), ...process.argv.slice(2)]))
