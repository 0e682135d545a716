/** How a text comes to a relay, and how one comes from there: by a link, or because the person has a role in it. */
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import type { ShareTarget } from '../../../core/protocol/share-link.ts'
import type { Reading } from '../document-jobs.ts'
import { announce } from '../handlers/library-handlers.ts'
import type { EngineParts } from '../parts.ts'
import { companionsOf, idsOf } from './companions.ts'
import type { Followed } from './followed.ts'
import type { RelayClient } from './relay-client.ts'
import type { StatusReports } from './status-reports.ts'
import type { TaskSteps } from './tasks.ts'

const connectMs = 12_000
/** A whole document goes over the line in this time, or the person is told that it takes too long. */
export const exchangeMs = 120_000
/** How long a document that was opened by a link waits for its images. */
const companionsMs = 10_000

export interface SharingOptions {
  parts: EngineParts
  followed: Followed
  reports: StatusReports
  /** The relay is used again, also where this device had left it. */
  comeBack(relay: string): void
  onFault: (error: PalimpsestError) => void
}

export class Sharing {
  readonly #options: SharingOptions

  constructor(options: SharingOptions) {
    this.#options = options
  }

  /** Puts a text and its companions on a relay; resolves when the relay has everything. */
  async put(id: DocumentId, relay: string, { cancelled, onProgress }: TaskSteps): Promise<void> {
    const { parts, followed, reports } = this.#options
    const client = await this.#connectedClient(relay, cancelled)
    const wasOn = parts.library.entry(id).relay
    let total = 0
    const stopWatching = reports.watchUnsent(id, (unsent) => {
      total = Math.max(total, unsent)
      onProgress(total - unsent, total)
    })
    try {
      await parts.library.updateDocuments([id], { relay })
      const ids = followed.group(id)?.ids ?? []
      const refusal = () => ids.map((each) => client.document(each)?.refusal).find((reason) => reason != null)
      await client.until(() => refusal() !== undefined || ids.every((each) => client.document(each)?.isSettled), exchangeMs, cancelled)
      const detail = refusal()
      if (detail != null) throw refused(id, detail)
    } catch (error) {
      await parts.library.updateDocuments([id], { relay: wasOn })
      throw error
    } finally {
      stopWatching()
    }
  }

  /** Opens the text of a link, whether it is here or not. */
  open(target: ShareTarget, password: string | undefined, steps: TaskSteps): Promise<void> {
    const isHere = this.#options.parts.library.has(target.documentId)
    return isHere ? this.#openAgain(target, password, steps) : this.fetch(target, password, steps)
  }

  /** Fetches a text that is not here yet, with its companions, and puts it into the library. */
  async fetch(
    { documentId: id, relay, secret }: ShareTarget,
    password: string | undefined,
    { cancelled }: TaskSteps,
    folder: FolderId | null = null,
  ): Promise<void> {
    const { parts, followed, onFault } = this.#options
    const { documents, library, readings } = parts
    const client = followed.client(relay)
    if (secret === null) await this.#connectedClient(relay, cancelled)
    else await this.#comeBy({ documentId: id, relay, secret }, password, cancelled)
    const reading = await this.#receive(client, id, cancelled)
    const companions = idsOf(companionsOf(parts, id)).map((each) => client.share(each))
    const isHere = (each: (typeof companions)[number]) => each.state === 'caught-up' || each.state === 'unavailable'
    await client.until(() => companions.every(isHere), companionsMs).catch((error: unknown) => onFault(asPalimpsestError(error)))
    await library.addDocument(id, { relay, folder })
    // What came meanwhile nobody has read: it was no text of the library yet.
    if (reading.heads.join() === (await documents.graph(id)).heads.join()) return
    readings.put(id, await documents.run(id, 'read', {}))
    announce(parts, { folders: [], documents: [id] })
  }

  /** The same connection as another person to the relay: one who was let in. */
  async letIn(client: RelayClient, enter: () => Promise<void>, cancelled?: AbortSignal): Promise<void> {
    await enter()
    if (!client.isConnected) client.restart()
    await client.until(() => client.isConnected, connectMs, cancelled)
  }

  /** The text itself, read. Where it does not come, nothing of it stays. */
  async #receive(client: RelayClient, id: DocumentId, cancelled: AbortSignal): Promise<Reading> {
    const { documents, readings } = this.#options.parts
    const document = client.share(id)
    try {
      await client.until(() => ['caught-up', 'unavailable', 'refused'].includes(document.state), exchangeMs, cancelled)
      if (document.state === 'unavailable') throw notThere
      if (document.refusal !== null) throw refused(id, document.refusal)
      const reading = await documents.run(id, 'read', {})
      readings.put(id, reading)
      return reading
    } catch (error) {
      client.drop(id)
      if (await documents.has(id)) await documents.remove(id)
      throw error
    }
  }

  /**
   * Uses a link to a text that is here already: it may let the person in again, or give them more. A text that is on that relay is opened also with no relay
   * there, and by an old link as long as the relay shares it with them.
   */
  async #openAgain({ documentId: id, relay, secret }: ShareTarget, password: string | undefined, { cancelled }: TaskSteps): Promise<void> {
    const { library, syncStates } = this.#options.parts
    const { relay: isOn } = library.entry(id)
    const mayFail = (error: unknown) => {
      const { code } = asPalimpsestError(error)
      return isOn === relay && (code === 'unreachable' || (code === 'not-found' && this.#isServed(id)))
    }
    if (secret !== null && (isOn ?? relay) === relay && syncStates.get(id, relay).role !== 'owner')
      await this.#comeBy({ documentId: id, relay, secret }, password, cancelled).catch((error: unknown) => {
        if (!mayFail(error)) throw error
      })
    await library.updateDocuments([id], { relay: isOn ?? relay, trashedAt: null })
  }

  #isServed(id: DocumentId): boolean {
    const state = this.#options.followed.group(id)?.client.document(id)?.state
    return state === 'caught-up' || state === 'exchanging'
  }

  async #connectedClient(address: string, cancelled: AbortSignal): Promise<RelayClient> {
    this.#options.comeBack(address)
    const client = this.#options.followed.client(address)
    client.retryNow()
    await client.until(() => client.isConnected, connectMs, cancelled)
    return client
  }

  async #comeBy({ relay, ...link }: ShareTarget & { secret: string }, password?: string, cancelled?: AbortSignal): Promise<void> {
    this.#options.comeBack(relay)
    const client = this.#options.followed.client(relay)
    await this.letIn(client, () => client.account.useLink({ ...link, ...(password !== undefined && { password }) }), cancelled)
  }
}

const refused = (id: DocumentId, detail: string) => new PalimpsestError('refused', `${id}: ${detail}`, { detail })

const notThere = new PalimpsestError('not-found', 'the relay does not have the document', {
  detail: 'The relay does not have this document. Perhaps it has not been sent there yet; try again in a moment.',
})
