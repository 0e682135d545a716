import { atom, type ReadableAtom } from 'nanostores'
import { asPalimpsestError, type PalimpsestError } from '../../core/errors.ts'
import type { DocumentId, Heads } from '../../core/ids.ts'
import { type OpenDocument, openDocument } from '../documents/open-document.ts'
import type { Session } from './session.ts'
import { recall, remember } from './view.ts'

/** The document in front of the writer. One at a time: opening another closes it. */
export type OnDesk =
  | { readonly state: 'empty' }
  | { readonly state: 'opening'; readonly id: DocumentId }
  | { readonly state: 'open'; readonly id: DocumentId; readonly document: OpenDocument }
  | { readonly state: 'failed'; readonly id: DocumentId; readonly error: PalimpsestError }

/** A version shown in place of the present text. */
export interface ShownVersion {
  readonly heads: Heads
  /** Of the sitting that it is the end of. */
  readonly index: number
}

export interface Desk {
  readonly onDesk: ReadableAtom<OnDesk>
  /** Null while the present text is shown. */
  readonly version: ReadableAtom<ShownVersion | null>
  open(id: DocumentId): Promise<void>
  /** Clears the desk. */
  clear(): Promise<void>
  showVersion(version: ShownVersion | null): void
  /** The document that was open when this window was closed. */
  readonly lastOpen: DocumentId | null
}

export function createDesk(session: Session): Desk {
  const onDesk = atom<OnDesk>({ state: 'empty' })
  const version = atom<ShownVersion | null>(null)
  const lastOpen = recall<DocumentId | null>('document', null)
  // Only the latest of several quick requests may reach the desk.
  let request = 0

  async function leave() {
    const left = onDesk.get()
    version.set(null)
    if (left.state === 'open') await left.document.close()
  }

  return {
    onDesk,
    version,
    lastOpen,
    async open(id) {
      const present = onDesk.get()
      if (present.state !== 'empty' && present.state !== 'failed' && present.id === id) return version.set(null)
      const mine = ++request
      const leaving = leave()
      onDesk.set({ state: 'opening', id })
      remember('document', id)
      try {
        const document = await openDocument(session.engine, id)
        await leaving
        if (mine === request) onDesk.set({ state: 'open', id, document })
        else await document.close()
      } catch (thrown) {
        if (mine === request) onDesk.set({ state: 'failed', id, error: asPalimpsestError(thrown) })
      }
    },
    async clear() {
      request++
      const leaving = leave()
      onDesk.set({ state: 'empty' })
      remember('document', null)
      await leaving
    },
    showVersion: (shown) => version.set(shown),
  }
}
