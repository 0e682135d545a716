import { atom } from 'nanostores'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { SyncStatus } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { DiskTrouble, Session } from './session.ts'
import { watchSync } from './sync-watch.ts'

const id = 'x' as DocumentId
let tell: (status: SyncStatus) => void

function watched() {
  const saved = atom(true)
  const engine = {
    on: (_name: string, listener: (event: { id: DocumentId; status: SyncStatus }) => void) => {
      tell = (status) => listener({ id, status })
      return () => {}
    },
    call: () => new Promise(() => {}),
  }
  const disk = atom<DiskTrouble | null>(null)
  const session = { engine, connection: atom('connected'), disk } as unknown as Session
  const seen: string[] = []
  const stop = watchSync(session, { id, saved }).subscribe(({ text }) => void seen.push(text))
  return { saved, disk, seen, stop }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('tells nobody of words that are saved at once', () => {
  const { saved, seen, stop } = watched()
  for (let letter = 0; letter < 20; letter++) {
    saved.set(false)
    vi.advanceTimersByTime(100)
    saved.set(true)
    vi.advanceTimersByTime(100)
  }
  expect(seen).toEqual(['Saved on this computer'])
  stop()
})

it('says that it takes a while, and at once that it is over', () => {
  const { saved, seen, stop } = watched()
  saved.set(false)
  vi.advanceTimersByTime(1_000)
  saved.set(true)
  tell({ state: 'refused', saved: true, unsent: 1, reason: 'It was taken back.' })
  expect(seen).toEqual(['Saved on this computer', 'Saving', 'Saved on this computer', 'Not accepted by the relay'])
  stop()
})

it('says at once that nothing is saved when the disk takes nothing, and when it does again', () => {
  const { saved, disk, seen, stop } = watched()
  disk.set('disk-full')
  saved.set(false)
  expect(seen.at(-1)).toBe('Not saved')
  disk.set(null)
  saved.set(true)
  expect(seen.at(-1)).toBe('Saved on this computer')
  stop()
})
