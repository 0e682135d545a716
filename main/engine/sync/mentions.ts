/**
 * Whom the person has mentioned in margins, said to the relays of these texts. A relay reads no text, so it learns of a mention only by being told; what is written
 * with no relay there waits on the disk, as the words do.
 */
import type { EngineHandlers, Role } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { ApiProblem } from '../../../core/protocol/relay-api.ts'
import { mayWriteTo } from '../../../core/roles.ts'
import type { EngineParts } from '../parts.ts'
import { notShared } from './collaboration.ts'
import { RelayProblem } from './relay-account.ts'
import type { RelayClient } from './relay-client.ts'

export interface MentionsOptions {
  roleOf(id: DocumentId): Role
  /** The relay that a document is on, or null. */
  relayOf(id: DocumentId): RelayClient | null
}

/** Beyond this the oldest are forgotten. */
const maxUntold = 500
/** The role or the document has gone since, or a relay of another version knows other limits. */
const refusals: readonly (ApiProblem | null)[] = ['not-allowed', 'not-found', 'invalid']

export class Mentions {
  readonly #parts: EngineParts
  readonly #options: MentionsOptions
  /** Relays that are being told. */
  readonly #telling = new Set<string>()

  constructor(parts: EngineParts, options: MentionsOptions) {
    this.#parts = parts
    this.#options = options
  }

  readonly handlers: Pick<EngineHandlers, 'share.mention'> = {
    'share.mention': async ({ id, people }) => {
      const { mentions } = this.#parts
      const relay = this.#options.relayOf(id)
      if (!relay) throw notShared
      if (!mayWriteTo('margin', this.#options.roleOf(id))) throw mayNot
      await mentions.set([...mentions.value, { relay: relay.address, document: id, people }].slice(-maxUntold))
      if (relay.isConnected) this.connected(relay)
      return null
    },
  }

  /** Says what has waited. */
  connected(relay: RelayClient): void {
    if (this.#telling.has(relay.address)) return
    this.#telling.add(relay.address)
    this.#tell(relay)
      .catch((error: unknown) => this.#parts.log.error('mentions were not told', asPalimpsestError(error)))
      .finally(() => this.#telling.delete(relay.address))
  }

  /** Oldest first. What a relay does not take for what it is, is not tried again; all else waits for the next connection. */
  async #tell({ address, account }: RelayClient): Promise<void> {
    const { mentions, log } = this.#parts
    for (;;) {
      const next = mentions.value.find(({ relay }) => relay === address)
      if (!next) return
      const { document: documentId, people: keys } = next
      await account.call('document.mention', { documentId, keys }).catch((thrown: unknown) => {
        if (!(thrown instanceof RelayProblem) || !refusals.includes(thrown.problem)) throw thrown
        log.error('a mention was refused', thrown)
      })
      await mentions.set(mentions.value.filter((each) => each !== next))
    }
  }
}

const mayNot = new PalimpsestError('not-allowed', 'no right to write in the margin', {
  detail: 'You can read this document, not comment on it.',
})
