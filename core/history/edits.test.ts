import * as A from '@automerge/automerge/slim'
import { describe, expect, it } from 'vitest'
import type { Block } from '../text/blocks.ts'
import { createTextDocument } from '../text/create.ts'
import type { TextDocument } from '../text/document.ts'
import { changeText } from '../text/edit.ts'
import { storedBlock } from '../text/stored-block.ts'
import type { DocumentId, Heads, PersonKey } from '../ids.ts'
import { RawChange } from '../sync/raw-header.ts'
import { countEdits, editsFrom, pushEdits } from './edits.ts'
import { restoreTo } from './test-restore.ts'

const paragraph: Block = { type: 'paragraph', parents: [], attrs: {}, isEmbed: false }
const item: Block = { type: 'unordered-list-item', parents: ['blockquote', 'ordered-list-item'], attrs: { start: 3 }, isEmbed: false }
const author = 'ab'.repeat(32) as PersonKey
const margin = '4NMNnkMhL8jXrdJ9jamS58PAVdXu' as DocumentId
const text = ['segments', 0, 'text']

const written = () =>
  createTextDocument({ author, time: 0, title: 'Title', margin, blocks: [{ marker: item, runs: [{ text: 'abcdef', marks: {} }] }] })

/** What the last change of `edit` on a document with the text *abcdef* counts as. */
function editsOf(edit: (draft: TextDocument) => void) {
  const doc = A.change(written(), edit)
  return countEdits(new RawChange().read(A.getLastLocalChange(doc) as Uint8Array))
}

describe('a change counts', () => {
  it.each<[string, (draft: TextDocument) => void, number, number]>([
    ['one typed character', (draft) => A.splice(draft, text, 3, 0, 'x'), 1, 0],
    ['a replaced word', (draft) => A.splice(draft, text, 1, 3, 'xy'), 2, 3],
    ['characters of any script once', (draft) => A.splice(draft, text, 1, 0, 'é😀ש'), 3, 0],
    ['a block as one', (draft) => A.splitBlock(draft, text, 2, storedBlock(paragraph)), 1, 0],
    ['a nested list item as one', (draft) => A.splitBlock(draft, text, 2, storedBlock(item)), 1, 0],
    ['a block of another program, with plain strings, as one', (draft) => A.splitBlock(draft, text, 2, { type: 'aside', note: 'x' }), 1, 0],
    ['a joined block as one', (draft) => A.joinBlock(draft, text, 0), 0, 1],
    ['formatting as nothing', (draft) => A.mark(draft, text, { start: 1, end: 4, expand: 'after' }, 'strong', true), 0, 0],
    ['the text of a new segment, and not the segment', (draft) => void draft.segments.push({ text: 'new' }), 3, 0],
    ['a large paste', (draft) => A.splice(draft, text, 1, 0, 'ab '.repeat(5000)), 15000, 0],
    ['both sides of a large replacement', (draft) => A.splice(draft, text, 1, 6, 'z'.repeat(300)), 300, 6],
  ])('%s', (_, edit, inserted, deleted) => {
    expect(editsOf(edit)).toEqual({ inserted, deleted, isRestore: false })
  })

  it('the first content of a document', () => {
    expect(countEdits(new RawChange().read(A.getLastLocalChange(written()) as Uint8Array))).toEqual({
      inserted: 7,
      deleted: 0,
      isRestore: false,
    })
  })

  it('what was moved out of a segment that had grown too long neither as deleted nor as inserted', () => {
    let doc = written()
    for (let count = 0; count < 9; count++) doc = changeText(doc, { time: 0 }, (editor) => editor.splice(1, 0, 'z'.repeat(7000)))
    doc = changeText(doc, { time: 0 }, (editor) => editor.splice(20_000, 0, 'y'.repeat(7000)))
    expect(doc.segments.some(({ moved }) => moved !== undefined)).toBe(true)
    expect(countEdits(new RawChange().read(A.getLastLocalChange(doc) as Uint8Array))).toEqual({
      inserted: 7000,
      deleted: 0,
      isRestore: false,
    })
  })

  it('that it restores a version', () => {
    const first = written()
    const doc = restoreTo(
      A.change(first, (draft) => A.splice(draft, text, 1, 3, 'xy')),
      A.getHeads(first) as readonly string[] as Heads,
    )
    const edits = countEdits(new RawChange().read(A.getLastLocalChange(doc) as Uint8Array))
    expect(edits).toMatchObject({ isRestore: true })
    const kept: number[] = []
    pushEdits(kept, edits)
    const [inserted = 0, deleted = 0] = Uint32Array.from(kept)
    expect(editsFrom(inserted, deleted)).toEqual(edits)
  })
})
