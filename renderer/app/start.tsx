import { initializeWasm } from '@automerge/automerge/slim'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { BytesPort } from '../../core/contract/port.ts'
import { connectToHost } from '../client/connect.ts'
import { createEngineClient } from '../client/engine-client.ts'
import { App } from './app.tsx'
import { createAppModel } from './app-model.ts'
import { FaultPage } from './fault-page.tsx'
import { startCommands } from './start-commands.ts'
import { recall } from './view.ts'
import '../styles/index.css'

/** Draws the window. `connection` is the first to the engine, and `automerge` its WebAssembly; opening a document waits for both. */
export function start(connection: Promise<BytesPort>, automerge: Promise<WebAssembly.Module>) {
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no root')
  document.documentElement.dataset.theme = recall('theme', 'system')

  // It takes a compiled module too, which its types do not say.
  initializeWasm(automerge as unknown as Promise<Uint8Array>).catch((error: unknown) =>
    console.error('Automerge could not be started', error),
  )
  let first: Promise<BytesPort> | null = connection
  const connect = () => {
    const next = first ?? connectToHost()
    first = null
    return next
  }
  const model = createAppModel(createEngineClient(connect))
  startCommands(model)
  createRoot(root).render(
    <StrictMode>
      <FaultPage>
        <App model={model} />
      </FaultPage>
    </StrictMode>,
  )
}
