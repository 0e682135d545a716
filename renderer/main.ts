/**
 * What takes longest begins before the page's own code is read: the way to the engine, and the compiling of Automerge's WebAssembly. The rest is `app/start.tsx`,
 * which the built page fetches at the same time.
 */
import wasmAddress from '@automerge/automerge/automerge.wasm?url'
import { connectToHost } from './client/connect.ts'

const engine = connectToHost()
const automerge = WebAssembly.compileStreaming(fetch(wasmAddress))
// Who needs them comes later, and hears then that they failed.
for (const begun of [engine, automerge]) begun.catch(() => {})
void import('./app/start.tsx').then(({ start }) => start(engine, automerge))
