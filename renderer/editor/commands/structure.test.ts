import { AllSelection } from 'prosemirror-state'
import { describe, expect, test } from 'vitest'
import { schema } from '../schema.ts'
import { insertBlock, moveBlocks, moveBlockTo, setBlock, toggleBlock } from './blocks.ts'
import { backspaceAtStart, indent, newLineInCode, outdent, splitBlock } from './structure.ts'
import { after, stateOf } from './test-blocks.ts'

describe('Enter', () => {
  test('splits a paragraph', () => expect(after(splitBlock, 'p: one|two')).toEqual(['p: one', 'p: |two']))
  test('goes on from a heading with a paragraph', () => expect(after(splitBlock, 'h1: title|')).toEqual(['h1: title', 'p: |']))
  test('makes room above a heading', () => expect(after(splitBlock, 'h1: |title')).toEqual(['p:', 'h1: |title']))
  test('makes the next item', () => expect(after(splitBlock, 'ul: one|')).toEqual(['ul: one', 'ul: |']))
  test('makes a new task that is open', () => expect(after(splitBlock, 'done: one|')).toEqual(['done: one', 'task: |']))
  test('leaves the tick with the text', () => expect(after(splitBlock, 'done: |one')).toEqual(['task:', 'done: |one']))
  test('stays in a quote', () => expect(after(splitBlock, 'quote: one|')).toEqual(['quote: one', 'quote/p: |']))
  test('replaces whole blocks that are selected up to the start of another', () => {
    expect(after(splitBlock, 'p: before', 'p: |one', 'code: x', 'ul: |two')).toEqual(['p: before', 'ul:', 'ul: |two'])
    expect(after(splitBlock, 'h1: |one', 'code: |x')).toEqual(['code: |x'])
  })
  test('over everything leaves an empty block', () => {
    const state = stateOf('p: one', 'p: two')
    const all = state.apply(state.tr.setSelection(new AllSelection(state.doc)))
    splitBlock(all, ({ doc: left }) => expect(left.toString()).toBe('doc(paragraph)'))
    expect.assertions(1)
  })
  test('replaces the selection', () => expect(after(splitBlock, 'ul: o|n|e')).toEqual(['ul: o', 'ul: |e']))
  test('takes an empty nested item one level out', () => expect(after(splitBlock, 'ul: one', 'ul/ol: |')).toEqual(['ul: one', 'ol: |']))
  test('ends a list at an empty item', () => expect(after(splitBlock, 'ul: one', 'ul: |')).toEqual(['ul: one', 'p: |']))
  test('ends a quote at an empty line', () => expect(after(splitBlock, 'quote: one', 'quote/p: |')).toEqual(['quote: one', 'p: |']))
  test('keeps what stands in an item that stops being one', () =>
    expect(after(splitBlock, 'ul: |', 'ul/ul: child')).toEqual(['p: |', 'ul: child']))
})

describe('Backspace at the start', () => {
  test('turns an item into a paragraph', () => expect(after(backspaceAtStart, 'ul: |one')).toEqual(['p: |one']))
  test('turns a nested item into text of the item around it', () =>
    expect(after(backspaceAtStart, 'ul: one', 'ul/ul: |two')).toEqual(['ul: one', 'ul/p: |two']))
  test('then takes that out', () => expect(after(backspaceAtStart, 'ul: one', 'ul/p: |two')).toEqual(['ul: one', 'p: |two']))
  test('then leaves the join to others', () => expect(after(backspaceAtStart, 'ul: one', 'p: |two')).toBeNull())
  test('turns a heading into a paragraph', () => expect(after(backspaceAtStart, 'h2: |one')).toEqual(['p: |one']))
  test('leaves code with text alone', () => expect(after(backspaceAtStart, 'code: |one')).toBeNull())
  test('does nothing inside a block', () => expect(after(backspaceAtStart, 'ul: o|ne')).toBeNull())
})

describe('indenting', () => {
  test('puts an item into the one before', () => expect(after(indent, 'ul: a', 'ol: |b')).toEqual(['ul: a', 'ul/ol: |b']))
  test('takes along what stands in it', () =>
    expect(after(indent, 'ul: a', 'ul: |b', 'ul/ol: c', 'ul: d')).toEqual(['ul: a', 'ul/ul: |b', 'ul/ul/ol: c', 'ul: d']))
  test('is not possible for the first item', () => expect(after(indent, 'ul: |a')).toBeNull())
  test('is not possible twice', () => expect(after(indent, 'ul: a', 'ul/ul: |b')).toBeNull())
  test('puts a paragraph into an item', () => expect(after(indent, 'ul: a', 'p: |b')).toEqual(['ul: a', 'ul/p: |b']))
  test('takes all selected items', () =>
    expect(after(indent, 'ul: a', 'ul: b|', 'ul: c|', 'ul: d')).toEqual(['ul: a', 'ul/ul: b|', 'ul/ul: c|', 'ul: d']))
  test('and back', () => expect(after(outdent, 'ul: a', 'ul/ul: |b', 'ul/ul/ol: c')).toEqual(['ul: a', 'ul: |b', 'ul/ol: c']))
  test('going out takes over the items that follow', () =>
    expect(after(outdent, 'ul: a', 'ul/ol: |b', 'ul/ol: c')).toEqual(['ul: a', 'ol: |b', 'ol/ol: c']))
  test('an item at the margin becomes a paragraph', () => expect(after(outdent, 'ul: |a')).toEqual(['p: |a']))
  test('a paragraph at the margin stays', () => expect(after(outdent, 'p: |a')).toBeNull())
})

