import { atom, type ReadableAtom } from 'nanostores'
import type { Place, ReadableText, Sitting } from '../../core/contract/engine.ts'
import { asPalimpsestError, type PalimpsestError } from '../../core/errors.ts'
import type { DocumentId, Heads } from '../../core/ids.ts'
import { type OpenDocument, openDocument } from '../documents/open-document.ts'
import type { Session } from './session.ts'
import { recall, remember } from './view.ts'

/** The document in front of the writer. One at a time: opening another closes it. */
export type OnDesk =
  | { readonly state: 'empty' }
  /** `id` is null while the document is still being made. */
  | { readonly state: 'opening'; readonly id: DocumentId | null; readonly preview?: Preview }
  | { readonly state: 'open'; readonly id: DocumentId; readonly document: OpenDocument; readonly focus: OpenFocus }
  /** `preview`: its last known text, if there is one. */
  | { readonly state: 'failed'; readonly id: DocumentId; readonly error: PalimpsestError; readonly preview?: Preview }

/** A long document, to be read while it is being loaded: the text as the engine's index has it. */
export interface Preview {
  readonly text: ReadableText
  readonly place: Place | null
}

/** Where the keys go when the document is there. `stay`: where they went before. */
export type OpenFocus = 'title' | 'text' | 'stay'

/** A version shown in place of the present text. */
export interface ShownVersion {
  /** The version is the text at its end. */
  readonly sitting: Sitting
  /** The version before that sitting. */
  readonly before: Heads
}

export interface Desk {
  readonly onDesk: ReadableAtom<OnDesk>
  /** Null while the present text is shown. */
  readonly version: ReadableAtom<ShownVersion | null>
  open(id: DocumentId, focus?: OpenFocus): Promise<void>
  /**
   * Opens a document that is being made. The one before leaves the desk at once, so that nothing typed meanwhile goes into it; it
   * comes back when there is none to open.
   */
  openMade(made: Promise<DocumentId | undefined>, focus: OpenFocus): Promise<void>
  /** Clears the desk. */
  clear(): void
  /** Before the page goes: sends what is left at once, and resolves when it is durable, at the latest after a few seconds. */
  settle(): Promise<void>
  showVersion(version: ShownVersion | null): void
  /** Resolves when no document is on its way to the desk, and what is there is on the screen. */
  calm(): Promise<void>
  /** The document that was open when this window was closed. */
  readonly lastOpen: DocumentId | null
}

export function createDesk(session: Session): Desk {
  const onDesk = atom<OnDesk>({ state: 'empty' })
  const version = atom<ShownVersion | null>(null)
  const lastOpen = recall<DocumentId | null>('document', null)
  // Only the latest of several quick requests may reach the desk.
  let request = 0

  // A document that is not let go of yet holds words that the engine may not have: it is taken back, never opened beside itself.
  const closing = new Map<DocumentId, { document: OpenDocument; closed: Promise<void> }>()

  /** Lets go of what is on the desk. Its last changes are sent while the next document is already being opened. */
  function leave() {
    const left = onDesk.get()
    version.set(null)
    if (left.state !== 'open') return
    void letGo(left.id, left.document)
  }

  function letGo(id: DocumentId, document: OpenDocument): Promise<void> {
    const closed = document.close().then(() => {
      if (closing.get(id)?.closed === closed) closing.delete(id)
    })
    closing.set(id, { document, closed })
    return closed
  }

  /** Brings a document to the desk for the request `mine`, unless a newer one has come. */
  async function bring(id: DocumentId, focus: OpenFocus, mine: number) {
    onDesk.set({ state: 'opening', id })
    remember('document', id)
    try {
      const document = await openOrTakeBack(id, mine)
      if (mine === request) onDesk.set({ state: 'open', id, document, focus })
      else await letGo(id, document)
    } catch (thrown) {
      const text = await session.engine.call('document.read', { id }).catch(() => null)
      const error = asPalimpsestError(thrown)
      if (mine === request) onDesk.set({ state: 'failed', id, error, ...(text && { preview: { text, place: null } }) })
    }
  }

  async function openOrTakeBack(id: DocumentId, mine: number): Promise<OpenDocument> {
    const left = closing.get(id)
    if (left?.document.reopen()) {
      closing.delete(id)
      return left.document
    }
    await left?.closed
    return openDocument(session.engine, id, { beforeLoading: (bytes, place) => showPreview(id, bytes, place, mine) })
  }

  async function showPreview(id: DocumentId, bytes: number, place: Place | null, mine: number) {
    if (bytes < longBytes) return
    const text = await session.engine.call('document.read', { id })
    if (!text || mine !== request) return
    onDesk.set({ state: 'opening', id, preview: { text, place } })
    await painted()
  }

  /** What the person may do is different now: the same document, opened anew. */
  session.engine.on('role.changed', ({ id, role }) => {
    const present = onDesk.get()
    if (present.state === 'open' && present.document.role !== role) openAnew(id)
  })
  session.engine.on('document.replaced', ({ id }) => openAnew(id))

  function openAnew(id: DocumentId) {
    const present = onDesk.get()
    if (present.state === 'empty' || present.id !== id) return
    const mine = ++request
    const gone = present.state === 'open' ? letGo(id, present.document) : (closing.get(id)?.closed ?? Promise.resolve())
    void gone.then(() => (mine === request ? bring(id, 'stay', mine) : undefined))
  }

  const presentId = () => {
    const present = onDesk.get()
    return present.state === 'open' || present.state === 'opening' ? present.id : null
  }

  return {
    onDesk,
    version,
    lastOpen,
    async open(id, focus = 'stay') {
      if (presentId() === id) return version.set(null)
      leave()
      await bring(id, focus, ++request)
    },
    async openMade(made, focus) {
      const before = presentId()
      const mine = ++request
      leave()
      onDesk.set({ state: 'opening', id: null })
      const id = (await made) ?? before
      if (mine !== request) return
      if (id === null) onDesk.set({ state: 'empty' })
      else await bring(id, focus, mine)
    },
    clear() {
      request++
      leave()
      onDesk.set({ state: 'empty' })
      remember('document', null)
    },
    async settle() {
      request++
      leave()
      onDesk.set({ state: 'empty' })
      await Promise.race([Promise.all([...closing.values()].map(({ closed }) => closed)), wait(settleMs)])
    },
    showVersion: (shown) => version.set(shown),
    async calm() {
      if (onDesk.get().state !== 'opening') return
      await new Promise<void>((arrived) => {
        const stop = onDesk.listen(({ state }) => {
          if (state === 'opening') return
          stop()
          arrived()
        })
      })
      await painted()
    },
  }
}

/** What loads in less than a tenth of a second needs no preview. */
const longBytes = 50_000
/** How long `settle` waits for the engine. */
const settleMs = 3_000
const wait = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs))

/** Resolves after the next frame; a hidden window draws none and has nothing to wait for. */
function painted(): Promise<void> {
  if (document.hidden) return Promise.resolve()
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
}
