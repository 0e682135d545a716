import { PalimpsestError } from '../core/errors.ts'
import type { DocumentId, PersonKey } from '../core/ids.ts'

/** What one person may take of a relay. */
export interface Quotas {
  /** Documents that are theirs: texts, and the margins and attachments of these. */
  documents: number
  /** Bytes that the relay stores of their documents, whoever wrote them. */
  bytes: number
  /** Open at the same time, over all devices. */
  connections: number
  /** Read from all of their connections in the long run; who sends more is read more slowly. */
  messagesPerSecond: number
}

export const defaultQuotas: Quotas = { documents: 50_000, bytes: 10 * 1024 ** 3, connections: 50, messagesPerSecond: 500 }

/** A person who has been quiet may send as much at once as in so long a time: a library of thousands of documents is asked for at every start. */
const burstMs = 40_000
/** What is known of a person is counted again after this time; meanwhile what comes is added. */
const recountMs = 5 * 60_000

interface Use {
  documents: number
  bytes: number
  countedAt: number
}

export interface UsageParts {
  quotas: Quotas
  /** Documents that are a person's. */
  documentsOf: (person: PersonKey) => DocumentId[]
  /** Bytes stored of a document, as far as they are durable. */
  bytesOf: (document: DocumentId) => number
  now: () => number
}

/** What each person takes of the relay's space. */
export class Usage {
  readonly #parts: UsageParts
  readonly #uses = new Map<PersonKey, Use>()

  constructor(parts: UsageParts) {
    this.#parts = parts
  }

  /** Counts so many documents more as a person's. Throws `no-room` when there are too many then. */
  addDocuments(person: PersonKey, count: number): void {
    const use = this.#useOf(person)
    const { documents } = this.#parts.quotas
    if (use.documents + count > documents)
      throw noRoom(person, `The relay takes ${documents.toLocaleString('en')} documents of one person, and no more.`)
    use.documents += count
  }

  /** Counts so many bytes more as a person's. Throws `no-room` when there are too many then. */
  addBytes(person: PersonKey, count: number): void {
    const use = this.#useOf(person)
    const { bytes } = this.#parts.quotas
    if (use.bytes + count > bytes)
      throw noRoom(
        person,
        `The documents of one person may take ${inWords(bytes)} on the relay. For this document’s owner, that is used up.`,
      )
    use.bytes += count
  }

  #useOf(person: PersonKey): Use {
    const { documentsOf, bytesOf, now } = this.#parts
    const known = this.#uses.get(person)
    if (known && now() - known.countedAt < recountMs) return known
    const documents = documentsOf(person)
    const use = {
      documents: documents.length,
      bytes: documents.reduce((sum, document) => sum + bytesOf(document), 0),
      countedAt: now(),
    }
    this.#uses.set(person, use)
    return use
  }
}

const noRoom = (person: PersonKey, detail: string) => new PalimpsestError('no-room', `${person}: ${detail}`, { detail })

const inWords = (bytes: number) => (bytes >= 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 3)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`)

/** A call may write to the disk and the log, so it counts as so many messages. */
const messagesInCall = 10
/** A call that would wait for longer is refused; a client gives up not long after. */
const longestCallMs = 5_000

/** Says how long to wait before the next message or call of a person is handled, so that no more than so many come in a second. */
export class MessageRate {
  readonly #intervalMs: number
  /** When a person who had always sent at the full rate would send the next message. */
  readonly #due = new Map<PersonKey, number>()

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond
  }

  /** Counts a message. Milliseconds to wait; usually 0. `now` is of a clock that only goes forward. */
  take(person: PersonKey, now: number): number {
    const due = this.#next(person, now, 1)
    this.#due.set(person, due)
    return Math.max(due - now, 0)
  }

  /** Counts a call. Milliseconds to wait, or null, and nothing is counted, where that is too long. */
  takeCall(person: PersonKey, now: number): number | null {
    const due = this.#next(person, now, messagesInCall)
    if (due - now > longestCallMs) return null
    this.#due.set(person, due)
    return Math.max(due - now, 0)
  }

  #next(person: PersonKey, now: number, messages: number): number {
    return Math.max(this.#due.get(person) ?? Number.NEGATIVE_INFINITY, now - burstMs) + this.#intervalMs * messages
  }
}
