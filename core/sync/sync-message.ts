import { decodeSyncMessage, encodeSyncMessage } from '@automerge/automerge/slim'
import { PalimpsestError } from '../errors.ts'
import type { ChangeHash, Heads } from '../ids.ts'
import { ByteReader } from './bytes.ts'

/** What a peer has, said in a sync message: everything up to `lastSync`, and of what came later that which the Bloom filter lets pass. */
export interface SyncHave {
  lastSync: Heads
  bloom: Uint8Array
}

/** A message of the Automerge sync protocol, decoded. */
export interface SyncMessage {
  /** The sender's version. */
  heads: Heads
  /** Changes that the sender asks for by name. */
  need: Heads
  have: SyncHave[]
  /** Chunks for the receiver: changes, or a saved document where the sender may send one. */
  changes: Uint8Array[]
  /** Whether the sender can take a saved document in place of its changes. */
  takesDocuments: boolean
}

/**
 * What an honest message has at most. Automerge makes an object of each entry, and a peer compares its whole history with each filter: a few megabytes of empty ones would keep
 * it busy for minutes. So a message is walked over before it is decoded.
 */
const most = { hashes: 100_000, haves: 4, changes: 500_000, changeBytes: 10 }
const hashBytes = 32

/** Throws `damaged`. */
export function readSyncMessage(bytes: Uint8Array): SyncMessage {
  try {
    walk(bytes)
    const { heads, need, have, changes, ...rest } = decodeSyncMessage(bytes) as DecodedMessage
    return {
      heads: heads as ChangeHash[],
      need: need as ChangeHash[],
      have: have.map(({ lastSync, bloom }) => ({ lastSync: lastSync as ChangeHash[], bloom })),
      changes,
      takesDocuments: rest.type === 'v2' || rest.supportedCapabilities !== undefined,
    }
  } catch (cause) {
    throw new PalimpsestError('damaged', `a sync message of ${bytes.length} bytes does not decode`, { cause })
  }
}

/** Throws where a message is not whole, or has too much of something. */
function walk(bytes: Uint8Array): void {
  const reader = new ByteReader(bytes)
  const count = (limit: number) => {
    const found = reader.uint()
    if (found > limit) throw new PalimpsestError('damaged', `${found} entries where ${limit} are the most`)
    return found
  }
  const hashes = () => reader.skip(count(most.hashes) * hashBytes)
  reader.byte()
  hashes()
  hashes()
  for (let left = count(most.haves); left > 0; left--) {
    hashes()
    reader.skip(reader.uint())
  }
  for (let left = count(most.changes); left > 0; left--) {
    const length = reader.uint()
    if (length < most.changeBytes) throw new PalimpsestError('damaged', `a change of ${length} bytes`)
    reader.skip(length)
  }
}

/** `documents` says whether `changes` hold saved documents too: then the message is of the second version of the protocol. */
export function writeSyncMessage(message: Omit<SyncMessage, 'takesDocuments'>, documents: boolean): Uint8Array {
  const { heads, need, have, changes } = message
  const encoded: DecodedMessage = {
    heads: [...heads],
    need: [...need],
    have: have.map(({ lastSync, bloom }) => ({ lastSync: [...lastSync], bloom })),
    changes,
    type: documents ? 'v2' : 'v1',
    supportedCapabilities: ['supports-sync-reset'],
  }
  return encodeSyncMessage(encoded)
}

/**
 * A plan with its chunks as the messages that carry it: one, or several where there is much to send. All but the last bring changes and ask for
 * nothing, so that the receiver answers when it has everything.
 */
export function writeSyncMessages(
  plan: Omit<SyncMessage, 'changes' | 'takesDocuments'>,
  chunks: readonly Uint8Array[],
  documents: boolean,
): Uint8Array[] {
  const parts = portions(chunks)
  return parts.map((changes, at) =>
    at === parts.length - 1
      ? writeSyncMessage({ heads: plan.heads, need: plan.need, have: plan.have, changes }, documents)
      : writeSyncMessage({ heads: plan.heads, need: [], have: [], changes }, documents),
  )
}

/** Bytes of changes that go into one message, roughly. */
const portionBytes = 8 * 1024 * 1024

/** Lists of chunks of about `portionBytes` each; one empty list where there are none. */
function portions(chunks: readonly Uint8Array[]): Uint8Array[][] {
  const found: Uint8Array[][] = [[]]
  let size = 0
  for (const chunk of chunks) {
    if (size > 0 && size + chunk.length > portionBytes) {
      found.push([])
      size = 0
    }
    found.at(-1)?.push(chunk)
    size += chunk.length
  }
  return found
}

/** Automerge's types leave out the message's version and the capabilities, which announce that the sender takes saved documents. */
interface DecodedMessage {
  heads: string[]
  need: string[]
  have: { lastSync: string[]; bloom: Uint8Array }[]
  changes: Uint8Array[]
  type?: 'v1' | 'v2'
  supportedCapabilities?: string[]
}
