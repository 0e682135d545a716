/** `npm run fuzz -- [--minutes 10] [--seed S] [--runs 50] [--only text,sync]`: sets everything up and runs the property tests, or those whose paths have one of these parts, with ever new seeds. */
import { join } from 'node:path'
import { ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

await ensureInstalled()
process.exit(await run(node(), [join(root, 'main/setup/run-fuzz.mjs'), ...process.argv.slice(2)]))
