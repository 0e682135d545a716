import * as A from '@automerge/automerge/slim'
import type { Heads } from '../ids.ts'
import type { TextDoc } from '../text/document.ts'
import { changeOptions } from '../text/edit.ts'
import { restoreMessage } from './edits.ts'
import { Restoration } from './restore.ts'

/** Brings a version back at once, as one change. `time` is in milliseconds. */
export function restoreTo(doc: TextDoc, heads: Heads, time = Date.now()): TextDoc {
  const restoration = new Restoration(doc, heads)
  return A.change(doc, changeOptions({ time, message: restoreMessage }), (draft) => restoration.write(draft, doc))
}
