import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { initializeWasm } from '@automerge/automerge/slim'

/** Gives Automerge its WebAssembly in this thread: from beside the built program, or from the package when run from the sources. */
export async function loadAutomerge(): Promise<void> {
  const beside = fileURLToPath(new URL('./automerge.wasm', import.meta.url))
  const file = existsSync(beside) ? beside : createRequire(import.meta.url).resolve('@automerge/automerge/automerge.wasm')
  const bytes = readFileSync(file)
  await initializeWasm(bytes)
  // V8 has its own copy. A relay that makes little garbage would keep this one for hours.
  bytes.buffer.transfer(0)
}
