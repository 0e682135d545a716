import { decodeChange } from '@automerge/automerge/slim'
import type { ChangeHeader } from '../contract/engine.ts'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'

/** What a chunk of Automerge's binary format holds, as its ninth byte says. */
export type ChunkKind = 'document' | 'change' | 'bundle'

const magic = [0x85, 0x6f, 0x4a, 0x83]
const kinds: readonly (ChunkKind | undefined)[] = ['document', 'change', 'change', 'bundle']

/** The kind of the first chunk in `bytes`, or null when they are no chunk. Nothing but the first nine bytes is looked at. */
export function chunkKind(bytes: Uint8Array): ChunkKind | null {
  if (!magic.every((byte, at) => bytes[at] === byte)) return null
  return kinds[bytes[8] ?? -1] ?? null
}

/**
 * Reads the header of one change, compressed or not. The whole change is decoded on the way, so bytes that Automerge cannot read never get further
 * than this. Throws `damaged` when they are no change.
 */
export function readChangeHeader(bytes: Uint8Array): ChangeHeader {
  if (chunkKind(bytes) !== 'change')
    throw new PalimpsestError('damaged', `not a change: ${bytes.length} bytes, chunk kind ${chunkKind(bytes)}`)
  try {
    const change = decodeChange(bytes)
    return {
      hash: change.hash as ChangeHash,
      deps: change.deps as ChangeHash[],
      actor: change.actor as ActorId,
      seq: change.seq,
      startOp: change.startOp,
      ops: change.ops.length,
      // Automerge keeps whole seconds.
      time: change.time * 1000,
      author: (change.author ?? null) as PersonKey | null,
    }
  } catch (cause) {
    throw new PalimpsestError('damaged', `a change of ${bytes.length} bytes does not decode`, { cause })
  }
}
