import * as A from '@automerge/automerge/slim'
import { baseKeymap, setBlockType, splitBlock, toggleMark } from 'prosemirror-commands'
import { describe, expect, test, vi } from 'vitest'
import { TextEditor } from '../../../core/text/edit.ts'
import { nodeOfBlock } from '../convert.ts'
import { schema } from '../schema.ts'
import { redo, undo } from '../long-edits/take-back.ts'
import { block, bytesInSegments, h, p, strong, Writer, writer, writers } from './test-writer.ts'

describe('what the person does', () => {
  test('typing', () => {
    expect(writer(p('held')).select(3).type('llo wor').blocks).toEqual([p('hello world')])
  })

  test('Enter, and joining again', () => {
    const me = writer(h('one two')).select(4).run(splitBlock)
    expect(me.blocks.map(({ runs }) => runs[0]?.text)).toEqual(['one', ' two'])
    expect(me.run(baseKeymap.Backspace!).blocks).toEqual([h('one two')])
  })

  test('deleting across blocks keeps the first block', () => {
    const me = writer(h('one'), p('two'), p('three')).select(2, 11)
    expect(me.run(baseKeymap.Delete!).blocks).toEqual([h('oree')])
  })

  test('deleting everything leaves an empty block', () => {
    const me = writer(h('one'), p('two'))
    me.editor.dispatch(me.editor.state.tr.delete(0, me.editor.state.doc.content.size))
    expect(me.blocks.map(({ runs }) => runs)).toEqual([[]])
  })

  test('changing the type of several blocks updates their markers in place', () => {
    const me = writer(p('one'), p('two'), p('three'))
    const heads = A.getHeads(me.doc)
    me.select(2, 6).run(setBlockType(schema.nodes.heading!, { level: 1 }))
    expect(me.blocks).toEqual([h('one'), h('two'), p('three')])
    expect(A.diff(me.doc, heads, A.getHeads(me.doc)).every((patch) => patch.action === 'put')).toBe(true)
  })

  test('bold over two blocks, and typing on at its end', () => {
    const me = writer(p('one'), p('two')).select(2, 7).run(toggleMark(schema.marks.strong))
    expect(me.blocks).toEqual([p('o', ['ne', strong]), p(['tw', strong], 'o')])
    expect(me.select(7).type('X').blocks[1]).toEqual(p(['twX', strong], 'o'))
    expect(me.select(1).type('Y').blocks[0]).toEqual(p('Yo', ['ne', strong]))
  })

  test('turning a mark off and typing on', () => {
    const me = writer(p(['one', strong]))
      .select(4)
      .run(toggleMark(schema.marks.strong))
      .type('x')
    expect(me.blocks).toEqual([p(['one', strong], 'x')])
  })

  test('plain text typed where a shown mark hides another has neither', () => {
    const me = writer(p(['x', { subscript: true, superscript: true }])).select(2)
    me.editor.dispatch(me.editor.state.tr.setStoredMarks([]).insertText('y'))
    expect(me.blocks).toEqual([p(['x', { subscript: true, superscript: true }], 'y')])
  })

  test('typing at the end of a link does not lengthen it', () => {
    const link = { link: '{"href":"https:a","title":""}' }
    expect(
      writer(p(['one', link]))
        .select(4)
        .type('x').blocks,
    ).toEqual([p(['one', link], 'x')])
    expect(
      writer(p(['one', link]))
        .select(3)
        .type('x').blocks,
    ).toEqual([p(['onxe', link])])
  })

  test.each([
    ['is put in', (me: Writer) => me.editor.state.tr.insertText('\ud83d', 4), ['a😀\ufffdb']],
    ['is put in with more', (me: Writer) => me.editor.state.tr.insertText('x\ude00y', 4), ['a😀x\ufffdyb']],
    ['is pasted in a block', (me: Writer) => me.editor.state.tr.insert(0, nodeOfBlock(p('x\ud83dy'))), ['x\ufffdy', 'a😀b']],
    ['is taken out', (me: Writer) => me.editor.state.tr.delete(2, 3), ['a\ufffdb']],
    ['is taken out at the end', (me: Writer) => me.editor.state.tr.delete(3, 4), ['a\ufffdb']],
  ])('half a character that %s leaves all others as they are', (_, change, expected) => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {})
    const me = writer(p('a😀b'))
    me.editor.dispatch(change(me))
    expect(me.blocks).toEqual(expected.map((text) => p(text)))
    report.mockRestore()
  })

  test('making code of bold text hides the marks, and making text of it shows them again', () => {
    const me = writer(p('a ', ['bold', strong])).select(2)
    me.run(setBlockType(schema.nodes['code-block']!))
    me.run(setBlockType(schema.nodes.paragraph!))
    expect(me.blocks[0]!.runs.map(({ text }) => text).join('')).toBe('a bold')
  })

  describe('marks that did not show come to light', () => {
    const code = block('code-block', ['bold', strong])
    const shownIn = ({ editor }: Writer, index: number) => editor.state.doc.child(index).lastChild?.marks.map(({ type }) => type.name)

    test('where a code block joins a paragraph', () => {
      const me = writer(p('a'), code)
      me.editor.dispatch(me.editor.state.tr.join(3))
      expect(me.blocks).toEqual([p('a', ['bold', strong])])
      expect(shownIn(me, 0)).toEqual(['strong'])
    })

    test('where the end of a code block becomes a paragraph', () => {
      const me = writer(code)
      me.editor.dispatch(me.editor.state.tr.split(3, 1, [{ type: schema.nodes.paragraph! }]))
      expect(me.blocks[1]).toEqual(p(['ld', strong]))
      expect(shownIn(me, 1)).toEqual(['strong'])
    })

    test('where a deletion leaves the end of a code block in a paragraph', () => {
      const me = writer(p('a'), p('b'), code)
      me.editor.dispatch(me.editor.state.tr.delete(2, 9))
      expect(me.blocks).toEqual([p('a', ['ld', strong])])
      expect(shownIn(me, 0)).toEqual(['strong'])
    })

    test('where one that hid another is taken off', () => {
      const me = writer(p(['x', { subscript: true, superscript: true }]))
      const [shown] = me.editor.state.doc.child(0).firstChild!.marks
      me.editor.dispatch(me.editor.state.tr.removeMark(1, 2, shown))
      expect(me.blocks[0]?.runs[0]?.marks).not.toHaveProperty(shown!.type.name)
      expect(shownIn(me, 0)).toHaveLength(1)
    })
  })

  test('is one change with time, however many steps it had', () => {
    const me = writer(p('a b a b'))
    const heads = A.getHeads(me.doc)
    me.editor.dispatch(me.editor.state.tr.insertText('x', 1, 2).insertText('y', 5, 6))
    expect(me.blocks).toEqual([p('x b y b')])
    const changes = A.getChangesSince(me.doc, heads)
    expect(changes.map((change) => A.decodeChange(change).time)).toEqual([1])
  })

  test('is refused where they may only read', () => {
    const reader = new Writer(A.save(writer(p('text')).doc), false)
    reader.editor.dispatch(reader.editor.state.tr.insertText('x'))
    expect(reader.blocks).toEqual([p('text')])
  })

  test('undo and redo', () => {
    const me = writer(p('one')).select(4).type('!').run(splitBlock).type('two')
    while (undo(me.editor.state)) me.run(undo)
    expect(me.blocks).toEqual([p('one')])
    while (redo(me.editor.state)) me.run(redo)
    expect(me.blocks).toEqual([p('one!'), p('two')])
  })
})

