/**
 * The renderers that are connected, and which documents each has open. A session gets every change of its open documents that it did not make itself, each
 * exactly once and in an order that respects dependencies, beginning with the first that is not in what `document.open` answered.
 */
import type { EngineEvents, EngineHandlers, EventName, RendererSession } from '../../core/contract/engine.ts'
import type { BytesPort } from '../../core/contract/port.ts'
import { type ServedRenderer, serveEngine } from '../../core/contract/rpc.ts'
import type { PalimpsestError } from '../../core/errors.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { Accepted } from './documents.ts'

/** An open document of a session. While it is being opened its changes wait in `held`. */
interface Opened {
  held: Uint8Array[] | null
  /** The document that took its place while it was open: what the window sends goes there until it opens it anew. */
  divertedTo?: DocumentId
}

export class Sessions {
  readonly #renderers = new Map<ServedRenderer, Map<DocumentId, Opened>>()
  readonly #onFault: (error: PalimpsestError, call: string) => void
  #count = 0

  constructor(onFault: (error: PalimpsestError, call: string) => void) {
    this.#onFault = onFault
  }

  accept(port: BytesPort, handlers: EngineHandlers, onClose: (documents: DocumentId[]) => void): void {
    const renderer = serveEngine(port, handlers, {
      id: ++this.#count,
      onFault: this.#onFault,
      onClose: () => {
        const open = this.#renderers.get(renderer)
        this.#renderers.delete(renderer)
        onClose([...(open?.keys() ?? [])])
      },
    })
    this.#renderers.set(renderer, new Map())
  }

  /** Tells every renderer. */
  emit<Name extends EventName>(name: Name, event: EngineEvents[Name]): void {
    for (const renderer of this.#renderers.keys()) renderer.emit(name, event)
  }

  /** Tells the renderers that have a document open. */
  emitTo<Name extends EventName>(id: DocumentId, name: Name, event: EngineEvents[Name]): void {
    for (const [renderer, open] of this.#renderers) if (open.has(id)) renderer.emit(name, event)
  }

  /**
   * Opens a document for a session: `read` gives its bytes, and `held` what was accepted while it did. What comes after that is sent once the
   * answer is on its way.
   */
  async open<Result>(session: RendererSession, id: DocumentId, read: () => Promise<Result>): Promise<{ read: Result; held: Uint8Array[] }> {
    const open = this.#renderers.get(session as ServedRenderer)
    const opened: Opened = { held: [] }
    open?.set(id, opened)
    try {
      const result = await read()
      const held = opened.held ?? []
      opened.held = []
      setImmediate(() => release(session, id, opened))
      return { read: result, held }
    } catch (error) {
      if (open?.get(id) === opened) open.delete(id)
      throw error
    }
  }

  close(session: RendererSession, id: DocumentId): void {
    this.#renderers.get(session as ServedRenderer)?.delete(id)
  }

  isOpen(id: DocumentId): boolean {
    return [...this.#renderers.values()].some((open) => open.has(id))
  }

  /** From now on changes that windows make in their open `id` are changes of `copy`, which has the same history. */
  divert(id: DocumentId, copy: DocumentId): void {
    for (const open of this.#renderers.values()) {
      const opened = open.get(id)
      if (opened) opened.divertedTo = copy
    }
  }

  /** The document that a window's changes of `id` belong to. */
  targetOf(session: RendererSession, id: DocumentId): DocumentId {
    return this.#renderers.get(session as ServedRenderer)?.get(id)?.divertedTo ?? id
  }

  /** Passes changes on to every other window that has the document open. */
  broadcast({ id, changes, source }: Accepted): void {
    let bytes: Uint8Array[] | undefined
    for (const [renderer, open] of this.#renderers) {
      const opened = open.get(id)
      if (!opened || opened.divertedTo || renderer === source) continue
      bytes ??= changes.map((change) => change.bytes)
      if (opened.held) opened.held.push(...bytes)
      else renderer.emit('document.changes', { id, changes: bytes })
    }
  }

  closeAll(): void {
    for (const renderer of [...this.#renderers.keys()]) renderer.close()
  }
}

function release(session: RendererSession, id: DocumentId, opened: Opened): void {
  const changes = opened.held ?? []
  opened.held = null
  if (changes.length > 0) session.emit('document.changes', { id, changes })
}
