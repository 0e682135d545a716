/** `npm run demo`: sets everything up, then starts a relay and two writers who share one document, and prints their addresses. */
import { join } from 'node:path'
import { build, ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

await ensureInstalled()
await build()
process.exit(await run(node(), [join(root, 'main/setup/demo-writers.mjs')]))