describe('what comes from elsewhere', () => {
  test('is shown as the smallest step and keeps the caret where it was', () => {
    const [me, other] = writers(p('hello world'))
    me.select(6)
    other.select(1).type('Oh, ')
    me.take(other)
    expect(me.editor.state.selection.head).toBe(10)
    other.select(10).type('!')
    me.take(other)
    expect(me.editor.state.selection.head).toBe(10)
    expect(me.blocks).toEqual([p('Oh, hello! world')])
  })

  test('splits, joins, types and marks, in one batch', () => {
    const [me, other] = writers(p('one two'), h('three'), p('four'))
    other.select(4).run(splitBlock).select(6).run(setBlockType(schema.nodes['code-block']!))
    other.select(10).run(baseKeymap.Backspace!)
    other.select(1, 3).run(toggleMark(schema.marks.em))
    me.take(other)
    expect(me.blocks).toEqual(other.blocks)
  })

  test('meets what was written here at the same time', () => {
    const [me, other] = writers(p('one'), p('two'))
    me.select(4).type(' mine')
    other.select(4).run(splitBlock).type('theirs')
    me.take(other)
    other.take(me)
    expect(me.blocks).toEqual(other.blocks)
    expect(JSON.stringify(me.blocks)).toMatch(/mine/)
    expect(JSON.stringify(me.blocks)).toMatch(/theirs/)
  })

  test('is not undone by the person', () => {
    const [me, other] = writers(p('one'))
    me.select(4).type('!')
    other.select(1).type('zero ')
    me.take(other)
    expect(me.run(undo).blocks).toEqual([p('zero one')])
  })

  test('undo keeps what others wrote into the person’s own text', () => {
    const [me, other] = writers(p('one'))
    me.select(4).type(' two three')
    other.take(me)
    other.select(8).type(' THEIRS').run(splitBlock).type('MORE')
    me.take(other)
    expect(me.run(undo).blocks).toEqual([p('one THEIRS'), p('MORE')])
    other.take(me)
    expect(other.blocks).toEqual(me.blocks)
  })

  test('undo keeps a letter that another put in the place of one of the person’s', () => {
    const [me, other] = writers(p('one'))
    me.select(4).type(' abc')
    other.take(me)
    other.editor.dispatch(other.editor.state.tr.insertText('X', 6, 7))
    me.take(other)
    expect(me.blocks).toEqual([p('one aXc')])
    expect(me.run(undo).blocks).toEqual([p('oneX')])
    expect(me.run(redo).blocks).toEqual([p('one aXc')])
  })

  test('redo brings back only what undo took away, around what others wrote', () => {
    const [me, other] = writers(p('one'))
    me.select(4).type(' two three')
    other.take(me)
    other.select(8).type(' THEIRS').run(splitBlock).type('MORE')
    me.take(other).run(undo)
    other.select(19).type('!')
    me.take(other)
    expect(me.run(redo).blocks).toEqual([p('one two THEIRS'), p('MOR!E three')])
    expect(me.run(undo).blocks).toEqual([p('one THEIRS'), p('MOR!E')])
    expect(me.run(redo).blocks).toEqual([p('one two THEIRS'), p('MOR!E three')])
    other.take(me)
    expect(other.blocks).toEqual(me.blocks)
  })

  test('an earlier edit can still be undone after one in which others had written', () => {
    const [me, other] = writers(p('one'))
    me.select(1).type('A').select(5).type('XY')
    other.take(me)
    other.select(6).type('theirs')
    me.take(other)
    expect(me.run(undo).blocks).toEqual([p('Aonetheirs')])
    expect(me.run(undo).blocks).toEqual([p('onetheirs')])
    expect(me.run(redo).run(redo).blocks).toEqual([p('AoneXtheirsY')])
  })

  test('may leave text before the first marker, which is shown as a paragraph', () => {
    const [me, other] = writers(p('one'), p('two'))
    me.editor.dispatch(me.editor.state.tr.delete(0, 5))
    other.select(3).type('X')
    me.take(other)
    other.take(me)
    expect(me.blocks).toEqual([{ marker: null, runs: [{ text: 'X', marks: {} }] }, p('two')])
    expect(me.select(0).type('Y').blocks).toEqual(me.blocks)
    me.run(setBlockType(schema.nodes.heading!, { level: 1 }))
    expect(me.blocks[0]!.marker?.type).toBe('heading')
  })

  test('unknown blocks and marks are shown and kept', () => {
    const [me] = writers(block('poem', ['line', { sparkle: 'gold' }]), p('after'))
    me.select(7).type('x')
    expect(me.blocks[0]).toEqual(block('poem', ['line', { sparkle: 'gold' }]))
  })

  test('a text that another tool put in the place of one is the one that is written in', () => {
    const [me, other] = writers(p('one'))
    me.select(4).type('!')
    other.take(me)
    other.handle.change((draft) => {
      draft.segments[0]!.text = 'new'
    })
    me.take(other)
      .select(4)
      .type('er')
      .select(0)
      .run(setBlockType(schema.nodes.heading!, { level: 1 }))
    expect(me.blocks).toEqual([h('newer')])
    other.take(me)
    expect(other.blocks).toEqual(me.blocks)
  })

  test('marks at both ends of an empty block are told apart where each is in a segment of its own', () => {
    const bytes = bytesInSegments([p('ab'), p(), p('c')], 2)
    const [me, other] = [new Writer(bytes), new Writer(bytes)]
    other.select(2, 6).run(toggleMark(schema.marks.strong))
    me.take(other)
    expect(me.blocks).toEqual([p('a', ['b', strong]), p(), p(['c', strong])])
  })

  test('letters typed one after the other where another tool’s mark does not grow stay as the person sees them', () => {
    const me = writer(p('ab'))
    me.handle.change((draft) => new TextEditor(draft, me.doc).mark(1, 3, 'strong', true, 'none'))
    expect(me.select(3).type('cde').blocks).toEqual([p(['abcde', strong])])
  })

  test('a change made by another tool through the handle is shown', () => {
    const [me] = writers(p('one'))
    me.handle.change((draft) => new TextEditor(draft, me.doc).splice(4, 0, ' more'))
    expect(me.blocks).toEqual([p('one more')])
  })
})
