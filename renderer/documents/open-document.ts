import * as A from '@automerge/automerge/slim'
import { atom, type ReadableAtom } from 'nanostores'
import type { Damage, EngineClient, OpenedDocument, Place, Role } from '../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../core/errors.ts'
import type { DocumentId } from '../../core/ids.ts'
import { changesAround, type SplitChanges } from '../../core/text/around.ts'
import type { TextDoc, TextDocument } from '../../core/text/document.ts'
import { browserFrame, oncePerFrame, type WaitForFrame } from './frame.ts'
import { type DocumentChange, LiveDocument, type WatchedDocument } from './live-document.ts'
import { createOutbox, type Outbox } from './outbox.ts'

/**
 * A document in front of the person: one copy in memory kept in step with the engine.
 *
 * What is changed here goes to the engine, and what the engine reports is applied here, each at most once a frame. `collected` are
 * the heads up to which every change either came from the engine or is in the outbox. Only two functions move it: `collect`, which puts
 * what is newer into the outbox, and `take`, which first collects and then applies what came. When the engine comes back after it died,
 * its state and ours are merged, and the outbox starts again with what the engine lacks.
 */
export interface OpenDocument {
  readonly id: DocumentId
  readonly handle: WatchedDocument
  /** What this person may do here. A document of a newer schema can only be read. */
  readonly role: Role
  readonly damage: Damage | null
  /** Where the person was when they last left. */
  readonly place: Place | null
  /** Whether everything written here is durable on this computer. */
  readonly saved: ReadableAtom<boolean>
  readonly title: ReadableAtom<string>
  setTitle(text: string): void
  /**
   * Changes from elsewhere that touch the block in which an input method is composing a word wait, two seconds at most: they would interrupt it. `composed` says
   * which stretch of the text that block is, or null. Returns a function that ends this.
   */
  holdAround(composed: () => Stretch | null): () => void
  /** `finish` is called when the document is closed, before its last changes are sent: for what is half done. Returns a function that ends this. */
  beforeClose(finish: () => void): () => void
  /** Keeps the place for the next time. */
  remember(place: Place): void
  /** Sends what is left and lets go of the document. Resolves when all is durable, which lasts as long as the engine is gone or the disk full. */
  close(): Promise<void>
  /** Takes a `close` back that has not come to its end. False when it is too late. */
  reopen(): boolean
}

/** The text of one block, as a part of the flat sequence. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** How long an engine that did not open the document again is left alone. */
const retryMs = 2_000
/** How long changes from elsewhere wait at most. */
const holdMs = 2_000

export interface OpenOptions {
  waitForFrame?: WaitForFrame
  /** Called with the size of a document in bytes before it is loaded, which takes about a second for each half million of changes. */
  beforeLoading?: (bytes: number, place: Place | null) => Promise<void>
}

/** Opens a document of the engine's. Rejects with what `document.open` rejects with, or `damaged` when its bytes do not load. */
export async function openDocument(client: EngineClient, id: DocumentId, options: OpenOptions = {}): Promise<OpenDocument> {
  const { waitForFrame = browserFrame, beforeLoading } = options
  const incoming: Uint8Array[] = []
  let deliver = () => {}
  const stopEvents = client.on('document.changes', (event) => {
    if (event.id !== id) return
    incoming.push(...event.changes)
    deliver()
  })
  try {
    const [opened] = await Promise.all([client.call('document.open', { id }), A.wasmInitialized()])
    await beforeLoading?.(
      opened.chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      opened.place,
    )
    const link = new EngineLink(client, opened, incoming, stopEvents, waitForFrame)
    deliver = () => link.deliver()
    link.deliver()
    return link.document()
  } catch (thrown) {
    stopEvents()
    throw thrown
  }
}

