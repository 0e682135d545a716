import * as A from '@automerge/automerge/slim'
import type { Node } from 'prosemirror-model'
import { EditorState, Plugin, PluginKey, type Transaction } from 'prosemirror-state'
import { Mapping, type StepMap } from 'prosemirror-transform'
import type { EditorView } from 'prosemirror-view'
import type { MarkSet } from '../../../core/text/blocks.ts'
import type { TextDoc } from '../../../core/text/document.ts'
import { TextEditor } from '../../../core/text/edit.ts'
import { type Hunk, TextChanges, type Touched, textChanges } from '../../../core/text/patches.ts'
import { RangeReader, readBlocks } from '../../../core/text/read.ts'
import { SegmentIds } from '../../../core/text/segments.ts'
import { settleMarks } from '../../../core/text/settle.ts'
import { readMarks } from '../../../core/text/stored-block.ts'
import type { DocumentChange, WatchedDocument } from '../../documents/live-document.ts'
import { nodeOfBlocks } from '../convert.ts'
import { KeepingEditor } from './keeping-editor.ts'
import { type Written, writeDifference, writeTransaction } from './local.ts'
import { shownMarks } from './marks.ts'
import { indexAt, placeOfBlock } from './positions.ts'
import { reconcileStretches } from './reconcile.ts'
import { remoteEdit } from './remote.ts'
import { withoutKept } from './undo.ts'

/**
 * Keeps an editor and a document equal.
 *
 * The invariant: outside this file's functions the editor's document is `documentNode(handle.doc())`. A transaction of the person's is written to
 * the document before anything else can happen, in one change; a change that came from elsewhere becomes one transaction. Both are done
 * without looking at more than what changed. Where the two still differ in a place (the document stores a mark that the schema
 * could not show until now), the editor follows the document. When something throws, the person's text is written by comparing
 * the whole; only when that fails too does the editor start again from the document.
 */

/** The part of an `EditorView` that the binding needs. */
export interface BoundView {
  readonly state: EditorState
  dispatch(tr: Transaction): void
}

export interface BindingOptions {
  /** Whether the person may change the text. Transactions that do are refused otherwise. */
  canEdit?: () => boolean
  /** Milliseconds since 1970, for the label of a change. */
  now?: () => number
}

/** What the person did and is not written yet: a chain back to what is. */
interface Pending {
  readonly tr: Transaction | null
  previous: Pending | null
}

const key = new PluginKey<Pending>('binding')
const fromDocument = 'fromDocument'
const bindings = new WeakMap<Plugin, Binding>()

/** The editor's document for a text document. */
export const documentNode = (doc: TextDoc): Node => nodeOfBlocks(readBlocks(doc))

/**
 * A plugin that binds an editor to a handle, and the document the editor must start with. Put it first among the plugins, so that what the others do in
 * response is already written.
 */
export function bindingPlugin(handle: WatchedDocument, options: BindingOptions = {}): { doc: Node; plugin: Plugin } {
  const heads = A.getHeads(handle.doc())
  const canEdit = options.canEdit ?? (() => true)
  const plugin = new Plugin<Pending>({
    key,
    state: {
      init: () => ({ tr: null, previous: null }),
      apply: (tr, pending) => (isOwn(tr) ? { tr, previous: pending } : pending),
    },
    filterTransaction: (tr) => !tr.docChanged || isFromDocument(tr) || canEdit(),
    view(view) {
      const binding = new Binding(handle, view, heads, { canEdit, now: options.now ?? Date.now })
      bindings.set(plugin, binding)
      return { update: () => binding.update(), destroy: () => binding.end() }
    },
  })
  return { doc: documentNode(handle.doc()), plugin }
}

const isFromDocument = (tr: Transaction) => tr.getMeta(key) === fromDocument

/** Whether a transaction is an edit of the person's. */
export const isOwn = (tr: Transaction): boolean => tr.docChanged && !isFromDocument(tr)

/**
 * Writes a transaction of the history's, but for what others wrote, and hands over what to dispatch instead. `kept` is what its document has more
 * than the history's. Nothing is handed over when that failed.
 */
export function takeBack(state: EditorState, all: Transaction, dispatch: (tr: Transaction, kept: readonly StepMap[]) => void): void {
  const plugin = key.get(state)
  const binding = plugin && bindings.get(plugin)
  if (binding) binding.takeBack(all, dispatch)
  else dispatch(all, [])
}

/** The text of the block in which an input method is composing a word, as a stretch of the sequence; null while none is. */
export function composedStretch(view: EditorView): Touched | null {
  const plugin = key.get(view.state)
  return (view.composing && plugin && bindings.get(plugin)?.textAtCaret()) || null
}

const changesOf = ({ patches, patchInfo: { before, heads } }: DocumentChange, after: TextDoc) =>
  textChanges({ before, heads }, after, patches)

