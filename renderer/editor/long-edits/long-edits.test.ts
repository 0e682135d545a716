import { AllSelection } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import { bytesOf, p, Writer } from '../binding/test-writer.ts'
import { moveBlocks } from '../commands/blocks.ts'
import { finish, stop } from './long-edits.ts'
import { redo, undo } from './take-back.ts'
import { SlowWriter } from './test-slow-writer.ts'

const blocks = [p('The first paragraph'), p('The second one'), p('The end')]

function selectAll({ editor }: Writer) {
  editor.dispatch(editor.state.tr.setSelection(new AllSelection(editor.state.doc)))
}

const typedOverAll = (writer: SlowWriter) => {
  selectAll(writer)
  writer.type('N')
  expect(writer.isBusy).toBe(true)
  return writer
}

describe('a letter typed over all', () => {
  test('is there at once, and writing goes on after it', () => {
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks)))
    expect(writer.blocks[0]).toEqual(p('N'))
    writer.frame()
    writer.type('ew')
    writer.finish()
    expect(writer.blocks).toEqual([p('New')])
  })

  test('is one event with what is written meanwhile', () => {
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks)))
    writer.frame()
    writer.type('ew')
    writer.finish()
    writer.run(undo).finish()
    expect(writer.blocks).toEqual(blocks)
    writer.run(redo).finish()
    expect(writer.blocks).toEqual([p('New')])
  })

  test('deletes nothing that somebody else writes meanwhile', () => {
    const bytes = bytesOf(blocks)
    const [writer, other] = [typedOverAll(new SlowWriter(bytes)), new Writer(bytes)]
    other.select(26).type('THEIRS')
    writer.take(other).finish()
    expect(JSON.stringify(writer.blocks)).toContain('THEIRS')
    writer.run(undo).finish()
    const text = writer.blocks.map(({ runs }) => runs[0]?.text ?? '').join(' ')
    expect(text.replace('THEIRS', '').replaceAll(/ +/g, ' ').trim()).toBe('The first paragraph The second one The end')
  })

  test('ends when the person may not write any more', () => {
    let canEdit = true
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks), () => canEdit))
    canEdit = false
    writer.frame()
    expect(writer.isBusy).toBe(false)
  })
})

describe('undo of something long', () => {
  function undoing() {
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks)))
    writer.finish()
    writer.run(undo).frame()
    expect(writer.isBusy).toBe(true)
    return writer
  }

  test('is not begun twice', () => {
    const writer = undoing()
    writer.run(undo).run(redo).finish()
    expect(writer.blocks).toEqual(blocks)
  })

  test('is stopped by writing, and goes on with the next undo after that', () => {
    const writer = undoing()
    writer.type('x')
    expect(writer.isBusy).toBe(false)
    writer.run(undo).run(undo).finish()
    expect(writer.blocks).toEqual(blocks)
  })

  test('can be redone as far as it came when it is stopped', () => {
    const writer = undoing()
    stop(writer.editor)
    expect(writer.isBusy).toBe(false)
    writer.run(redo).finish()
    expect(writer.blocks).toEqual([p('N')])
  })
})

test('undo of a deletion of everything goes in pieces', () => {
  const many = Array.from({ length: 20 }, () => p('a'))
  const writer = new SlowWriter(bytesOf(many))
  selectAll(writer)
  writer.editor.dispatch(writer.editor.state.tr.deleteSelection())
  writer.finish()
  writer.run(undo)
  expect(writer.isBusy).toBe(true)
  writer.finish()
  expect(writer.blocks).toEqual(many)
})

test('what moves is never there twice, however fast one move follows another', () => {
  const writer = new SlowWriter(bytesOf([p('The one that moves'), p('The second one'), p('The third one'), p('The end')]))
  writer.select(1).run(moveBlocks(1)).run(moveBlocks(1)).finish()
  expect(writer.blocks).toEqual([p('The second one'), p('The third one'), p('The one that moves'), p('The end')])
})

test('undo puts what was moved back at once, so that writing on leaves none of it behind', () => {
  const writer = new SlowWriter(bytesOf([p('The words that are dragged'), p('End')]))
  const { doc, tr } = writer.editor.state
  const moved = doc.slice(5, 20)
  tr.delete(5, 20).replace(tr.mapping.map(doc.content.size - 1), undefined, moved)
  writer.editor.dispatch(tr.setMeta('uiEvent', 'drop'))
  expect(writer.blocks).toEqual([p('The dragged'), p('Endwords that are ')])
  writer.run(undo).frame()
  writer.select(1).type('x').finish()
  expect(writer.blocks).toEqual([p('xThe words that are dragged'), p('End')])
})

describe('what is under way when the document is left', () => {
  test('is done before', () => {
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks)))
    finish(writer.editor)
    expect(writer.isBusy).toBe(false)
    expect(writer.blocks).toEqual([p('N')])
  })

  test('undo brings all back before', () => {
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks)))
    writer.finish()
    writer.run(undo)
    expect(writer.isBusy).toBe(true)
    finish(writer.editor)
    expect(writer.isBusy).toBe(false)
    expect(writer.blocks).toEqual(blocks)
  })

  test('is left as it is where the person may not write any more', () => {
    let canEdit = true
    const writer = typedOverAll(new SlowWriter(bytesOf(blocks), () => canEdit))
    canEdit = false
    finish(writer.editor)
    expect(writer.isBusy).toBe(false)
  })
})