class EngineLink {
  private readonly client: EngineClient
  private readonly opened: OpenedDocument
  private readonly incoming: Uint8Array[]
  private readonly handle: LiveDocument
  private readonly title = atom('')
  private readonly outbox: Outbox
  private readonly saved = atom(true)
  private readonly sending
  private readonly receiving
  private collected: A.Heads
  private isAway = false
  /** The engine is gone, and what was written since is not in the outbox. */
  private isAhead = false
  private composed: () => Stretch | null = () => null
  private readonly unfinished = new Set<() => void>()
  private heldSince: number | null = null
  private isClosing = false
  private hasLetGo = false
  private readonly stops: (() => void)[]

  constructor(client: EngineClient, opened: OpenedDocument, incoming: Uint8Array[], stopEvents: () => void, waitForFrame: WaitForFrame) {
    this.client = client
    this.opened = opened
    this.incoming = incoming
    this.handle = new LiveDocument(authoredBy(opened), () => this.noticeWritten())
    this.collected = this.handle.heads
    this.title.set(String(this.doc.title ?? ''))
    this.outbox = createOutbox(client, opened.id)
    this.sending = oncePerFrame(() => this.collect(), waitForFrame)
    this.receiving = oncePerFrame(() => this.take(), waitForFrame)
    this.handle.on('change', this.noticeChange)
    this.stops = [stopEvents, client.onState((state) => this.follow(state)), this.outbox.isEmpty.listen(() => this.noteSaved())]
  }

  document(): OpenDocument {
    const { id, damage, place } = this.opened
    return {
      id,
      handle: this.handle,
      role: this.role,
      damage,
      place,
      saved: this.saved,
      title: this.title,
      setTitle: (text) => this.setTitle(text),
      holdAround: (composed) => this.holdAround(composed),
      beforeClose: (finish) => this.beforeClose(finish),
      remember: (newPlace) => void this.client.call('document.remember', { id, place: newPlace }).catch(ignoreGone),
      close: () => this.close(),
      reopen: () => this.reopen(),
    }
  }

  /** Changes came from the engine. */
  deliver(): void {
    if (this.incoming.length > 0) this.receiving.request()
  }

  private get doc(): TextDoc {
    return this.handle.doc()
  }

  private get role(): Role {
    return this.doc.schema === 1 ? this.opened.role : 'viewer'
  }

  private readonly noticeChange = ({ by }: DocumentChange) => {
    this.title.set(String(this.doc.title ?? ''))
    if (by === undefined) this.noticeWritten()
  }

  private noticeWritten(): void {
    if (this.isAway) this.isAhead = true
    this.noteSaved()
    this.sending.request()
  }

  private noteSaved(): void {
    this.saved.set(!this.isAhead && this.outbox.isEmpty.get())
  }

  /** Puts what was changed here since the last time into the outbox. */
  private collect(): void {
    if (this.isAway) return
    const changes = this.handle.changesSince(this.collected)
    this.collected = this.handle.heads
    this.outbox.add(changes)
  }

  /** Applies what came from the engine, except what has to wait. */
  private take(): void {
    if (this.isAway || this.incoming.length === 0) return
    const { free, touching } = this.split(this.incoming.splice(0))
    this.incoming.push(...touching)
    if (touching.length > 0) this.receiving.request()
    if (free.length === 0) return
    this.collectAll()
    this.handle.update((doc) => {
      const next = A.applyChanges(doc, free)[0]
      // What is written in answer to these is not from the engine.
      this.collected = A.getHeads(next)
      return next
    })
  }

  /** The same when something else is to happen to the document, which tells the last change first: that may be answered by another. */
  private collectAll(): void {
    this.handle.doc()
    this.collect()
  }

  private holdAround(composed: () => Stretch | null): () => void {
    this.composed = composed
    return () => {
      if (this.composed === composed) this.composed = () => null
    }
  }

  private split(changes: A.Change[]): SplitChanges {
    const stretch = this.composed()
    const split = stretch ? changesAround(this.doc, changes, stretch.from, stretch.to) : { free: changes, touching: [] }
    this.heldSince = split.touching.length > 0 ? (this.heldSince ?? performance.now()) : null
    if (this.heldSince === null || performance.now() - this.heldSince < holdMs) return split
    this.heldSince = null
    return { free: changes, touching: [] }
  }

