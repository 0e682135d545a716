import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { initializeWasm } from '@automerge/automerge/slim'

/** Product code imports Automerge's slim entry, which waits for its WebAssembly; every test file gets it here. */
const automerge = dirname(createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm'))
await initializeWasm(readFileSync(join(automerge, 'automerge.wasm')))
