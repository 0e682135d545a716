import * as A from '@automerge/automerge/slim'
import { createTextDocument } from '../../core/text/create.ts'

/**
 * A thread that makes documents: Automerge needs about ten microseconds for each character and a third of a
 * millisecond for each paragraph, in which the page could not be used.
 */
export type DocumentContent = Parameters<typeof createTextDocument>[0]

export type MakeRequest = { readonly wasm: string } | { readonly id: number; readonly content: DocumentContent }
/** The share that is made, any number of times; then the bytes, or what went wrong. */
export type MakeAnswer = { readonly id: number } & (
  | { readonly share: number }
  | { readonly bytes: Uint8Array }
  | { readonly fault: string }
)

let ready: Promise<void> | null = null

addEventListener('message', ({ data }: MessageEvent<MakeRequest>) => {
  if ('wasm' in data) ready = A.initializeWasm(data.wasm)
  else void make(data.id, data.content)
})

async function make(id: number, content: DocumentContent) {
  try {
    await ready
    const doc = createTextDocument(content, (share) => answer({ id, share }))
    answer({ id, bytes: A.save(doc) })
    A.free(doc)
  } catch (error) {
    answer({ id, fault: String(error) })
  }
}

const answer = (made: MakeAnswer) => postMessage(made)
