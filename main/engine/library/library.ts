/**
 * The library in memory: folders and what is said about each document. Every call is one Automerge change, stored like any other document's, so
 * that it can be merged with what the person does on another device.
 */
import { randomUUID } from 'node:crypto'
import * as A from '@automerge/automerge/slim'
import type { Folder } from '../../../core/contract/engine.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import { type DeviceKey, type DocumentId, type FolderId, isDocumentId, type PersonKey } from '../../../core/ids.ts'
import type { Documents } from '../documents.ts'
import type { Identity } from '../identity.ts'
import { applyInner, type InnerFolder, planInner } from './inner-folders.ts'
import {
  foundationOf,
  type LibraryDocument,
  type LibraryEntry,
  readEntry,
  readSharing,
  stored,
  storedEntry,
  storedOrNull,
  isInside,
} from './library-document.ts'

/** What became different, by id; those that are gone now are in it too. */
export interface LibraryDelta {
  folders: FolderId[]
  documents: DocumentId[]
}

/** What a library says, in plain values. */
export interface LibraryContent {
  folders: Folder[]
  documents: [DocumentId, LibraryEntry][]
}

export interface LibraryOptions {
  documents: Documents
  identity: Identity
  now: () => number
  onChange: (delta: LibraryDelta) => void
}

export class Library {
  readonly #options: LibraryOptions
  readonly #id: DocumentId
  #doc: A.Doc<LibraryDocument>
  /** Documents that another device has put into it and that have not come here yet. They are not shown. */
  readonly #absent = new Set<DocumentId>()
  readonly #arrived = new Set<(id: DocumentId) => void>()
  /** Whether documents may be missing in it, because it was damaged, is gone, or is new on a folder that may hold some. */
  isIncomplete = false

  private constructor(options: LibraryOptions, doc: A.Doc<LibraryDocument>) {
    this.#options = options
    this.#id = options.identity.library
    this.#doc = doc
    options.documents.onAccepted(({ id, changes, source }) => {
      if (id === this.#id && source !== 'engine') this.#merge(changes.map((change) => change.bytes))
    })
    options.documents.onWritten(({ id }) => this.#isHere(id))
  }

  static async open(options: LibraryOptions): Promise<Library> {
    const { documents, identity } = options
    const library = new Library(options, A.init<LibraryDocument>({ author: identity.key }))
    if (await documents.has(identity.library)) {
      const { chunks, damaged } = await documents.chunks(identity.library)
      library.#load(chunks)
      library.isIncomplete = damaged > 0
    } else library.isIncomplete = true
    await library.#complete()
    if (library.home !== null) {
      const here = new Set(await documents.folder.documents())
      for (const id of library.#ids()) if (!here.has(id)) library.#absent.add(id)
    }
    return library
  }

  folders(): Folder[] {
    return Object.keys(this.#doc.folders).map((id) => this.folder(id as FolderId))
  }

  /** Throws `not-found`. */
  folder(id: FolderId): Folder {
    const folder = this.#doc.folders[id]
    if (!folder) throw new PalimpsestError('not-found', `there is no folder ${id}`)
    return { id, name: String(folder.name), parent: this.#known(folder.parent), shared: readSharing(folder) }
  }

  hasFolder = (id: FolderId): boolean => this.#doc.folders[id] !== undefined

  /** Those that are on this device. */
  documents(): DocumentId[] {
    return this.#ids().filter((id) => !this.#absent.has(id))
  }

  has = (id: DocumentId): boolean => this.#doc.documents[id] !== undefined && !this.#absent.has(id)

  /** Those that only other devices have so far. */
  absent(): DocumentId[] {
    return [...this.#absent]
  }

  /** Calls `listener` with each document that was absent and is here now. */
  onArrived(listener: (id: DocumentId) => void): void {
    this.#arrived.add(listener)
  }

  /** The relay that a document is on, whether it is here already or not. */
  relayOf(id: DocumentId): string | null {
    const entry = this.#doc.documents[id]
    return entry ? readEntry(entry).relay : null
  }

  /** The relay on which the person's devices share the library; null while there is one device only. */
  get home(): string | null {
    return this.#doc.home === undefined ? null : String(this.#doc.home)
  }

  async setHome(relay: string): Promise<void> {
    if (this.home === relay) return
    await this.#change({ folders: [], documents: [] }, (doc) => {
      doc.home = stored(relay)
    })
  }

  /** How the person calls themselves on all their devices; null while there is one device only. */
  get me(): { name: string; color: number | null } | null {
    const { me } = this.#doc
    return me === undefined ? null : { name: String(me.name), color: typeof me.color === 'number' ? me.color : null }
  }

  async setMe({ name, color }: { name: string; color: number | null }): Promise<void> {
    if (this.me?.name === name && this.me.color === color) return
    await this.#change({ folders: [], documents: [] }, (doc) => {
      doc.me = { name: stored(name), color }
    })
  }

  removedDevices(): DeviceKey[] {
    return Object.keys(this.#doc.removedDevices ?? {}) as DeviceKey[]
  }

  async noteRemovedDevice(key: DeviceKey): Promise<void> {
    const now = this.#options.now()
    await this.#change({ folders: [], documents: [] }, (doc) => {
      doc.removedDevices ??= {}
      doc.removedDevices[key] = now
    })
  }

  /** Throws `not-found`. */
  entry(id: DocumentId): LibraryEntry {
    const entry = this.#doc.documents[id]
    if (!entry) throw new PalimpsestError('not-found', `there is no document ${id} in the library`)
    const read = readEntry(entry)
    return { ...read, folder: this.#known(read.folder) }
  }

  async createFolder(name: string, parent: FolderId | null): Promise<Folder> {
    this.#requireFolder(parent)
    const id = randomUUID() as string as FolderId
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      doc.folders[id] = { name: stored(name), parent: storedOrNull(parent) }
    })
    return this.folder(id)
  }

