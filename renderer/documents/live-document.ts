import * as A from '@automerge/automerge/slim'
import type { TextDoc, TextDocument } from '../../core/text/document.ts'

/** What became different, as automerge-repo's handles tell it. */
export interface DocumentChange {
  readonly patches: readonly A.Patch[]
  readonly patchInfo: { readonly before: TextDoc }
}

type Listener = (change: DocumentChange) => void

/**
 * A document in memory that others watch. It has the names of automerge-repo's `DocHandle`, which fits in its place wherever this type is
 * asked for, and none of the handle's network and storage, which the engine is: those cost a third of a typed letter.
 */
export interface WatchedDocument {
  doc(): TextDoc
  /** One change, made by `edit`. Whoever listens has been told when this returns. */
  change(edit: A.ChangeFn<TextDocument>, options?: A.ChangeOptions<TextDocument>): void
  /** Puts what `step` makes of the document in its place. */
  update(step: (doc: TextDoc) => TextDoc): void
  on(event: 'change', listener: Listener): unknown
  off(event: 'change', listener: Listener): unknown
}

export class LiveDocument implements WatchedDocument {
  private present: TextDoc
  private readonly listeners = new Set<Listener>()

  constructor(doc: TextDoc) {
    this.present = doc
  }

  doc(): TextDoc {
    return this.present
  }

  change(edit: A.ChangeFn<TextDocument>, options: A.ChangeOptions<TextDocument> = {}): void {
    const before = this.present
    let patches: readonly A.Patch[] = []
    const patchCallback = (made: A.Patch[]) => (patches = made)
    this.present = A.change(before, { ...options, patchCallback }, edit)
    this.tell(before, patches)
  }

  update(step: (doc: TextDoc) => TextDoc): void {
    const before = this.present
    const heads = A.getHeads(before)
    this.present = step(before)
    // Automerge has just made these patches to bring the document in memory up to date, and hands them out again.
    if (this.present !== before) this.tell(before, A.diff(this.present, heads, A.getHeads(this.present)))
  }

  private tell(before: TextDoc, patches: readonly A.Patch[]): void {
    if (patches.length === 0) return
    for (const listener of [...this.listeners]) listener({ patches, patchInfo: { before } })
  }

  on(_event: 'change', listener: Listener): void {
    this.listeners.add(listener)
  }

  off(_event: 'change', listener: Listener): void {
    this.listeners.delete(listener)
  }
}
