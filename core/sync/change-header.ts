import { decodeChange } from '@automerge/automerge/slim'
import { PalimpsestError } from '../errors.ts'
import type { ActorId, ChangeHash, PersonKey } from '../ids.ts'
import { ByteReader, hexOf } from './bytes.ts'

/** Graph data of a change, as read from its header. */
export interface ChangeHeader {
  hash: ChangeHash
  deps: ChangeHash[]
  actor: ActorId
  /** 1 for an actor's first change. */
  seq: number
  startOp: number
  ops: number
  /** Milliseconds; a label. */
  time: number
  /** Only on an actor's first change; the graph carries it to the others. */
  author: PersonKey | null
}

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
 * The chunks that stand one after another in `bytes`, as storage and sync messages hold them. Only lengths are read, nothing is copied. Throws `damaged`
 * when a chunk does not begin where the one before it ends, or is cut off.
 */
export function splitChunks(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const chunk = bytes.subarray(at)
    if (chunkKind(chunk) === null) throw new PalimpsestError('damaged', `no chunk at byte ${at} of ${bytes.length}`)
    const length = chunkLength(chunk)
    if (length > chunk.length) throw new PalimpsestError('damaged', `the chunk at byte ${at} of ${bytes.length} is cut off`)
    chunks.push(chunk.subarray(0, length))
    at += length
  }
  return chunks
}

/** Length of a chunk with its header: magic, checksum, kind, and the length of the body as LEB128. */
function chunkLength(chunk: Uint8Array): number {
  const reader = new ByteReader(chunk.subarray(9))
  const body = reader.uint()
  return 9 + reader.position + body
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
    // Automerge decodes and applies it all the same, and what it saves then cannot be loaded beyond it.
    if (!change.hash.startsWith(hexOf(bytes.subarray(4, 8)))) throw new PalimpsestError('damaged', 'another checksum')
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
