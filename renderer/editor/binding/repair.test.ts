import * as A from '@automerge/automerge/slim'
import { deleteSelection, setBlockType, splitBlock, toggleMark } from 'prosemirror-commands'
import { NodeSelection } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import type { Block } from '../../../core/text/blocks.ts'
import { TextEditor } from '../../../core/text/edit.ts'
import { moveBlocks, moveBlockTo } from '../commands/blocks.ts'
import { selectUnknownAfter, selectUnknownBefore } from '../commands/structure.ts'
import { schema } from '../schema.ts'
import { block, p, strong, type Writer, writers } from './test-writer.ts'

/** What two people make at the same time that the schema has no place for, or that this version does not know. */

/** Both take what the other has. Nobody writes anything because of it. */
function exchange(one: Writer, other: Writer) {
  const merged = A.getHeads(A.merge(A.clone(one.doc), other.doc)).sort()
  one.take(other)
  other.take(one)
  for (const { doc } of [one, other]) expect(A.getHeads(doc).sort()).toEqual(merged)
  expect(one.editor.state.doc.toJSON()).toEqual(other.editor.state.doc.toJSON())
}

const heading: Block = { type: 'heading', parents: [], attrs: { level: 2 }, isEmbed: false }
const makeList = setBlockType(schema.nodes['unordered-list-item']!)
const texts = ({ blocks }: Writer) => blocks.map(({ runs }) => runs.map(({ text }) => text).join(''))
const types = ({ blocks }: Writer) => blocks.map(({ marker }) => marker?.type)

describe('what somebody writes in blocks that another moves something past stays in them', () => {
  test.each([
    ['far down', moveBlockTo(0, 3), ['second', 'the third one', 'first', 'end']],
    ['far up', moveBlockTo(3, 0), ['end', 'first', 'second', 'the third one']],
    ['one down', moveBlocks(1), ['second', 'first', 'the third one', 'end']],
  ])('%s', (_, move, expected) => {
    const [me, other] = writers(p('first'), p('second'), p('the third one'), p('end'))
    me.select(1).run(move)
    expect(texts(me)).toEqual(expected)
    other.select(18).type('VERY ')
    exchange(me, other)
    expect(texts(me)).toEqual(expected.map((text) => text.replace('third', 'VERY third')))
  })
})

describe('a merge that the schema has no place for is shown alike by everybody, and written back by nobody', () => {
  test('one makes a heading of a block, the other a list item', () => {
    const [me, other] = writers(p('one'), p('two'))
    me.select(6).run(setBlockType(schema.nodes.heading!, { level: 2 }))
    other.select(6).run(makeList)
    exchange(me, other)
    expect(types(me)[0]).toBe('paragraph')
    expect(['heading', 'unordered-list-item']).toContain(types(me)[1])
    expect(texts(me)).toEqual(['one', 'two'])
  })

  test('one makes words bold, the other makes a code block of them: bold is kept and shown where it can be', () => {
    const [me, other] = writers(p('some words'))
    me.select(6, 11).run(toggleMark(schema.marks.strong))
    other.select(1).run(setBlockType(schema.nodes['code-block']!))
    exchange(me, other)
    expect(me.editor.state.doc.child(0).toJSON().content).toEqual([{ type: 'text', text: 'some words' }])
    expect(me.blocks[0]?.runs).toEqual(p('some ', ['words', strong]).runs)
    me.handle.change((draft) => new TextEditor(draft, me.doc).updateBlock(0, { ...heading, type: 'paragraph', attrs: {} }))
    expect(me.editor.state.doc.child(0).lastChild?.marks).toEqual([schema.marks.strong.create()])
  })

  test('one deletes a list, the other writes in it: the text stays, in the block before', () => {
    const list = ['first', 'second', 'third'].map((text) => block('unordered-list-item', text))
    const [me, other] = writers(p('before'), ...list, p('after'))
    me.select(7, 26).run(deleteSelection)
    other.select(20).type(' THEIRS')
    exchange(me, other)
    expect(texts(me)).toEqual(['before THEIRS', 'after'])
    expect(types(me)).toEqual(['paragraph', 'paragraph'])
  })

  test('two lists of different kinds come to stand side by side, and both keep their kind', () => {
    const [me, other] = writers(p('before'), p('after'))
    const add = (writer: Writer, kind: 'ordered-list-item' | 'unordered-list-item', ...items: string[]) => {
      writer.select(7)
      for (const item of items) {
        writer.run(splitBlock).run(setBlockType(schema.nodes[kind]!)).type(item)
      }
    }
    add(me, 'ordered-list-item', 'a', 'b')
    add(other, 'unordered-list-item', 'c', 'd')
    exchange(me, other)
    expect(types(me).filter((type) => type === 'ordered-list-item')).toHaveLength(2)
    expect(types(me).filter((type) => type === 'unordered-list-item')).toHaveLength(2)
    for (const item of 'abcd') expect(texts(me)).toContain(item)
  })

  test('one takes a list apart while the other sorts it in under a quote', () => {
    const [me, other] = writers(block('unordered-list-item', 'one'), block('unordered-list-item', 'two'))
    me.select(5).run(setBlockType(schema.nodes.paragraph!))
    other.handle.change((draft) =>
      new TextEditor(draft, other.doc).updateBlock(4, { type: 'unordered-list-item', parents: ['blockquote'], attrs: {}, isEmbed: false }),
    )
    exchange(me, other)
    expect(me.blocks[1]?.marker).toEqual({ type: 'paragraph', parents: ['blockquote'], attrs: {}, isEmbed: false })
  })
})

describe('what a newer version made', () => {
  const poem = { type: 'poem', parents: [], attrs: { meter: 'iamb' }, isEmbed: false }

  test('is shown, and stays as it is when what stands around it is edited', () => {
    const [me, other] = writers(p('before'), { marker: poem, runs: [{ text: 'a line', marks: { sparkle: 'gold' } }] }, p('after'))
    expect(me.editor.state.doc.child(1).type.name).toBe('unknown')
    expect(me.editor.state.doc.child(1).textContent).toBe('a line')
    me.select(1).type('x').select(18).type('y').run(splitBlock)
    exchange(me, other)
    expect(other.blocks[1]).toEqual({ marker: poem, runs: [{ text: 'a line', marks: { sparkle: 'gold' } }] })
  })

  test('is not edited: its text takes no caret, and Backspace and Delete beside it only select it', () => {
    const poetry = { marker: poem, runs: [{ text: 'a line', marks: {} }] }
    const [me] = writers(p('before'), poetry, p('after'))
    const { toDOM, isolating } = schema.nodes.unknown!.spec
    expect(toDOM?.(me.editor.state.doc.child(1))).toMatchObject(['div', { contenteditable: 'false' }, ['p', 0]])
    expect(isolating).toBe(true)
    for (const [place, command] of [
      [7, selectUnknownAfter],
      [15, selectUnknownBefore],
    ] as const) {
      me.select(place).run(command)
      expect(me.editor.state.selection).toBeInstanceOf(NodeSelection)
      expect(me.editor.state.selection.from).toBe(8)
    }
    expect(me.blocks).toEqual([p('before'), poetry, p('after')])
  })
})
