/**
 * A change as a relay's live stream brings it to clients. A keystroke in a crowd is 76 bytes and the hashes of what its writer had seen last: one for everybody whose
 * letters were on their way at that moment, 32 bytes each. Whoever gets it knows those changes, so they are named here by the beginnings of their hashes, and what can be
 * worked out is left out. Nothing is numbered, so nobody has to remember what a connection has carried, and a frame is the same for all who get it.
 *
 *     1 byte    `shortKind`, with which no chunk of Automerge begins
 *     8 bytes   the beginning of the change's own hash
 *     LEB128    the number of its dependencies
 *     4 bytes   for each of them the beginning of its hash, in the order of the change
 *     the rest of the change, from its actor on
 *
 * The restored change is the same to the byte, or is not taken: the hash says. A relay writes in short only where the beginning of a hash is that of one change in its
 * graph; where it leads to another one, or to none, in the graph of who gets it, the sync protocol brings the change whole.
 */
import { PalimpsestError } from '../errors.ts'
import type { ChangeHash } from '../ids.ts'
import { ByteReader, ByteWriter, bytesOfHex, hexOf } from './bytes.ts'
import type { Bringer, GraphChange, WaitingLimits } from './change-graph.ts'
import { readChangeHeader } from './change-header.ts'
import { hashBytes } from './hash-index.ts'
import { readKeystroke } from './keystroke.ts'
import { framed, framingBytes, hashOfPlain, isLargeChange, type Platform, plainKind, smallBytes, smallOperations } from './large-change.ts'

const shortKind = 1
const kindBytes = 1
/** Of a change's own hash: nobody makes two changes that agree in it. */
const ownBytes = 8
/** Of a dependency's hash. */
const nameBytes = 4
/** Of a hash in a chunk's framing. */
const [checksumAt, checksumBytes] = [4, 4]

/** What the beginnings of hashes are looked up in. */
export interface HashNames {
  /** The row of the one change whose hash begins with the `length` bytes (four or more) at `offset`; -1 where there is none, or more than one. */
  rowStarting(bytes: Uint8Array, offset: number, length: number): number
  hashBytesAt(row: number): Uint8Array
}

/** A change in short as it came, not read yet. */
export interface ShortChange {
  readonly short: Uint8Array
  readonly platform: Platform
}

/** What a change in short is to whoever has it. */
export type Restored =
  | GraphChange
  /** It was here before. */
  | 'here'
  /** It names a change by this beginning, in hex, which leads nowhere yet; or not to the right one, where it is null. */
  | { readonly awaits: string | null }

export const isShort = (bytes: Uint8Array) => bytes[0] === shortKind

/**
 * A change of the graph `names` in short, or as it is where that would not do: large or compressed, with a dependency whose beginning another change has, too, or
 * written otherwise than Automerge writes.
 */
export function shortened({ header, bytes }: GraphChange, names: HashNames): Uint8Array {
  if (bytes[framingBytes - 1] !== plainKind || bytes.length > smallBytes || header.ops > smallOperations) return bytes
  try {
    return writeShort(header.hash, bytes, names) ?? bytes
  } catch {
    // A number is longer than it need be, which would not come back.
    return bytes
  }
}

function writeShort(hash: ChangeHash, bytes: Uint8Array, names: HashNames): Uint8Array | null {
  const read = new ByteReader(bytes)
  read.skip(framingBytes)
  const length = read.uint()
  if (read.position + length !== bytes.length) return null
  const count = read.uint()
  const out = new ByteWriter(bytes.length)
  out.bytes(Uint8Array.of(shortKind))
  out.bytes(bytesOfHex(hash.slice(0, ownBytes * 2)))
  out.uint(count)
  for (let at = read.skip(count * hashBytes); at < read.position; at += hashBytes) {
    if (names.rowStarting(bytes, at, nameBytes) < 0) return null
    out.bytes(bytes.subarray(at, at + nameBytes))
  }
  out.bytes(bytes.subarray(read.position))
  return out.finish()
}

