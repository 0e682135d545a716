import * as A from '@automerge/automerge/slim'
import type { Heads } from '../ids.ts'
import type { BlockContent, TextRun } from '../text/blocks.ts'
import type { TextDoc } from '../text/document.ts'
import { changeOptions, TextEditor } from '../text/edit.ts'
import { blockLength } from '../text/layout.ts'
import { readBlocks, readTitle } from '../text/read.ts'
import { settleMarks } from '../text/settle.ts'
import { type ComparedBlock, compareBlocks } from './compare.ts'
import { restoreMessage } from './edits.ts'

/**
 * Brings the title and the text of the version `heads` back, as one new change on top of everything since. Only what differs is written, so that what others
 * write at the same time elsewhere in the text is merged as usual. Returns `doc` itself when nothing differs. `time` is in milliseconds.
 */
export function restoreTo(doc: TextDoc, heads: Heads, time = Date.now()): TextDoc {
  const wanted = readBlocks(doc, heads)
  const title = readTitle(doc, heads)
  const compared = compareBlocks(readBlocks(doc), wanted)
  return A.change(doc, changeOptions({ time, message: restoreMessage }), (draft) => {
    if (title !== readTitle(doc)) A.updateText(draft, ['title'], title)
    const text = new TextEditor(draft, doc)
    writeBlocks(text, compared)
    formatBlocks(text, compared, wanted)
  })
}

/** Turns the present text into the wanted one, from the start to the end. */
function writeBlocks(text: TextEditor, compared: readonly ComparedBlock[]): void {
  let index = 0
  for (let block = 0; block < compared.length; block++) {
    const inserted = compared.slice(block, firstOther(compared, block)).map(({ marker, runs }) => ({ marker, runs }))
    if (inserted.length > 0) {
      text.insertContent(index, inserted)
      index += inserted.reduce((sum, content) => sum + blockLength(content), 0)
      block += inserted.length - 1
      continue
    }
    index = writeBlock(text, index, compared[block]!)
  }
}

/** Number of the first block from `start` on that is not inserted. */
function firstOther(compared: readonly ComparedBlock[], start: number): number {
  let end = start
  while (compared[end]?.change === 'inserted') end++
  return end
}

/** Returns the index after the block. */
function writeBlock(text: TextEditor, start: number, { change, marker, oldMarker, runs }: ComparedBlock): number {
  let index = start
  if (change === 'deleted') {
    text.splice(index, blockLength({ marker: oldMarker, runs }))
    return index
  }
  if (change === 'changed') {
    if (oldMarker && marker) text.updateBlock(index, marker)
    else if (oldMarker) text.splice(index, 1)
    else if (marker) text.splitBlock(index, marker)
  }
  if (marker) index++
  for (const run of runs) {
    if (run.change === 'deleted') text.splice(index, run.text.length)
    else index = writeRun(text, index, run, run.change === 'inserted')
  }
  return index
}

function writeRun(text: TextEditor, index: number, run: TextRun, isInserted: boolean): number {
  if (isInserted) text.splice(index, 0, run.text)
  return index + run.text.length
}

/** Sets the marks of blocks that were not left as they are. */
function formatBlocks(text: TextEditor, compared: readonly ComparedBlock[], wanted: readonly BlockContent[]): void {
  const kept = compared.filter(({ change }) => change !== 'deleted')
  let index = 0
  wanted.forEach((block, position) => {
    const { change, runs } = kept[position]!
    if (change === 'inserted' || runs.some((run) => run.change !== 'same')) {
      settleMarks(text, block.marker ? index + 1 : index, block.runs)
    }
    index += blockLength(block)
  })
}