class Binding {
  private readonly handle: WatchedDocument
  private readonly view: BoundView
  private readonly now: () => number
  private readonly canEdit: () => boolean
  private written: Pending
  private hasMarker: boolean
  private readonly ids = new SegmentIds()
  /** Whether anybody else has written since the editor began: before that, all that undo deletes is the person's own. */
  private hasOthers = false
  /** What the last change of ours did, once the document has told it. */
  private told: DocumentChange | null = null
  /** Marks that the text inserted by the last change should have, until the document has told which it has. */
  private typed: MarkSet | null = null

  constructor(handle: WatchedDocument, view: BoundView, heads: A.Heads, { canEdit, now }: Required<BindingOptions>) {
    this.handle = handle
    this.view = view
    this.now = now
    this.canEdit = canEdit
    this.written = key.getState(view.state)!
    this.hasMarker = new RangeReader(handle.doc()).startsWithMarker()
    handle.on('change', this.noticeChange)
    if (A.getHeads(handle.doc()).join() !== heads.join()) this.startAgain()
  }

  end(): void {
    // What was typed last is still to be compared with what it became.
    this.handle.doc()
    this.handle.off('change', this.noticeChange)
  }

  textAtCaret(): Touched | null {
    const { doc, selection } = this.view.state
    const { $head } = selection
    if (!$head.parent.isTextblock) return null
    const from = indexAt(doc, $head.start(), this.hasMarker)
    return { from, to: from + $head.parent.content.size }
  }

  /** Called after every change of the editor's state. */
  update(): void {
    const transactions = this.takePending()
    if (transactions === 'unknown') return this.writeWhole()
    if (transactions.length === 0) return
    try {
      this.write(transactions)
    } catch (fault) {
      console.error('The binding could not write a transaction as it is', fault)
      this.writeWhole()
    }
  }

  private takePending(): Transaction[] | 'unknown' {
    const latest = key.getState(this.view.state)!
    const transactions: Transaction[] = []
    let pending: Pending | null = latest
    for (; pending && pending !== this.written; pending = pending.previous) if (pending.tr) transactions.unshift(pending.tr)
    const isKnown = pending !== null
    this.written = latest
    latest.previous = null
    return isKnown ? transactions : 'unknown'
  }

  takeBack(all: Transaction, dispatch: (tr: Transaction, kept: readonly StepMap[]) => void): void {
    const { state } = this.view
    if (all.before !== state.doc || !this.canEdit()) return dispatch(all, [])
    try {
      const { changes, kept, hasMarker } = this.writeOwn(all)
      if (kept.length === 0) {
        this.hasMarker = hasMarker
        dispatch(all.setMeta(key, fromDocument), [])
        this.reconcile(changes, [all])
        return
      }
      const text = this.reader()
      const own = remoteEdit(state, changes, text, this.hasMarker)
      const rest = remoteEdit(EditorState.create({ doc: all.doc, selection: all.selection }), { hunks: kept, touched: [] }, text, hasMarker)
      this.hasMarker = own.hasMarker
      const tr = withoutKept(state, { all, kept: rest.tr, own: own.tr, isExact: own.isExact })
      if (all.scrolledIntoView) tr.scrollIntoView()
      dispatch(tr.setMeta(key, fromDocument), rest.tr.mapping.maps)
      if (own.hasFault) this.reportFault('what was taken back')
    } catch (fault) {
      console.error('The binding could not take back what was done', fault)
      this.startAgain()
    }
  }

  private writeOwn(all: Transaction): { changes: TextChanges; kept: Hunk[]; hasMarker: boolean } {
    let kept: Hunk[] = []
    let { hasMarker } = this
    this.change((text) => {
      const keeping = this.hasOthers ? new KeepingEditor(text, A.getActorId(this.handle.doc())) : null
      hasMarker = writeTransaction(keeping ?? text, all, hasMarker).hasMarker
      kept = keeping?.hunks ?? []
    })
    return { changes: this.whatChanged(), kept, hasMarker }
  }

  private write(transactions: readonly Transaction[]): void {
    const written: Written[] = []
    this.change((text) => {
      const isTyping = transactions.length === 1
      for (const tr of transactions) written.push(writeTransaction(text, tr, written.at(-1)?.hasMarker ?? this.hasMarker, isTyping))
    })
    this.hasMarker = written.at(-1)!.hasMarker
    const typed = written.find((one) => one.typed !== null)?.typed ?? null
    const isCertain = written.every((one) => one.isCertain) && (typed === null || written.length === 1)
    if (isCertain) this.typed = typed
    else this.reconcile(this.whatChanged(), transactions)
  }

  /** One change of ours. */
  private change(edit: (text: TextEditor) => void): void {
    this.handle.write(
      this,
      (doc) => {
        this.told = null
        edit(new TextEditor(doc, doc, this.ids, this.handle.heads))
      },
      { time: Math.floor(this.now() / 1000) },
    )
  }