/** Makes a change whole again, with the dependencies that are known here. Throws `damaged` for what is none. */
export function restore({ short, platform }: ShortChange, names: HashNames): Restored {
  const read = new ByteReader(short)
  read.skip(kindBytes)
  const own = read.bytes(ownBytes)
  if (isAmong(names, { short })) return 'here'
  const count = read.uint()
  const dependencies = read.bytes(count * nameBytes)
  const content = new ByteWriter(short.length + count * hashBytes)
  content.uint(count)
  for (let at = 0; at < dependencies.length; at += nameBytes) {
    const row = names.rowStarting(dependencies, at, nameBytes)
    if (row < 0) return { awaits: hexOf(dependencies.subarray(at, at + nameBytes)) }
    content.bytes(names.hashBytesAt(row))
  }
  content.bytes(short.subarray(read.position))
  const bytes = framed(content.finish(), own.subarray(0, checksumBytes))
  if (isLargeChange(bytes)) throw new PalimpsestError('damaged', `a change of ${bytes.length} bytes is too large to come in short`)
  const header = readKeystroke(bytes, platform) ?? readPlain(bytes, platform)
  return header?.hash.startsWith(hexOf(own)) ? { header, bytes } : { awaits: null }
}

const isAmong = (names: HashNames, { short }: Pick<ShortChange, 'short'>) => names.rowStarting(short, kindBytes, ownBytes) >= 0

/** Null for a change that another hash than its own was given. */
const readPlain = (bytes: Uint8Array, platform: Platform) =>
  hashOfPlain(bytes, platform).startsWith(hexOf(bytes.subarray(checksumAt, checksumAt + checksumBytes))) ? readChangeHeader(bytes) : null

interface Unread {
  readonly change: ShortChange
  readonly by: Bringer | undefined
}

/** Changes in short that name others which are not here, in bounded space. */
export class UnreadChanges {
  readonly #limits: WaitingLimits
  /** By the beginning of a hash, in hex; under an empty one those whose names lead to other changes. */
  readonly #byName = new Map<string, Unread[]>()
  #count = 0
  #bytes = 0
  /** Those for which there was no room. */
  #lost = 0

  constructor(limits: WaitingLimits) {
    this.#limits = limits
  }

  /** With those for which there was no room. */
  get count(): number {
    return this.#count + this.#lost
  }

  /** Sets a change aside until one comes whose hash begins with `name`. */
  add(unread: Unread, name: string | null): void {
    const { length } = unread.change.short
    if (this.#count >= this.#limits.changes || this.#bytes + length > this.#limits.bytes) {
      this.#lost += 1
      return
    }
    this.#count += 1
    this.#bytes += length
    const others = this.#byName.get(name ?? '')
    if (others) others.push(unread)
    else this.#byName.set(name ?? '', [unread])
  }

  /** Takes out those that waited for this change. */
  take(hash: ChangeHash): readonly Unread[] {
    if (this.#count === 0) return []
    const name = hash.slice(0, nameBytes * 2)
    const taken = this.#byName.get(name) ?? []
    this.#byName.delete(name)
    this.#count -= taken.length
    for (const { change } of taken) this.#bytes -= change.short.length
    return taken
  }

  get all(): ShortChange[] {
    return [...this.#byName.values()].flat().map(({ change }) => change)
  }

  /** Takes out all. */
  takeAll(): readonly Unread[] {
    const all = [...this.#byName.values()].flat()
    this.#byName.clear()
    this.#count = this.#bytes = this.#lost = 0
    return all
  }

  /** Lets go of all, and says how many of them are not among `names` by now. */
  forget(names: HashNames): number {
    const lost = this.#lost
    return lost + this.takeAll().filter(({ change }) => !isAmong(names, change)).length
  }
}
