import wasmAddress from '@automerge/automerge/automerge.wasm?url'
import { PalimpsestError } from '../../core/errors.ts'
import type { DocumentContent, MakeAnswer, MakeRequest } from './document-worker.ts'

/** Makes the bytes of documents in a thread of its own, one after the other. */
export interface DocumentMaker {
  /** `onProgress` hears which share of the document is made, from 0 to 1. */
  make(content: DocumentContent, onProgress: (share: number) => void): Promise<Uint8Array>
  /** Ends the thread; what is not made by then is rejected with `cancelled`. */
  end(): void
}

interface Waiting {
  onProgress(share: number): void
  resolve(bytes: Uint8Array): void
  reject(error: PalimpsestError): void
}

export function createDocumentMaker(): DocumentMaker {
  const worker = new Worker(new URL('./document-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, Waiting>()
  const send = (request: MakeRequest) => worker.postMessage(request)
  let last = 0
  let isEnded = false

  function rejectAll(error: PalimpsestError) {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  worker.addEventListener('message', ({ data }: MessageEvent<MakeAnswer>) => {
    const asked = waiting.get(data.id)
    if ('share' in data) return asked?.onProgress(data.share)
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
    make(content, onProgress) {
      if (isEnded) return Promise.reject(ended())
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, { onProgress, resolve, reject })
        send({ id, content })
      })
    },
    end() {
      isEnded = true
      worker.terminate()
      rejectAll(ended())
    },
  }
}

const ended = () => new PalimpsestError('cancelled', 'the import ended')
