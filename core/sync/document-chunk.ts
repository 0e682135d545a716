import { type Doc, free, getAllChanges, getChangesMetaSince, load } from '@automerge/automerge/slim'
import type { ChangeHeader } from '../contract/engine.ts'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'

/**
 * The changes inside a saved document (or any row of chunks), dependencies first. It materialises the document, so its cost is that of opening it:
 * never on the way of a keystroke. Throws `damaged`.
 */
export function expandDocument(chunk: Uint8Array): Uint8Array[] {
  return withDocument(chunk, (document) => getAllChanges(document))
}

/** The headers of the changes inside a saved document, dependencies first, several times faster than from the expanded changes. Throws `damaged`. */
export function documentHeaders(chunk: Uint8Array): ChangeHeader[] {
  return withDocument(chunk, (document) =>
    getChangesMetaSince(document, []).map((change) => ({
      hash: change.hash as ChangeHash,
      deps: change.deps as ChangeHash[],
      actor: change.actor as ActorId,
      seq: change.seq,
      startOp: change.startOp,
      ops: change.maxOp - change.startOp + 1,
      time: change.time * 1000,
      author: change.seq === 1 ? ((change.author ?? null) as PersonKey | null) : null,
    })),
  )
}

function withDocument<Result>(chunk: Uint8Array, use: (document: Doc<unknown>) => Result): Result {
  let document: Doc<unknown>
  try {
    document = load(chunk)
  } catch (cause) {
    throw new PalimpsestError('damaged', `a saved document of ${chunk.length} bytes does not load`, { cause })
  }
  try {
    return use(document)
  } finally {
    free(document)
  }
}
