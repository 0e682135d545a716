/** `npm run bench -- [--only NAME] [--json FILE]`: sets everything up and measures. */
import { join } from 'node:path'
import { build, ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

await ensureInstalled()
await build()
process.exit(await run(node(), ['--expose-gc', join(root, 'bench/run.ts'), ...process.argv.slice(2)]))
