import wasmAddress from '@automerge/automerge/automerge.wasm?url'
import { PalimpsestError } from '../../core/errors.ts'
import type { DocumentContent, MakeAnswer, MakeRequest } from './document-worker.ts'

/** Makes the bytes of documents in a thread of its own, one after the other. */
export interface DocumentMaker {
  make(content: DocumentContent): Promise<Uint8Array>
  /** Ends the thread; what is not made by then is rejected with `cancelled`. */
  end(): void
}

export function createDocumentMaker(): DocumentMaker {
  const worker = new Worker(new URL('./document-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, { resolve(bytes: Uint8Array): void; reject(error: PalimpsestError): void }>()
  const send = (request: MakeRequest) => worker.postMessage(request)
  let last = 0

  function rejectAll(error: PalimpsestError) {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  worker.addEventListener('message', ({ data }: MessageEvent<MakeAnswer>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if ('bytes' in data) asked?.resolve(data.bytes)
    else asked?.reject(new PalimpsestError('internal', `the document was not made: ${data.fault}`))
  })
  worker.addEventListener('error', (event) =>
    rejectAll(new PalimpsestError('internal', `the thread for documents failed: ${event.message}`)),
  )
  // Seen from the worker, the address would mean another place.
  send({ wasm: new URL(wasmAddress, location.href).href })

  return {
    make(content) {
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        send({ id, content })
      })
    },
    end() {
      worker.terminate()
      rejectAll(new PalimpsestError('cancelled', 'the import ended'))
    },
  }
}
