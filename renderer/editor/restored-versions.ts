import { chainCommands } from 'prosemirror-commands'
import { closeHistory, isHistoryTransaction, redoDepth, undoDepth } from 'prosemirror-history'
import type { Node } from 'prosemirror-model'
import { type Command, type EditorState, Plugin, PluginKey } from 'prosemirror-state'
import type { Heads } from '../../core/ids.ts'
import { readTitle } from '../../core/text/read.ts'
import type { WatchedDocument } from '../documents/live-document.ts'
import { type BoundView, isOwn } from './binding/index.ts'
import { redo as redoText, undo as undoText } from './long-edits/take-back.ts'

/**
 * Undo of a version that was brought back.
 *
 * Restoring writes straight into the document, in pieces between which others may write, and comes to the editor like a change from elsewhere: its history does not know of it.
 * So it is noted here how many events the history had then. When undo has come down to these again, what was there before is brought back, as a restoring of its own. That would
 * take away what others have written since, so then the person is told instead.
 */

/** Something to bring back, and when it comes next. */
interface Note {
  readonly heads: Heads
  readonly bringBack: BringBack
  /** What it takes the place of. */
  readonly doc: Node
  readonly title: string
  /** How many events of the history are left then. */
  readonly depth: number
}

interface Notes {
  readonly undo: readonly Note[]
  readonly redo: readonly Note[]
  /** Whether something is being brought back. When the person writes meanwhile, there is no text left that this alone would undo. */
  readonly isUnderWay: boolean
}

type Side = 'undo' | 'redo'
/** Resolves when the document is as it was at `heads`. */
type BringBack = (heads: Heads) => Promise<unknown>

/** What to tell then. */
export const changedSince = 'The text was changed since. What was there before is in its history.'

const key = new PluginKey<Notes>('restoredVersions')
const keepers = new WeakMap<Plugin, Keeper>()
const depthIn = (state: EditorState, side: Side) => Number(side === 'undo' ? undoDepth(state) : redoDepth(state))

/** `tellChanged` is called when something was written since, so that nothing is taken back. */
export function restoredVersions(handle: WatchedDocument, tellChanged: () => void): Plugin<Notes> {
  const plugin = new Plugin<Notes>({
    key,
    state: {
      init: () => ({ undo: [], redo: [], isUnderWay: false }),
      apply(tr, notes) {
        const set = tr.getMeta(key) as Notes | undefined
        if (set) return set
        return isOwn(tr) && !isHistoryTransaction(tr) ? { ...notes, redo: [], isUnderWay: false } : notes
      },
    },
    view(view) {
      keepers.set(plugin, new Keeper(handle, view, tellChanged))
      return { destroy: () => keepers.delete(plugin) }
    },
  })
  return plugin
}

/** Notes that a version has come in the place of what was there at `before`. */
export function noteRestored(state: EditorState, before: Heads, bringBack: BringBack): void {
  keeperOf(state)?.note('undo', before, bringBack)
}

/** Takes back the version that was restored last, if nothing of the person's came after it. */
export const takeBackRestored: Command = bringBackNext('undo')

/** Takes back what was typed or restored last. */
export const undo: Command = chainCommands(takeBackRestored, undoText)

/** Does again what `undo` took back. */
export const redo: Command = chainCommands(bringBackNext('redo'), redoText)

function bringBackNext(side: Side): Command {
  return (state, dispatch) => {
    const notes = key.getState(state)
    if (!notes) return false
    if (notes.isUnderWay) return true
    const next = notes[side].at(-1)
    if (!next || next.depth !== depthIn(state, side)) return false
    if (dispatch) void keeperOf(state)?.bringBack(side, next)
    return true
  }
}

function keeperOf(state: EditorState): Keeper | undefined {
  const plugin = key.get(state)
  return plugin && keepers.get(plugin)
}

class Keeper {
  private readonly handle: WatchedDocument
  private readonly view: BoundView
  private readonly tellChanged: () => void

  constructor(handle: WatchedDocument, view: BoundView, tellChanged: () => void) {
    this.handle = handle
    this.view = view
    this.tellChanged = tellChanged
  }

  note(side: Side, heads: Heads, bringBack: BringBack): void {
    const { state } = this.view
    const note: Note = { heads, bringBack, doc: state.doc, title: this.title, depth: depthIn(state, side) }
    const notes = this.notes
    this.set({ ...notes, [side]: [...notes[side], note], isUnderWay: false })
  }

  async bringBack(side: Side, next: Note): Promise<void> {
    const notes = { ...this.notes, [side]: this.notes[side].slice(0, -1) }
    if (!next.doc.eq(this.view.state.doc) || next.title !== this.title) {
      this.set(notes)
      return this.tellChanged()
    }
    this.set({ ...notes, isUnderWay: true })
    const present = this.handle.heads as readonly string[] as Heads
    await next.bringBack(next.heads)
    if (keeperOf(this.view.state) === this && this.notes.isUnderWay) this.note(side === 'undo' ? 'redo' : 'undo', present, next.bringBack)
  }

  private get notes(): Notes {
    return key.getState(this.view.state)!
  }

  private get title(): string {
    return readTitle(this.handle.doc())
  }

  /** What is typed next begins an event of its own. */
  private set(notes: Notes): void {
    this.view.dispatch(closeHistory(this.view.state.tr).setMeta(key, notes))
  }
}
