/**
 * The change of one keystroke, a letter typed or deleted in a text, read without Automerge. Nearly all that a relay takes is of this kind, and Automerge's decoder,
 * which makes objects of everything in it, would be the largest part of what each costs. Only what is written to the byte as Automerge writes a keystroke is
 * recognised, so whatever is taken here Automerge can read; all else is for Automerge to judge.
 */
import type { ChangeHeader } from './change-header.ts'
import type { ChangeHash } from '../ids.ts'
import { ByteReader, hexOf } from './bytes.ts'
import { chunkKind } from './change-header.ts'
import type { GraphChange } from './change-graph.ts'
import { isLargeChange, type Platform, plainKind } from './large-change.ts'
import { column, RawChange, readSigned } from './raw-header.ts'
import type { ShortChange } from './short-change.ts'

/** Columns of one letter after another one, of one at the beginning of a text, and of a deletion. */
const typed = [
  column.objectActor,
  column.objectCounter,
  column.keyActor,
  column.keyCounter,
  column.insert,
  column.action,
  column.valueKind,
  column.value,
  column.predecessors,
]
const typedFirst = typed.filter((each) => each !== column.keyActor)
const deleted = [...typed.filter((each) => each !== column.value), column.predecessorActor, column.predecessorCounter]

const [setAction, deleteAction] = [1, 3]
const textKind = 6
/** Larger numbers are left to Automerge. */
const maxNumber = 2 ** 31
const maxBytes = 4_096
const magicBytes = 4
const checksumBytes = 4

const raw = new RawChange()

/** The header of a change that is one keystroke; null for every other one. */
export function readKeystroke(change: Uint8Array, { sha256 }: Platform): ChangeHeader | null {
  if (change.length > maxBytes || chunkKind(change) !== 'change' || change[magicBytes + checksumBytes] !== plainKind) return null
  try {
    if (!isKeystroke(raw.read(change))) return null
  } catch {
    // Automerge will say what is wrong with it.
    return null
  }
  const hash = sha256(change.subarray(magicBytes + checksumBytes)) as ChangeHash
  return hash.startsWith(hexOf(change.subarray(magicBytes, magicBytes + checksumBytes))) ? raw.header(hash) : null
}

/** Changes as a graph takes them at once, keystrokes with their headers, those in short as they are; null where one of them could keep a thread busy for longer than a blink. */
export function readSmallChanges<Short extends ShortChange>(
  changes: readonly (Uint8Array | Short)[],
  platform: Platform,
): (Uint8Array | GraphChange | Short)[] | null {
  const read: (Uint8Array | GraphChange | Short)[] = []
  for (const bytes of changes) {
    if (!(bytes instanceof Uint8Array)) {
      read.push(bytes)
      continue
    }
    const header = readKeystroke(bytes, platform)
    if (!header && isLargeChange(bytes)) return null
    read.push(header ? { header, bytes } : bytes)
  }
  return read
}

function isKeystroke(change: RawChange): boolean {
  if (!change.isExact || change.messageBytes > 0 || !isCounter(change.startOp) || !isCounter(change.seq)) return false
  if (!isActor(change, column.objectActor) || !isCounter(only(change, column.objectCounter))) return false
  if (change.hasColumns(typed)) return isElement(change, column.keyActor, column.keyCounter) && isTyped(change)
  if (change.hasColumns(typedFirst)) return only(change, column.keyCounter, readSigned) === 0 && isTyped(change)
  return change.hasColumns(deleted) && isElement(change, column.keyActor, column.keyCounter) && isDeleted(change)
}

function isTyped(change: RawChange): boolean {
  const letter = change.column(column.value)
  return (
    isRun(change, column.insert, 0, 1) &&
    only(change, column.action) === setAction &&
    only(change, column.valueKind) === (letter?.length ?? 0) * 16 + textKind &&
    only(change, column.predecessors) === 0 &&
    isText(letter)
  )
}

function isDeleted(change: RawChange): boolean {
  return (
    isRun(change, column.insert, 1) &&
    only(change, column.action) === deleteAction &&
    only(change, column.valueKind) === 0 &&
    only(change, column.predecessors) === 1 &&
    isElement(change, column.predecessorActor, column.predecessorCounter)
  )
}

const isCounter = (value: number | null) => value !== null && value > 0 && value < maxNumber

function isActor(change: RawChange, number: number): boolean {
  const actor = only(change, number)
  return actor !== null && actor < change.actorCount
}

const isElement = (change: RawChange, actor: number, counter: number) =>
  isActor(change, actor) && isCounter(only(change, counter, readSigned))

/** The value of a column of one row, which is written as a literal run of one; null where it is anything else. */
function only(change: RawChange, number: number, readValue = (read: ByteReader) => read.uint()): number | null {
  const data = change.column(number)
  if (data?.[0] !== 0x7f) return null
  const read = new ByteReader(data)
  read.skip(1)
  const value = readValue(read)
  return read.position === data.length ? value : null
}

function isRun(change: RawChange, number: number, ...counts: number[]): boolean {
  const data = change.column(number)
  return data?.length === counts.length && counts.every((count, at) => data[at] === count)
}

/** Whether it is UTF-8. */
function isText(bytes: Uint8Array | undefined): boolean {
  if (!bytes || bytes.length === 0) return false
  if (bytes.every((byte) => byte < 128)) return true
  decodeURIComponent(hexOf(bytes).replace(/../g, '%$&')) // throws on what is none
  return true
}