  /** What the change just made did. */
  private whatChanged(): TextChanges {
    const after = this.handle.doc()
    return this.told ? changesOf(this.told, after) : new TextChanges([])
  }

  /** The document tells what a change of ours did. The editor may already show more than that. */
  private noticeOwn(change: DocumentChange): void {
    const { typed } = this
    this.told = change
    this.typed = null
    if (typed === null || this.isAsTyped(change.patches, typed)) return
    const { hunks } = changesOf(change, this.handle.doc())
    this.change((text) => {
      for (const { newFrom, newTo } of hunks) settleMarks(text, newFrom, [{ text: ' '.repeat(newTo - newFrom), marks: typed }], shownMarks)
    })
  }

  /** Whether Automerge gave typed text the marks that the person sees. */
  private isAsTyped(patches: readonly A.Patch[], typed: MarkSet): boolean {
    const wanted = JSON.stringify(typed)
    return patches.every(
      (patch) =>
        patch.action === 'del' || (patch.action === 'splice' && JSON.stringify(shownMarks(readMarks(patch.marks ?? {}))) === wanted),
    )
  }

  /** The editor follows the document in the blocks that either of them changed. */
  private reconcile({ hunks, touched }: TextChanges, transactions: readonly Transaction[]): void {
    const { tr } = this.view.state
    const stretches = [...hunks.map(({ newFrom, newTo }) => ({ from: newFrom - 1, to: newTo })), ...touched, ...this.replaced(transactions)]
    const hasFault = reconcileStretches(tr, stretches, this.reader(), this.hasMarker)
    if (tr.docChanged) this.show(tr)
    if (hasFault) this.reportFault('a local edit')
  }

  /** What the last transactions replaced in the editor. One may replace a line break by its character, which is the same in the document. */
  private replaced(transactions: readonly Transaction[]): Touched[] {
    const { doc } = this.view.state
    const maps = transactions.flatMap((tr) => tr.mapping.maps)
    return maps.flatMap((map, index) => {
      const ranges: Touched[] = []
      const later = new Mapping(maps.slice(index + 1))
      const indexOf = (position: number, side: number) =>
        indexAt(doc, Math.min(later.map(position, side), doc.content.size), this.hasMarker)
      map.forEach((_from, _to, from, to) => ranges.push({ from: indexOf(from, -1) - 1, to: indexOf(to, 1) + 1 }))
      return ranges
    })
  }

  private reader(): RangeReader {
    return new RangeReader(this.handle.doc(), this.ids)
  }

  private readonly noticeChange = (change: DocumentChange) => {
    this.ids.look(change.patches)
    if (change.by === this) return this.noticeOwn(change)
    const changes = changesOf(change, this.handle.doc())
    if (changes.isEmpty) return
    this.hasOthers = true
    this.take(changes)
  }

  private take(changes: Pick<TextChanges, 'hunks' | 'touched'>): void {
    try {
      const { tr, hasMarker, hasFault } = remoteEdit(this.view.state, changes, this.reader(), this.hasMarker)
      this.hasMarker = hasMarker
      if (tr.docChanged) this.show(tr)
      if (hasFault) this.reportFault('a change from elsewhere')
    } catch (fault) {
      console.error('The binding could not show a change as it is', fault)
      this.startAgain()
    }
  }

  /** For when the steps are not known, or could not be written: compares the whole. */
  private writeWhole(): void {
    try {
      const stored = documentNode(this.handle.doc())
      this.change((text) => writeDifference(text, stored, this.view.state.doc, this.hasMarker))
    } catch (fault) {
      console.error('The binding could not write the text', fault)
    }
    this.startAgain()
  }

  /** Shows the document as it is, replacing only what differs. */
  private startAgain(): void {
    this.hasMarker = new RangeReader(this.handle.doc()).startsWithMarker()
    const { doc, tr } = this.view.state
    const wanted = documentNode(this.handle.doc())
    const start = doc.content.findDiffStart(wanted.content)
    if (start === null) return
    const first = doc.resolve(start).index(0)
    let [end, wantedEnd] = [doc.childCount, wanted.childCount]
    while (end > first && wantedEnd > first && doc.child(end - 1).eq(wanted.child(wantedEnd - 1))) {
      end--
      wantedEnd--
    }
    const position = (block: number) => placeOfBlock(doc, block, true)?.before ?? doc.content.size
    this.show(tr.replaceWith(position(first), position(end), wanted.content.content.slice(first, wantedEnd)))
  }

  private show(tr: Transaction): void {
    this.view.dispatch(tr.setMeta(key, fromDocument).setMeta('addToHistory', false))
  }

  private reportFault(during: string): void {
    console.error(`The editor and the document differed after ${during}; the editor follows the document`)
    this.startAgain()
  }
}