  private follow(state: 'connecting' | 'connected' | 'gone'): void {
    if (state === 'connected') {
      if (this.isAway) void this.comeBack()
      return
    }
    this.isAway = true
    this.outbox.pause()
  }

  private async comeBack(): Promise<void> {
    try {
      await this.rejoin()
    } catch (thrown) {
      const { code, message } = asPalimpsestError(thrown)
      // Gone again meanwhile: its next return brings us back here.
      if (code === 'engine-gone' || this.hasLetGo) return
      console.warn(`The engine did not open ${this.opened.id} again and will be asked once more: ${message}`)
      setTimeout(() => void this.comeBack(), retryMs)
    }
  }

  /** The engine was started again and knows nothing of this window. */
  private async rejoin(): Promise<void> {
    this.incoming.length = 0
    const theirs = loadChunks(await this.client.call('document.open', { id: this.opened.id }))
    const theirHeads = A.getHeads(theirs)
    this.handle.update((doc) => A.merge(doc, theirs))
    const missing = A.getChangesSince(this.doc, theirHeads)
    this.collected = A.getHeads(this.doc)
    this.isAway = false
    this.isAhead = false
    this.outbox.resume(missing)
    this.noteSaved()
    this.deliver()
  }

  private setTitle(text: string): void {
    if (this.role !== 'owner' && this.role !== 'editor') return
    this.handle.change(
      (draft) => {
        if (typeof draft.title === 'string') A.updateText(draft, ['title'], text)
        else draft.title = text
      },
      { time: Math.floor(Date.now() / 1000) },
    )
  }

  private beforeClose(finish: () => void): () => void {
    this.unfinished.add(finish)
    return () => this.unfinished.delete(finish)
  }

  private async close(): Promise<void> {
    this.isClosing = true
    for (const finish of this.unfinished) finish()
    this.sending.flush()
    this.collectAll()
    await this.delivered()
    if (this.isClosing) await this.letGo()
  }

  private reopen(): boolean {
    if (!this.hasLetGo) this.isClosing = false
    return !this.hasLetGo
  }

  /** Resolves when everything written here is durable. */
  private delivered(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.saved.subscribe((isSaved) => {
        if (!isSaved) return
        queueMicrotask(() => stop())
        resolve()
      })
    })
  }

  private async letGo(): Promise<void> {
    if (this.hasLetGo) return
    this.hasLetGo = true
    for (const stop of this.stops) stop()
    this.receiving.cancel()
    this.handle.off('change', this.noticeChange)
    this.outbox.end()
    await this.client.call('document.close', { id: this.opened.id }).catch(ignoreGone)
  }
}

/** The opened document, whose changes from here on name their author. */
function authoredBy(opened: OpenedDocument): TextDoc {
  const doc = loadChunks(opened)
  // What `A.clone(doc, { author })` does, without the copy: parts of a clone keep the memory of the original alive.
  A.getBackend(doc).setAuthor(opened.author)
  return doc
}

/** Chunks may come in any order: files that were copied have lost theirs. Without its first change there is nothing to show. */
function loadChunks({ id, chunks }: OpenedDocument): TextDoc {
  let doc: A.Doc<Partial<TextDocument>>
  try {
    doc = A.loadIncremental(A.init<Partial<TextDocument>>(), joined(chunks))
  } catch (cause) {
    throw new PalimpsestError('damaged', `the document ${id} does not load`, { cause })
  }
  if (doc.schema === undefined) throw new PalimpsestError('damaged', `the beginning of the document ${id} is not there`)
  return doc as TextDoc
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let end = 0
  for (const chunk of chunks) {
    bytes.set(chunk, end)
    end += chunk.length
  }
  return bytes
}

/** For calls that need no answer: when the engine is gone there is nobody to tell, and it is opened again when it is back. */
function ignoreGone(thrown: unknown): undefined {
  if (thrown instanceof PalimpsestError && thrown.code === 'engine-gone') return undefined
  console.warn('The engine refused a call', thrown)
  return undefined
}
