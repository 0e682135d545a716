/** Types keystroke logs into documents: each transaction of a log is one change, a line feed a new paragraph. */
import type { TextDoc } from '../core/text/document.ts'
import { changeText, type TextEditor } from '../core/text/edit.ts'
import { implicitParagraph } from '../core/text/blocks.ts'

export type Patch = [position: number, deleted: number, inserted: string]

export interface LogTransaction {
  time: string
  patches: Patch[]
}

/** A new document begins with the marker of its first, empty paragraph; a log's position 0 is behind it. */
const textStart = 1

/** Applies one patch of a log. Positions count code points, which are UTF-16 units here: a log with others is refused. */
function applyPatch(text: TextEditor, [position, deleted, inserted]: Patch): void {
  if (/[\ud800-\udfff]/.test(inserted)) throw new RangeError('this log has characters outside the basic plane')
  let index = textStart + position
  text.splice(index, deleted)
  inserted.split('\n').forEach((line, number) => {
    if (number > 0) text.splitBlock(index++, implicitParagraph)
    text.splice(index, 0, line)
    index += line.length
  })
}

/** One transaction of a log, as one change at its own time. */
export function typeTransaction(doc: TextDoc, { time, patches }: LogTransaction): TextDoc {
  return changeText(doc, { time: Date.parse(time) }, (text) => {
    for (const patch of patches) applyPatch(text, patch)
  })
}
