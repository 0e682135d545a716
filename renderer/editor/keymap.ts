import {
  chainCommands,
  createParagraphNear,
  deleteSelection,
  joinBackward,
  joinForward,
  selectAll,
  selectNodeBackward,
  selectNodeForward,
} from 'prosemirror-commands'
import { undoInputRule } from 'prosemirror-inputrules'
import { keymap } from 'prosemirror-keymap'
import { type Command, Plugin } from 'prosemirror-state'
import { formatKeys } from './commands/format-commands.ts'
import {
  backspaceAtStart,
  indent,
  insertLineBreak,
  insertTab,
  leftFromCode,
  newLineInCode,
  outdent,
  paragraphAfter,
  selectUnknownAfter,
  selectUnknownBefore,
  splitBlock,
} from './commands/structure.ts'
import { redo, undo } from './restored-versions.ts'

const backspace = chainCommands(undoInputRule, deleteSelection, backspaceAtStart, selectUnknownBefore, joinBackward, selectNodeBackward)
const remove = chainCommands(deleteSelection, selectUnknownAfter, joinForward, selectNodeForward)

/** From the first line of the text the arrow goes on to the title. */
const toTitle: Command = ({ selection }, _dispatch, view) => {
  const isFirstLine = selection.empty && selection.$from.index(0) === 0 && view?.endOfTextblock('up') === true
  const title = isFirstLine ? view.dom.closest('.document-page')?.querySelector<HTMLElement>('.document-title') : null
  title?.focus()
  return title != null
}

/** Keys of writing itself. */
const keys: Record<string, Command> = {
  ...formatKeys,
  Enter: chainCommands(newLineInCode, paragraphAfter, createParagraphNear, splitBlock),
  'Mod-Enter': insertLineBreak,
  Backspace: backspace,
  'Mod-Backspace': backspace,
  'Shift-Backspace': backspace,
  Delete: remove,
  'Mod-Delete': remove,
  'Shift-Tab': chainCommands(outdent, () => true),
  ArrowUp: toTitle,
  ArrowLeft: leftFromCode,
  'Mod-a': selectAll,
  'Mod-z': undo,
  // With nothing to redo it must not go on to what the key means without Shift.
  'Shift-Mod-z': chainCommands(redo, () => true),
  'Mod-y': redo,
}

export const writingKeys = (): Plugin => keymap(keys)

/** Tab writes or indents; after Escape it leaves the text, so that the keyboard alone gets everywhere. */
export function tabKey(): Plugin {
  let isLeaving = false
  const tab = chainCommands(indent, insertTab)
  return new Plugin({
    props: {
      handleKeyDown(view, event) {
        const leaves = isLeaving && event.key === 'Tab'
        isLeaving = event.key === 'Escape'
        if (leaves) return false
        if (event.key !== 'Tab' || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false
        return tab(view.state, view.dispatch, view)
      },
    },
  })
}
