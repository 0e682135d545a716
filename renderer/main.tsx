import { initializeWasm } from '@automerge/automerge/slim'
import wasmAddress from '@automerge/automerge/automerge.wasm?url'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { FaultPage } from './app/fault-page.tsx'
import { createAppModel } from './app/app-model.ts'
import { startCommands } from './app/start-commands.ts'
import { recall } from './app/view.ts'
import { connectToHost } from './client/connect.ts'
import { createEngineClient } from './client/engine-client.ts'
import './styles/index.css'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
document.documentElement.dataset.theme = recall('theme', 'system')

// All at once: Automerge's WebAssembly is compiled, the engine is asked, and the window is drawn. Opening a document waits for the first.
initializeWasm(new URL(wasmAddress, location.href).href).catch((error: unknown) => console.error('Automerge could not be started', error))
const model = createAppModel(createEngineClient(connectToHost))
startCommands(model)
createRoot(root).render(
  <StrictMode>
    <FaultPage>
      <App model={model} />
    </FaultPage>
  </StrictMode>,
)
