import * as A from '@automerge/automerge/slim'
import type { TextDoc, TextDocument } from '../../core/text/document.ts'

/** What became different, as automerge-repo's handles tell it. */
export interface DocumentChange {
  readonly patches: readonly A.Patch[]
  readonly patchInfo: {
    /** The document in memory as it was. Its heads are not to be asked for: they are `heads`. */
    readonly before: TextDoc
    readonly heads: A.Heads
  }
  /** Who made it by `write`. */
  readonly by?: object
}

type Listener = (change: DocumentChange) => void

/** A document in memory that others watch and write in. */
export interface WatchedDocument {
  /** The newest state. */
  doc(): TextDoc
  /** Heads of the newest state, at no cost. */
  readonly heads: A.Heads
  /** One change, made by `edit`. Whoever listens has been told when this returns. */
  change(edit: A.ChangeFn<TextDocument>, options?: A.ChangeOptions<TextDocument>): void
  /**
   * One change, made by `edit` through Automerge's own handle (`A.getBackend(doc)`) and nothing else. It is in the history and can be sent when this returns; listeners, of whom `by` may be one, are told when
   * somebody asks for the document or there is time. Writes nothing when `edit` throws.
   */
  write(by: object, edit: (doc: TextDoc) => void, options: { time: number }): void
  /** Puts what `step` makes of the document in its place. */
  update(step: (doc: TextDoc) => TextDoc): void
  on(event: 'change', listener: Listener): unknown
  off(event: 'change', listener: Listener): unknown
}

/** Longer than until the next frame is painted, shorter than until the next key comes. */
const followMs = 20

/**
 * Automerge keeps a document twice: its own, which is written in, and the object in memory that `doc()` gives. Bringing the second up to date, with the patches that say what became
 * different, takes a third of a typed letter, and nobody asks for it before the next. So after a `write` that is left for later, and done before anything else happens here. At most
 * one change is ever untold.
 */
export class LiveDocument implements WatchedDocument {
  heads: A.Heads
  private present: TextDoc
  private readonly listeners = new Set<Listener>()
  private readonly written: () => void
  private untold: { by: object; heads: A.Heads } | null = null
  private isFollowing = false

  /** `written` is called at each `write`, before anybody is told what it did. */
  constructor(doc: TextDoc, written = () => {}) {
    this.present = doc
    this.heads = A.getHeads(doc)
    this.written = written
  }

  doc(): TextDoc {
    // Who is told may write.
    while (this.untold) this.follow(this.untold)
    return this.present
  }

  /** Does not bring the document in memory up to date. */
  changesSince(heads: A.Heads): A.Change[] {
    return A.getChangesSince(this.present, heads)
  }

  change(edit: A.ChangeFn<TextDocument>, options: A.ChangeOptions<TextDocument> = {}): void {
    const before = this.doc()
    const { heads } = this
    let patches: readonly A.Patch[] = []
    const patchCallback = (made: A.Patch[]) => (patches = made)
    this.present = A.change(before, { ...options, patchCallback }, edit)
    this.heads = A.getHeads(this.present)
    if (patches.length > 0) this.tell({ patches, patchInfo: { before, heads } })
  }

  write(by: object, edit: (doc: TextDoc) => void, { time }: { time: number }): void {
    const doc = this.doc()
    const backend = A.getBackend(doc)
    try {
      edit(doc)
    } catch (fault) {
      backend.rollback()
      throw fault
    }
    const head = backend.commit(null, time)
    // Nothing was written.
    if (head === null) return
    this.untold = { by, heads: this.heads }
    this.heads = [head]
    this.written()
    this.followSoon()
  }

  update(step: (doc: TextDoc) => TextDoc): void {
    const before = this.doc()
    const { heads } = this
    this.present = step(before)
    this.heads = A.getHeads(this.present)
    if (this.heads.join() === heads.join()) return
    // Automerge has just made these patches to bring the document in memory up to date, and hands them out again.
    const patches = A.diff(this.present, heads, this.heads)
    if (patches.length > 0) this.tell({ patches, patchInfo: { before, heads } })
  }

  /** Brings the document in memory up to date. Automerge does that whenever it is given changes, be there any or none. */
  private follow({ by, heads }: { by: object; heads: A.Heads }): void {
    this.untold = null
    const before = this.present
    let patches: readonly A.Patch[] = []
    const patchCallback = (made: A.Patch[]) => (patches = made)
    this.present = A.applyChanges(before, [], { patchCallback })[0]
    this.tell({ patches, patchInfo: { before, heads }, by })
  }

  private followSoon(): void {
    if (this.isFollowing) return
    this.isFollowing = true
    setTimeout(() => {
      this.isFollowing = false
      this.doc()
    }, followMs)
  }

  private tell(change: DocumentChange): void {
    for (const listener of [...this.listeners]) listener(change)
  }

  on(_event: 'change', listener: Listener): void {
    this.listeners.add(listener)
  }

  off(_event: 'change', listener: Listener): void {
    this.listeners.delete(listener)
  }
}