  async renameFolder(id: FolderId, name: string): Promise<void> {
    this.#requireFolder(id)
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      const folder = doc.folders[id]
      if (folder) folder.name = stored(name)
    })
  }

  async moveFolder(id: FolderId, parent: FolderId | null): Promise<void> {
    this.#requireFolder(id)
    this.#requireFolder(parent)
    if (isInside(this.#doc, parent, id)) throw new PalimpsestError('invalid', `folder ${id} cannot be moved into itself`)
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      const folder = doc.folders[id]
      if (folder) folder.parent = storedOrNull(parent)
    })
  }

  /** What is in it moves to its parent. */
  async removeFolder(id: FolderId): Promise<void> {
    const { parent, shared } = this.folder(id)
    if (shared)
      throw new PalimpsestError('invalid', `folder ${id} is shared`, { detail: sharedWords(shared.owner === this.#options.identity.key) })
    const folders = this.folders().filter((folder) => folder.parent === id)
    const documents = this.documents().filter((document) => this.entry(document).folder === id)
    await this.#change({ folders: [id, ...folders.map((folder) => folder.id)], documents }, (doc) => {
      for (const inside of folders) Object.assign(doc.folders[inside.id] ?? {}, { parent: storedOrNull(parent) })
      for (const inside of documents) Object.assign(doc.documents[inside] ?? {}, { folder: storedOrNull(parent) })
      delete doc.folders[id]
    })
  }

  /** Notes that a folder is shared, or with null that it is not any more. */
  async shareFolder(id: FolderId, shared: Folder['shared']): Promise<void> {
    this.#requireFolder(id)
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      const folder = doc.folders[id]
      if (!folder) return
      delete folder.relay
      delete folder.owner
      if (shared) Object.assign(folder, { relay: stored(shared.relay), owner: stored(shared.owner) })
      else delete folder.brought
    })
  }

  /** Takes a folder of somebody else into the library, where it is not in it. */
  async adoptFolder(id: FolderId, name: string, shared: { relay: string; owner: PersonKey }): Promise<void> {
    if (this.hasFolder(id)) return this.shareFolder(id, shared)
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      doc.folders[id] = { name: stored(name), parent: null, relay: stored(shared.relay), owner: stored(shared.owner) }
    })
  }

  /** Into which folder a document was put that has come from somebody else's; null for one that has not. */
  broughtTo(folder: FolderId, id: DocumentId): FolderId | null {
    const place = this.#doc.folders[folder]?.brought?.[id]
    if (place === undefined) return null
    return place === true ? folder : (String(place) as FolderId)
  }

  async noteBrought(folder: FolderId, places: readonly (readonly [DocumentId, FolderId])[]): Promise<void> {
    await this.#change({ folders: [], documents: [] }, (doc) => {
      const shared = doc.folders[folder]
      if (!shared) return
      shared.brought ??= {}
      for (const [id, place] of places) shared.brought[id] = place === folder ? true : stored(place)
    })
  }

  /** Takes over the folders in one of somebody else's. Returns for each where it is here. */
  async followInner(folder: FolderId, told: readonly InnerFolder[]): Promise<Map<FolderId, FolderId>> {
    const { edits, places } = planInner(this.#doc, folder, told)
    if (edits.length > 0) await this.#change({ folders: edits.map(({ id }) => id), documents: [] }, (doc) => applyInner(doc, folder, edits))
    return places
  }

  /** The documents in a folder and in the folders in it, without what is in the trash. Also those that only other devices have so far. */
  documentsIn(folder: FolderId): DocumentId[] {
    return this.#ids().filter((id) => {
      const entry = this.entry(id)
      return entry.trashedAt === null && isInside(this.#doc, entry.folder, folder)
    })
  }

  addDocument(id: DocumentId, entry: Partial<LibraryEntry>): Promise<void> {
    return this.addDocuments([[id, entry]])
  }

  /** Adds documents that are here, in one change. What is known of one from another device stays, as far as nothing else is said. */
  async addDocuments(entries: readonly (readonly [DocumentId, Partial<LibraryEntry>])[]): Promise<void> {
    for (const [, { folder }] of entries) this.#requireFolder(folder ?? null)
    const createdAt = this.#options.now()
    const blank: LibraryEntry = { folder: null, tags: [], pinned: false, trashedAt: null, createdAt, relay: null }
    await this.#change({ folders: [], documents: entries.map(([id]) => id) }, (doc) => {
      for (const [id, entry] of entries) {
        const known = this.#absent.has(id) ? this.entry(id) : blank
        doc.documents[id] = storedEntry({ ...known, ...entry, folder: entry.folder ?? known.folder })
      }
    })
    for (const [id] of entries) this.#isHere(id)
  }

  /** Changes what is said about documents, in one change. Throws `not-found` when one of them is not there. */
  async updateDocuments(ids: readonly DocumentId[], values: Partial<LibraryEntry>): Promise<void> {
    for (const id of ids) this.entry(id)
    this.#requireFolder(values.folder ?? null)
    const names = Object.keys(values) as (keyof LibraryEntry)[]
    await this.#change({ folders: [], documents: [...ids] }, (doc) => {
      for (const id of ids) {
        const entry = doc.documents[id]
        const next = storedEntry({ ...this.entry(id), ...values })
        if (entry) Object.assign(entry, Object.fromEntries(names.map((name) => [name, next[name]])))
      }
    })
  }

  /** Takes over what another library says, except of what this one knows already. */
  async adopt(former: LibraryContent): Promise<void> {
    const folders = former.folders.filter(({ id }) => !this.hasFolder(id))
    const documents = former.documents.filter(([id]) => this.#doc.documents[id] === undefined)
    if (folders.length + documents.length === 0) return
    await this.#change({ folders: folders.map(({ id }) => id), documents: documents.map(([id]) => id) }, (doc) => {
      for (const { id, name, parent } of folders) doc.folders[id] = { name: stored(name), parent: storedOrNull(parent) }
      for (const [id, entry] of documents) doc.documents[id] = storedEntry(entry)
    })
  }

  async removeDocuments(ids: readonly DocumentId[]): Promise<void> {
    await this.#change({ folders: [], documents: [...ids] }, (doc) => {
      for (const id of ids) delete doc.documents[id]
    })
  }

  /** Lays out a new library, and what is missing in one of which a part was damaged. */
  async #complete(): Promise<void> {
    if (this.#doc.folders && this.#doc.documents) return
    const { documents, identity } = this.#options
    const foundation = foundationOf(this.#id, identity.key)
    this.#doc = A.applyChanges(this.#doc, [foundation])[0]
    await Promise.race([documents.accept(this.#id, [foundation], 'engine'), documents.troubled()])
  }

  /** What another device, or a relay in its name, calls a document may be anything; only what can be one names files here. */
  #ids = () => Object.keys(this.#doc.documents).filter(isDocumentId)

  #isHere(id: DocumentId): void {
    if (!this.#absent.delete(id)) return
    for (const listener of this.#arrived) listener(id)
  }

  #load(chunks: readonly Uint8Array[]): void {
    // Loading forgets the author, cloning gives it back.
    this.#doc = A.clone(A.loadIncremental(A.init<LibraryDocument>(), Buffer.concat(chunks)), { author: this.#options.identity.key })
  }

  #merge(changes: readonly Uint8Array[]): void {
    const { documents, onChange } = this.#options
    const before = A.getHeads(this.#doc)
    const known = new Set(this.#ids())
    this.#doc = A.applyChanges(this.#doc, [...changes])[0]
    const delta = touched(A.diff(this.#doc, before, A.getHeads(this.#doc)))
    for (const id of delta.documents) {
      if (this.#doc.documents[id] === undefined) this.#absent.delete(id)
      else if (!known.has(id)) {
        this.#absent.add(id)
        void documents.has(id).then((isHere) => isHere && this.#isHere(id))
      }
    }
    onChange(delta)
  }

  /** Makes and stores one change. Waits until it is durable, unless nothing can be written for now. */
  async #change(delta: LibraryDelta, edit: (doc: LibraryDocument) => void): Promise<void> {
    this.#doc = A.change(this.#doc, { time: Math.floor(this.#options.now() / 1000) }, edit)
    const change = A.getLastLocalChange(this.#doc)
    if (!change) return
    const stored = this.#options.documents.accept(this.#id, [change], 'engine')
    if (delta.folders.length + delta.documents.length > 0) this.#options.onChange(delta)
    await Promise.race([stored, this.#options.documents.troubled()])
  }

  #requireFolder(id: FolderId | null): void {
    if (id !== null) this.folder(id)
  }

  /** A folder that was removed elsewhere meanwhile reads as none, so that nothing is ever out of reach. */
  #known(id: unknown): FolderId | null {
    const folder = id === null ? null : (String(id) as FolderId)
    return folder !== null && this.#doc.folders[folder] ? folder : null
  }
}

const sharedWords = (isOwn: boolean) =>
  isOwn ? 'The folder is shared. Stop sharing it first.' : 'The folder is shared with you. Leave it first: choose “Share” on it.'

/** Reads a stored library that is not this person's. */
export function readLibrary(chunks: readonly Uint8Array[]): LibraryContent {
  const doc = A.loadIncremental(A.init<LibraryDocument>(), Buffer.concat(chunks))
  const text = (value: unknown) => (value === null || value === undefined ? null : (String(value) as FolderId))
  return {
    folders: Object.entries(doc.folders ?? {}).map(([id, { name, parent }]) => ({
      id: id as FolderId,
      name: String(name),
      parent: text(parent),
      shared: null,
    })),
    documents: Object.entries(doc.documents ?? {}).flatMap(([id, entry]) => (isDocumentId(id) ? [[id, readEntry(entry)]] : [])),
  }
}

/** Ids of what patches touch: the second step of a path in `folders` or `documents`. */
function touched(patches: readonly A.Patch[]): LibraryDelta {
  const of = (root: string) => [
    ...new Set(patches.filter(({ path }) => path[0] === root && path.length > 1).map(({ path }) => String(path[1]))),
  ]
  return { folders: of('folders') as FolderId[], documents: of('documents').filter(isDocumentId) }
}
