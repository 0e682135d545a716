import type { Carried } from './change-store.ts'
import type { Write } from './sqlite-file.ts'

/** A write as it goes from thread to thread: an array for each change of a keystroke would cost more than the keystroke. */
export type PackedWrite = Omit<Write, 'changes'> & {
  /** All changes, one after another. */
  bytes: Uint8Array
  lengths: number[]
}

type Growing = Write & { changes: Uint8Array[]; carried: Carried[] }

/** Packs writes, those together that follow each other in a document. */
export function packWrites(writes: readonly Write[]): PackedWrite[] {
  const joined: Growing[] = []
  const lastOf = new Map<string, Growing>()
  for (const write of writes) {
    const last = lastOf.get(write.document)
    if (last && !last.snapshot && !write.snapshot && last.firstRow + last.changes.length === write.firstRow) {
      for (const change of write.changes) last.changes.push(change)
      last.carried.push(...write.carried)
      continue
    }
    const copy = { ...write, changes: [...write.changes], carried: [...write.carried] }
    lastOf.set(write.document, copy)
    joined.push(copy)
  }
  return joined.map(({ changes, ...write }) => ({ ...write, bytes: concatenate(changes), lengths: changes.map(({ length }) => length) }))
}

/** In a buffer of their own: one of Node's pool would take the whole pool along. */
function concatenate(changes: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(changes.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const change of changes) {
    all.set(change, end)
    end += change.length
  }
  return all
}

export function unpackWrite({ bytes, lengths, ...write }: PackedWrite): Write {
  let end = 0
  return { ...write, changes: lengths.map((length) => bytes.subarray(end, (end += length))) }
}
