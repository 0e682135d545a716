/** How much a change inserted and deleted, counted in the columns of its operations. */
import { column, type RawChange, runsOf, textRunsOf } from '../sync/raw-header.ts'

/** Characters, block markers included. */
export interface Edits {
  inserted: number
  deleted: number
  /** Whether it brought an older version back. */
  isRestore: boolean
}

/** What a change that restores a version says of itself, as Automerge's message. */
export const restoreMessage = 'restore'
const restoreBytes = Array.from(restoreMessage, (letter) => letter.charCodeAt(0))

/** Two numbers of 32 bits for each change, as the index keeps them. */
const restoreBit = 2 ** 31
export const pushEdits = (counts: number[], { inserted, deleted, isRestore }: Edits) =>
  counts.push(inserted, isRestore ? deleted + restoreBit : deleted)
export const editsFrom = (inserted: number, deleted: number): Edits => ({
  inserted,
  deleted: deleted % restoreBit,
  isRestore: deleted >= restoreBit,
})

/** Numbers of actions in Automerge's format. */
const action = { makeMap: 0, set: 1, makeList: 2, delete: 3, makeText: 4 } as const

/** What an operation's place is in: a sequence, or a map under a key. */
const place = { sequence: 0, otherKey: 1, textKey: 2, movedKey: 3 } as const
const keys: readonly [key: string, place: number][] = [
  ['text', place.textKey],
  ['moved', place.movedKey],
]

/**
 * Counts what a change to a text document does to its texts. An inserted character is a `set` that inserts, a block marker is a map that is inserted.
 * Not counted is what goes into a list or a text that the change itself made beside the text (a marker's `parents`, a string in a map), nor a new
 * segment, which is a map with a text under the key `text`; the characters in it are, unless it says that they were moved there: then they were not deleted
 * elsewhere either.
 */
export function countEdits(change: RawChange): Edits {
  if (change.ops === 1 && change.column(column.keyText) === undefined) return countOne(change)
  const actions = expand(change.column(column.action))
  const inserts = insertsOf(change.column(column.insert), actions.length)
  const places = placesOf(change.column(column.keyText), actions.length)
  const isSegment = (at: number) =>
    actions[at] === action.makeMap && actions[at + 1] === action.makeText && places[at + 1] === place.textKey
  const makerOf = makers(change, actions)
  const movedTexts = new Set<number>()
  for (let at = places.indexOf(place.movedKey); at >= 0; at = places.indexOf(place.movedKey, at + 1)) movedTexts.add(makerOf(at) + 1)
  let [inserted, deleted, moved] = [0, 0, 0]
  for (let at = 0; at < actions.length; at++) {
    if (actions[at] === action.delete && places[at] === place.sequence) deleted++
    if (!inserts[at] || isSegment(at) || (actions[at] !== action.set && actions[at] !== action.makeMap)) continue
    const maker = makerOf(at)
    const isInSegment = actions[maker] === action.makeText && isSegment(maker - 1)
    if (isInSegment && movedTexts.has(maker)) moved++
    else if (isInSegment || maker < 0) inserted++
  }
  return { inserted, deleted: Math.max(0, deleted - moved), isRestore: isRestore(change) }
}

/** Most changes are one keystroke: one operation in a sequence, which made nothing that it could be in. */
function countOne(change: RawChange): Edits {
  const actionOf = expand(change.column(column.action))[0]
  const edits = { inserted: 0, deleted: 0, isRestore: isRestore(change) }
  if (actionOf === action.delete) return { ...edits, deleted: 1 }
  const isInsert = insertsOf(change.column(column.insert), 1)[0] === 1
  return { ...edits, inserted: isInsert && (actionOf === action.set || actionOf === action.makeMap) ? 1 : 0 }
}

const isRestore = ({ bytes, messageAt, messageBytes }: RawChange) =>
  messageBytes === restoreBytes.length && restoreBytes.every((byte, at) => bytes[messageAt + at] === byte)

function expand(data: Uint8Array | undefined): Uint32Array {
  let length = 0
  for (const run of runsOf(data)) length += run.count
  const values = new Uint32Array(length)
  let at = 0
  for (const { count, value } of runsOf(data)) {
    values.fill(value ?? 0, at, at + count)
    at += count
  }
  return values
}

/** A column of booleans: lengths of runs, beginning with one of `false`. */
function insertsOf(data: Uint8Array | undefined, length: number): Uint8Array {
  const inserts = new Uint8Array(length)
  let at = 0
  let value = 0
  for (const count of lengthsOf(data)) {
    inserts.fill(value, at, at + count)
    at += count
    value = 1 - value
  }
  return inserts
}

function* lengthsOf(data: Uint8Array | undefined): Generator<number> {
  let value = 0
  let scale = 1
  for (const byte of data ?? []) {
    value += (byte & 127) * scale
    scale *= 128
    if (byte < 128) {
      yield value
      value = 0
      scale = 1
    }
  }
}

function placesOf(data: Uint8Array | undefined, length: number): Uint8Array {
  const places = new Uint8Array(length)
  let at = 0
  for (const { count, value } of textRunsOf(data)) {
    if (value !== null) places.fill(placeUnder(value), at, at + count)
    at += count
  }
  return places
}

function placeUnder(key: Uint8Array): number {
  const name = String.fromCharCode(...key.subarray(0, 8))
  return keys.find(([known]) => known === name)?.[1] ?? place.otherKey
}

/** Which operation of the change made the object that another one is on; negative where it was there before. */
function makers(change: RawChange, actions: Uint32Array): (at: number) => number {
  if (!actions.includes(action.makeList) && !actions.includes(action.makeText)) return () => -1
  const actors = expand(change.column(column.objectActor))
  const counters = expand(change.column(column.objectCounter))
  // Actor 0 of a change is the one who made it; an earlier object of theirs has a counter from before this change.
  return (at) => (actors[at] === 0 ? (counters[at] ?? 0) - change.startOp : -1)
}
