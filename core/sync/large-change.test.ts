import { deflateRawSync } from 'node:zlib'
import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import { ByteWriter } from './bytes.ts'
import { readChangeHeader } from './change-header.ts'
import { platform } from '../../test/platform.ts'
import { checkedHeader, isLargeChange, storedHeader } from './large-change.ts'

/** A change that inserts so many letters, on top of another change. */
function paste(length: number): Uint8Array {
  const letters = Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i * 7_919) % 26))).join('')
  const before = A.change(A.init<{ text: string }>({ author: 'ab'.repeat(32) }), (draft) => void (draft.text = ''))
  return A.getLastLocalChange(A.change(before, (draft) => A.splice(draft, ['text'], 0, 0, letters))) as Uint8Array
}

/** The same change as Automerge stores a long one. */
function compressed(change: Uint8Array): Uint8Array {
  const bodyAt = change.findIndex((byte, at) => at > 8 && byte < 128) + 1
  const content = deflateRawSync(change.subarray(bodyAt))
  const length = new ByteWriter()
  length.uint(content.length)
  return Buffer.concat([change.subarray(0, 8), Uint8Array.of(2), length.finish(), content])
}

describe('a large change', () => {
  it('is told from a small one, also when it hides its size', () => {
    expect([10, 1_900, 10_000].map((length) => isLargeChange(paste(length)))).toEqual([false, false, true])
    expect(isLargeChange(compressed(paste(10_000)))).toBe(true)
  })

  it('has the header that Automerge reads, compressed or not', () => {
    const change = paste(5_000)
    const expected = readChangeHeader(change)
    for (const form of [change, compressed(change)]) {
      expect(checkedHeader(form, platform)).toEqual(expected)
      expect(storedHeader(form, platform)).toEqual(expected)
    }
  })

  it.each([
    ['whose middle is changed', (change: Uint8Array) => change.with(2_000, (change[2_000] ?? 0) ^ 1)],
    ['that is cut off', (change: Uint8Array) => change.slice(0, -10)],
    ['that does not inflate', (change: Uint8Array) => compressed(change).fill(255, 20)],
    ['whose operations do not decode', (change: Uint8Array) => resealed(change.with(2_000, 0xff))],
  ])('%s is refused', (_, damage) => {
    expect(() => checkedHeader(damage(paste(5_000)), platform)).toThrow(expect.objectContaining({ code: 'damaged' }))
  })

  /** With a checksum that fits what it says now. */
  function resealed(change: Uint8Array): Uint8Array {
    change.set(Buffer.from(platform.sha256(change.subarray(8)).slice(0, 8), 'hex'), 4)
    return change
  }
})
