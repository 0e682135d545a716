import { expect, test } from 'vitest'
import type { DocumentId, PersonKey } from '../../core/ids.ts'
import { createTextDocument } from '../../core/text/create.ts'
import { changeText } from '../../core/text/edit.ts'
import { readingOf } from './document-jobs.ts'

test('a document was edited when its last change was made', () => {
  const author = 'ab'.repeat(32) as PersonKey
  const doc = createTextDocument({ title: 'Title', margin: '' as DocumentId, author, time: 5_000, blocks: [] })
  expect(readingOf(doc).editedAt).toBe(5_000)
  expect(readingOf(changeText(doc, { time: 9_000 }, (text) => text.splice(1, 0, 'word'))).editedAt).toBe(9_000)
})
