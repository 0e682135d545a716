import * as A from '@automerge/automerge/slim'
import { describe, expect, test, vi } from 'vitest'
import type { DocumentId, Heads, PersonKey } from '../../core/ids.ts'
import { createTextDocument } from '../../core/text/create.ts'
import type { TextDoc } from '../../core/text/document.ts'
import { changeText, TextEditor } from '../../core/text/edit.ts'
import { readText } from '../../core/text/read.ts'
import { type DocumentChange, LiveDocument } from './live-document.ts'

const marker = { type: 'paragraph', parents: [], attrs: {}, isEmbed: false }
const margin = '3JjSYYzvhfWFEsHTpL7nhPjGoGg8' as DocumentId
const author = 'ab'.repeat(32) as PersonKey

function live(written?: () => void) {
  const blocks = [{ marker, runs: [{ text: 'hello', marks: {} }] }]
  const document = new LiveDocument(createTextDocument({ title: '', margin, author, time: 0, blocks }), written)
  const told: DocumentChange[] = []
  document.on('change', (change) => told.push(change))
  const me = {}
  const type = (text: string) => document.write(me, (doc) => new TextEditor(doc, doc).splice(1, 0, text), { time: 7 })
  return { document, told, me, type }
}

/** The text after the changes that a document gives for sending. */
const sent = (start: TextDoc, document: LiveDocument) =>
  readText(A.applyChanges(A.clone(start), document.changesSince(A.getHeads(start)))[0])

describe('a change made by write', () => {
  test('can be sent before anybody is told', () => {
    const written = vi.fn<() => void>()
    const { document, told, type } = live(written)
    const start = A.clone(document.doc())
    type('a')
    expect(written).toHaveBeenCalledOnce()
    expect(sent(start, document)).toBe('ahello')
    expect(told).toEqual([])
    expect(document.heads).toEqual(A.getHeads(document.doc()))
  })

  test('is told, with what was before, when somebody asks for the document', () => {
    const { document, told, me, type } = live()
    const { heads } = document
    type('a')
    expect(readText(document.doc())).toBe('ahello')
    expect(told).toMatchObject([{ by: me, patches: [{ action: 'splice', value: 'a' }], patchInfo: { heads } }])
    expect(readText(told[0]!.patchInfo.before, heads as readonly string[] as Heads)).toBe('hello')
  })

  test('is told when there is time', async () => {
    const { told, type } = live()
    type('a')
    await vi.waitFor(() => expect(told).toHaveLength(1))
  })

  test('is told before anything else happens', () => {
    const { document, told, me, type } = live()
    const theirs = changeText(A.clone(document.doc()), { time: 0 }, (text) => text.splice(6, 0, 'X'))
    type('a')
    type('b')
    document.change((draft) => {
      draft.title = 'ours'
    })
    type('c')
    document.update((doc) => A.merge(doc, theirs))
    const inserted = ({ patches }: DocumentChange) => patches.map((patch) => (patch.action === 'splice' ? patch.value : ''))
    expect(told.map((change) => [inserted(change).join(''), change.by === me])).toEqual([
      ['a', true],
      ['b', true],
      ['ours', false],
      ['c', true],
      ['X', false],
    ])
    expect(readText(document.doc())).toBe('cbahelloX')
  })

  test('is told once, also where what comes next brings nothing new', () => {
    const { document, told, type } = live()
    type('a')
    document.update((doc) => A.applyChanges(doc, A.getAllChanges(doc))[0])
    document.update((doc) => doc)
    expect(told).toHaveLength(1)
  })

  test('may be answered by another', () => {
    const { document, told, type } = live()
    document.on('change', ({ patches }) => {
      if (patches.some((patch) => patch.action === 'splice' && patch.value === 'a')) type('b')
    })
    type('a')
    expect(readText(document.doc())).toBe('bahello')
    expect(told).toHaveLength(2)
  })

  test('is not made when its writing throws', () => {
    const { document, told, me } = live()
    const { heads } = document
    const fails = (doc: TextDoc) => {
      new TextEditor(doc, doc).splice(1, 0, 'a')
      throw new Error('no')
    }
    expect(() => document.write(me, fails, { time: 0 })).toThrow('no')
    expect(readText(document.doc())).toBe('hello')
    expect(document.heads).toEqual(heads)
    expect(told).toEqual([])
  })
})
