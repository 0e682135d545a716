/** `npm run relay -- --port P --data-dir DIR`: sets everything up and starts a relay. */
import { join } from 'node:path'
import { build, ensureInstalled } from './prepare.mjs'
import { node, run } from './run.mjs'
import { root } from './root.mjs'

await ensureInstalled()
await build('relay')
process.exit(await run(node(), [join(root, 'sync-relay/dist/relay.js'), ...process.argv.slice(2)]))