describe('turning blocks into others', () => {
  test('on', () => expect(after(toggleBlock('unordered-list-item'), 'p: |a', 'p: b|')).toEqual(['ul: |a', 'ul: b|']))
  test('and off', () => expect(after(toggleBlock('unordered-list-item'), 'ul: |a', 'ul: b|')).toEqual(['p: |a', 'p: b|']))
  test('carries nested items over to the new kind', () =>
    expect(after(toggleBlock('ordered-list-item'), 'ul: a|', 'ul/ul: b')).toEqual(['ol: a|', 'ol/ul: b']))
  test('leaves pictures and dividers alone', () =>
    expect(after(setBlock('heading', { level: 1 }), 'p: a|', 'hr:', 'p: b|')).toEqual(['h1: a|', 'hr:', 'h1: b|']))
  test('a quote is opened by its first paragraph', () =>
    expect(after(toggleBlock('blockquote'), 'p: a|', 'ul: b', 'p: c|')).toEqual(['quote: a|', 'quote/ul: b', 'quote/p: c|']))
  test('and taken away from all', () =>
    expect(after(toggleBlock('blockquote'), 'quote: a|', 'quote/ul: b', 'quote/p: c|')).toEqual(['p: a|', 'ul: b', 'p: c|']))
  test('blocks become the lines of one code block', () =>
    expect(after(toggleBlock('code-block'), 'p: a|', 'ul: b|')).toEqual(['code: a\nb|']))
  test('and lines become paragraphs', () => expect(after(toggleBlock('code-block'), 'code: |a\nb')).toEqual(['p: |a', 'p: b']))
})

describe('inserting a divider', () => {
  const divider = insertBlock(schema.node('divider'))
  test('takes the place of an empty block', () => expect(after(divider, 'p: a', 'p: |')).toEqual(['p: a', 'hr:', 'p: |']))
  test('stands in the item of the caret', () => expect(after(divider, 'ul: a|', 'ul: b')).toEqual(['ul: a', 'ul/hr:', 'ul/p: |', 'ul: b']))
  test('uses an empty paragraph that is there', () => expect(after(divider, 'p: a|', 'p:')).toEqual(['p: a', 'hr:', 'p: |']))
})

describe('moving blocks', () => {
  test('down, with what stands in them', () =>
    expect(after(moveBlocks(1), 'ul: a|', 'ul/ul: b', 'ul: c', 'ul/ul: d')).toEqual(['ul: c', 'ul/ul: d', 'ul: a|', 'ul/ul: b']))
  test('up', () => expect(after(moveBlocks(-1), 'p: a', 'h1: b|')).toEqual(['h1: b|', 'p: a']))
  test('not past the end', () => expect(after(moveBlocks(1), 'p: a|')).toBeNull())
  test('an item moved to where nothing holds it stands free', () =>
    expect(after(moveBlocks(-1), 'ul: a', 'ul/ul: b|')).toEqual(['ul: b|', 'ul: a']))
})

describe('code', () => {
  test('keeps the indentation of a line', () => expect(after(newLineInCode, 'code: \ta|')).toEqual(['code: \ta\n\t|']))
  test('is left where the lines are set in, too', () => expect(after(newLineInCode, 'code: \ta\n\t\n\t|')).toEqual(['code: \ta', 'p: |']))
  test('is left by a third line break at its end', () => expect(after(newLineInCode, 'code: a\n\n|')).toEqual(['code: a', 'p: |']))
})

describe('dragging a block', () => {
  test('takes along what stands in it', () =>
    expect(after(moveBlockTo(1, 4), 'p: a', 'ul: b', 'ul/ul: c', 'p: d|', 'p: e')).toEqual(['p: a', 'p: d', 'ul: |b', 'ul/ul: c', 'p: e']))
  test('up too', () => expect(after(moveBlockTo(2, 0), 'p: a', 'p: b', 'p: c|')).toEqual(['p: |c', 'p: a', 'p: b']))
  test('out of its list', () => expect(after(moveBlockTo(1, 3), 'ul: a', 'ul/ol: b|', 'p: c')).toEqual(['ul: a', 'p: c', 'ol: |b']))
  test('to the end', () => expect(after(moveBlockTo(0, 2), 'h1: |a', 'p: b')).toEqual(['p: b', 'h1: |a']))
  test('to where it stands does nothing', () => expect(after(moveBlockTo(0, 2), 'ul: a|', 'ul/p: b', 'p: c')).toBeNull())
})
