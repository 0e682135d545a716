import * as A from '@automerge/automerge/slim'
import { expect, test } from 'vitest'
import { restoreMessage } from '../../core/history/edits.ts'
import type { DocumentId, Heads, PersonKey } from '../../core/ids.ts'
import { implicitParagraph } from '../../core/text/blocks.ts'
import { createTextDocument } from '../../core/text/create.ts'
import type { TextDoc } from '../../core/text/document.ts'
import { changeText } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import type { WaitForFrame } from './frame.ts'
import { LiveDocument } from './live-document.ts'
import { restoreVersion } from './restoring.ts'

const headsOf = (doc: TextDoc) => A.getHeads(doc) as readonly string[] as Heads

/** A document that has grown from *kept* to something longer, and is being brought back. */
function grown(waitForFrame: WaitForFrame) {
  const first = createTextDocument({
    title: '',
    margin: '' as DocumentId,
    author: 'ab'.repeat(32) as PersonKey,
    time: 0,
    blocks: [{ marker: implicitParagraph, runs: [{ text: 'kept', marks: {} }] }],
  })
  const handle = new LiveDocument(changeText(first, { time: 0 }, (text) => text.splice(5, 0, ', and what was written later')))
  const shares: number[] = []
  const restoring = restoreVersion(handle, headsOf(first), {
    waitForFrame,
    onProgress: (share) => shares.push(share),
    pieceSize: 10,
  })
  return { handle, restoring, shares }
}

test('a long restoration is done a piece a frame, of which the first says what it is', async () => {
  const { handle, restoring, shares } = grown(queueMicrotask)
  expect(readText(handle.doc()).length).toBeGreaterThan('kept'.length)
  expect(await restoring.whole).toBe(true)
  expect(readText(handle.doc())).toBe('kept')
  expect(shares.at(-1)).toBe(1)
  const messages = A.getHistory(handle.doc()).map(({ change }) => change.message)
  expect(messages[2]).toBe(restoreMessage)
  expect(new Set(messages.slice(3))).toEqual(new Set([null]))
})

test('what somebody else writes meanwhile stays, and so does what is there when it is stopped', async () => {
  const frames: (() => void)[] = []
  const { handle, restoring } = grown((over) => frames.push(over))
  const other = changeText(A.clone(handle.doc()), { time: 0 }, (text) => text.splice(9, 0, 'THEIRS'))
  handle.update((doc) => A.merge(doc, other))
  restoring.stop()
  for (const over of frames) over()
  expect(await restoring.whole).toBe(false)
  expect(readText(handle.doc())).toMatch(/^kept, anTHEIRSd what/)
})

test('what is left can be done at once, for who is about to leave', async () => {
  const frames: (() => void)[] = []
  const { handle, restoring } = grown((over) => frames.push(over))
  restoring.finish()
  expect(readText(handle.doc())).toBe('kept')
  const heads = handle.heads
  for (const over of frames) over()
  expect(await restoring.whole).toBe(true)
  expect(handle.heads).toEqual(heads)
})
