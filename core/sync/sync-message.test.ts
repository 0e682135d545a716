import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { ChangeHash } from '../ids.ts'
import { ByteWriter } from './bytes.ts'
import { readSyncMessage, type SyncMessage, writeSyncMessage } from './sync-message.ts'

const hash = 'ab'.repeat(32) as ChangeHash
const doc = A.change(A.init<{ a: number }>(), (draft) => void (draft.a = 1))
const whole: Omit<SyncMessage, 'takesDocuments'> = {
  heads: [hash, 'cd'.repeat(32) as ChangeHash],
  need: [hash],
  have: [{ lastSync: [hash], bloom: Uint8Array.of(1, 10, 7, 1, 2) }],
  changes: A.getAllChanges(doc),
}

interface Counts {
  heads?: number
  need?: number
  haves?: number
  lastSync?: number
  changes?: number
}

/** A message of empty entries, as few bytes as can be. */
function crowd({ heads = 0, need = 0, haves = 0, lastSync = 0, changes = 0 }: Counts): Uint8Array {
  const out = new ByteWriter()
  const hashes = (count: number) => {
    out.uint(count)
    out.bytes(new Uint8Array(count * 32))
  }
  out.bytes(Uint8Array.of(0x42))
  hashes(heads)
  hashes(need)
  out.uint(haves)
  for (let at = 0; at < haves; at++) {
    hashes(lastSync)
    out.uint(0)
  }
  out.uint(changes)
  out.bytes(new Uint8Array(changes))
  return out.finish()
}

describe('a sync message [R2]', () => {
  it.each([false, true])('is read as it was written, with saved documents: %s', (documents) => {
    expect(readSyncMessage(writeSyncMessage(whole, documents))).toMatchObject(whole)
    expect(readSyncMessage(writeSyncMessage({ heads: [], need: [], have: [], changes: [] }, documents)).heads).toEqual([])
  })

  it('of Automerge is read, however it goes on', () => {
    let states = [A.initSyncState(), A.initSyncState()] as [A.SyncState, A.SyncState]
    let docs = [doc, A.init<{ a: number }>()] as [A.Doc<{ a: number }>, A.Doc<{ a: number }>]
    let read = 0
    for (let turn = 0; turn < 10; turn++) {
      for (const [from, to] of [
        [0, 1],
        [1, 0],
      ] as const) {
        const [state, message] = A.generateSyncMessage(docs[from], states[from])
        states = from === 0 ? [state, states[1]] : [states[0], state]
        if (!message) continue
        readSyncMessage(message)
        read += 1
        const [next, answer] = A.receiveSyncMessage(docs[to], states[to], message)
        docs = to === 0 ? [next, docs[1]] : [docs[0], next]
        states = to === 0 ? [answer, states[1]] : [states[0], answer]
      }
    }
    expect(docs[1]).toEqual(docs[0])
    expect(read).toBeGreaterThan(2)
  })

  it.each<[string, Counts]>([
    ['heads', { heads: 100_001 }],
    ['needs', { need: 100_001 }],
    ['filters', { haves: 5 }],
    ['versions in common', { haves: 1, lastSync: 100_001 }],
    ['changes', { changes: 500_001 }],
    ['changes that are none', { changes: 3 }],
  ])('of too many %s is not decoded', (_, counts) => {
    expect(() => readSyncMessage(crowd(counts))).toThrow(expect.objectContaining({ code: 'damaged' }))
    expect(readSyncMessage(crowd({ heads: 1_000, need: 1_000, haves: 4, lastSync: 1_000 })).need).toHaveLength(1_000)
  })

  it('that is cut off anywhere is none', () => {
    const bytes = writeSyncMessage({ ...whole, have: [] }, false)
    const changesEnd = bytes.length - writeSyncMessage({ ...whole, have: [], changes: [] }, false).length
    for (let at = 0; at < changesEnd; at++) expect(() => readSyncMessage(bytes.subarray(0, at))).toThrow()
  })
})
