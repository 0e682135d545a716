/**
 * Shared folders. Of the person's own the relay is told what is in them, now and whenever that changes; what comes into one is put on the relay first. Others' folders
 * become folders of the library, and their documents come into them. All of it is looked at again at every connection, so nothing is lost that could not be done.
 */
import type { DocumentAccess, EngineHandlers, Folder, Invitation } from '../../../core/contract/engine.ts'
import { asPalimpsestError, PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { maxFolderDocuments, type RelayCall, type RelayParams, type RelayValue } from '../../../core/protocol/relay-api.ts'
import type { EngineParts } from '../parts.ts'
import { treeOf } from './folder-tree.ts'
import { notShared, openRelay, personOf } from './collaboration.ts'
import type { RelayClient } from './relay-client.ts'
import type { Tasks, TaskSteps } from './tasks.ts'

export type FolderCall = 'folder.share' | 'folder.unshare' | 'folder.access' | 'folder.grant' | 'folder.revoke' | 'folder.answer'

export interface SharedFoldersOptions {
  parts: EngineParts
  tasks: Tasks
  /** The relay of the settings. Throws where there is none. */
  favourite(): RelayClient
  client(address: string): RelayClient
  /** Puts a document on a relay. */
  share(id: DocumentId, relay: string, steps: TaskSteps): Promise<void>
  /** Fetches a document that the person has a role in, into a folder. */
  fetch(id: DocumentId, relay: string, folder: FolderId, steps: TaskSteps): Promise<void>
  /** Resolves when the person's library is what the relay has, where their devices share it there. */
  libraryFrom(client: RelayClient): Promise<void>
  /** Whether this device signed out of a relay that others of the person may still use. */
  isLeft(relay: string): boolean
  /** Whether the person owns a document that is on a relay. */
  isOwned(id: DocumentId): boolean
}

type Listed = RelayValue<'folder.list'>[number]

/** What happens to the library in this time is declared together. */
const declareMs = 100

export class SharedFolders {
  readonly #options: SharedFoldersOptions
  /** What was last declared of each folder: its name and documents. */
  readonly #declared = new Map<FolderId, string>()
  #timer: NodeJS.Timeout | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: SharedFoldersOptions) {
    this.#options = options
    options.parts.onEmit((name) => {
      if (name === 'library.changed' && this.#own().length > 0)
        this.#timer ??= setTimeout(() => {
          this.#timer = null
          for (const folder of this.#own()) void this.#declareLater(folder.id)
        }, declareMs)
    })
  }

  readonly handlers: Pick<EngineHandlers, FolderCall> = {
    'folder.share': async ({ id, task }) => {
      const { parts, tasks, favourite } = this.#options
      const client = favourite()
      parts.library.folder(id)
      await tasks.run(task, (steps) => this.#share(id, client, steps))
      return null
    },
    'folder.unshare': async ({ id }) => {
      await this.#ask(id, 'folder.unshare', { folderId: id })
      this.#declared.delete(id)
      await this.#options.parts.library.shareFolder(id, null)
      return null
    },
    'folder.access': async ({ id }) => this.#access(id),
    'folder.grant': async ({ id, person, role }) => {
      await this.#ask(id, 'folder.grant', { folderId: id, key: person, role })
      return null
    },
    'folder.revoke': async ({ id, person }) => {
      const { identity, library } = this.#options.parts
      await this.#ask(id, 'folder.revoke', { folderId: id, key: person })
      if (person === identity.key) await library.shareFolder(id, null)
      return null
    },
    'folder.answer': async ({ id, accept }) => {
      const client = this.#options.favourite()
      await client.account.call('folder.answer', { folderId: id, accept })
      if (accept) await this.look(client)
      return null
    },
  }

  /** The folders that others offer. */
  async invitations(client: RelayClient): Promise<Invitation[]> {
    const listed = (await client.account.call('folder.list', {})) ?? []
    return listed
      .filter(({ accepted }) => !accepted)
      .map(({ folderId, name, role, owner }) => ({ document: null, folder: { id: folderId, name }, role, from: personOf(owner) }))
  }

  /** Brings the folders of a relay and the library in line. Resolves when all is done that can be. */
  look(client: RelayClient): Promise<void> {
    return this.#inTurn(async () => {
      const listed = client.isConnected ? await client.account.call('folder.list', {}) : null
      if (!listed) return
      const { library } = this.#options.parts
      for (const folder of this.#own().filter(({ shared }) => shared?.relay === client.address)) {
        this.#declared.delete(folder.id)
        await this.#declare(folder.id)
      }
      const others = listed.filter(({ role, accepted }) => accepted && role !== 'owner')
      for (const folder of others) await this.#receive(folder, client)
      const isOver = ({ id, shared }: Folder) =>
        shared?.relay === client.address && !this.#isOwn({ shared }) && !others.some(({ folderId }) => folderId === id)
      for (const { id } of library.folders().filter(isOver)) await library.shareFolder(id, null)
    })
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
  }

  #isOwn = ({ shared }: Pick<Folder, 'shared'>) => shared?.owner === this.#options.parts.identity.key
  #own = () => this.#options.parts.library.folders().filter((folder) => this.#isOwn(folder))

  async #share(id: FolderId, client: RelayClient, steps: TaskSteps): Promise<void> {
    const { library, identity } = this.#options.parts
    const relay = client.address
    const waiting = library.documentsIn(id).filter((document) => library.has(document) && library.entry(document).relay === null)
    if (library.documentsIn(id).length > maxFolderDocuments)
      throw new PalimpsestError('too-large', `${id} has too many documents`, {
        detail: `A shared folder has at most ${maxFolderDocuments} documents.`,
      })
    for (const [at, document] of waiting.entries()) {
      steps.onProgress(at, waiting.length)
      await this.#options.share(document, relay, { cancelled: steps.cancelled, onProgress: () => {} })
    }
    await this.#declareAs(id, client)
    await library.shareFolder(id, { relay, owner: identity.key })
  }

  #declareLater = (id: FolderId) => this.#inTurn(() => this.#declare(id))

  /** Puts on the relay what has come into a folder of the person's own, and says what is in it, where that is different now. */
  async #declare(id: FolderId): Promise<void> {
    const { library } = this.#options.parts
    const shared = library.hasFolder(id) ? library.folder(id).shared : null
    if (!shared || !this.#isOwn({ shared }) || this.#options.isLeft(shared.relay)) return
    const client = this.#options.client(shared.relay)
    if (!client.isConnected) return
    for (const document of library.documentsIn(id).filter((each) => library.has(each) && library.entry(each).relay === null))
      await this.#options.share(document, shared.relay, { cancelled: new AbortController().signal, onProgress: () => {} })
    await this.#declareAs(id, client)
  }

  async #declareAs(id: FolderId, client: RelayClient): Promise<void> {
    const { library } = this.#options.parts
    // Another device may have put something into it while this one was away, and what is not declared is no longer shared.
    await this.#options.libraryFrom(client)
    const { name } = library.folder(id)
    const isTheirs = (document: DocumentId) => library.entry(document).relay === client.address && this.#options.isOwned(document)
    const tree = treeOf(library, id, library.documentsIn(id).filter(isTheirs).sort().slice(0, maxFolderDocuments))
    const declared = JSON.stringify([client.address, name, tree])
    if (this.#declared.get(id) === declared) return
    if ((await client.account.call('folder.declare', { folderId: id, name, ...tree })) === null) throw openRelay
    this.#declared.set(id, declared)
  }

  /** A document that cannot be fetched now is tried again the next time; one that was deleted here stays so. */
  async #receive({ folderId, name, owner, documents, inner }: Listed, client: RelayClient): Promise<void> {
    const { library, log } = this.#options.parts
    const isKnown = library.hasFolder(folderId) && library.folder(folderId).shared !== null
    if (!isKnown) await library.adoptFolder(folderId, name, { relay: client.address, owner: owner.key })
    const places = await library.followInner(folderId, inner)
    const told = new Map(inner.flatMap((each) => each.documents.map((id) => [id, places.get(each.id) ?? folderId])))
    const placeOf = (id: DocumentId) => told.get(id) ?? folderId
    await this.#moveAlong(folderId, documents, placeOf)
    for (const id of documents) {
      if (library.relayOf(id) !== null || (library.broughtTo(folderId, id) !== null && !library.has(id))) continue
      // It was here before, and on no relay any more.
      if (library.has(id)) {
        await library.updateDocuments([id], { relay: client.address })
        continue
      }
      try {
        const steps = { cancelled: new AbortController().signal, onProgress: () => {} }
        await this.#options.fetch(id, client.address, placeOf(id), steps)
        await library.noteBrought(folderId, [[id, placeOf(id)]])
      } catch (error) {
        log.error('a document of a shared folder was not fetched', asPalimpsestError(error))
      }
    }
  }

  /** Moves what the owner has moved, where the person has left it where it came. */
  async #moveAlong(folder: FolderId, documents: readonly DocumentId[], placeOf: (id: DocumentId) => FolderId): Promise<void> {
    const { library } = this.#options.parts
    const moved = documents.filter((id) => ![null, placeOf(id)].includes(library.broughtTo(folder, id)))
    if (moved.length === 0) return
    const left = moved.filter((id) => library.has(id) && library.entry(id).folder === library.broughtTo(folder, id))
    for (const place of new Set(left.map(placeOf)))
      await library.updateDocuments(
        left.filter((id) => placeOf(id) === place),
        { folder: place },
      )
    await library.noteBrought(
      folder,
      moved.map((id) => [id, placeOf(id)]),
    )
  }

  async #access(id: FolderId): Promise<DocumentAccess> {
    const { role, people } = await this.#ask(id, 'folder.access', { folderId: id })
    const everybody = role === 'owner' ? await this.#ask(id, 'person.list', {}).catch(() => []) : []
    return {
      isCurrent: true,
      isOpen: false,
      role,
      people: people.map((each) => ({ ...personOf(each), role: each.role, accepted: each.accepted, folder: null })),
      others: everybody.filter(({ key }) => !people.some((each) => each.key === key)).map(personOf),
      links: [],
    }
  }

  async #ask<Name extends RelayCall>(id: FolderId, name: Name, params: RelayParams<Name>): Promise<RelayValue<Name>> {
    const { shared } = this.#options.parts.library.folder(id)
    if (!shared) throw notShared
    const value = await this.#options.client(shared.relay).account.call(name, params)
    if (value === null) throw openRelay
    return value
  }

  /** One after the other: two at once would fetch or declare the same twice. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const run = this.#turn.then(task)
    this.#turn = run.catch((error: unknown) => this.#options.parts.log.error('shared folders', asPalimpsestError(error)))
    return this.#turn as Promise<void>
  }
}
