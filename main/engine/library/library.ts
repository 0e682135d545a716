/**
 * The library in memory: folders and what is said about each document. Every call is one Automerge change, stored like any other document's, so
 * that it can be merged with what the person does on another device.
 */
import { randomUUID } from 'node:crypto'
import * as A from '@automerge/automerge/slim'
import type { Folder } from '../../../core/contract/engine.ts'
import { PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import type { Documents } from '../documents.ts'
import type { Identity } from '../identity.ts'
import { type LibraryDocument, type LibraryEntry, readEntry, stored, storedEntry, storedOrNull } from './library-document.ts'

/** What became different, by id; those that are gone now are in it too. */
export interface LibraryDelta {
  folders: FolderId[]
  documents: DocumentId[]
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
  /** Whether documents may be missing in it, because it was damaged, is gone, or is new on a folder that may hold some. */
  isIncomplete = false

  private constructor(options: LibraryOptions, doc: A.Doc<LibraryDocument>) {
    this.#options = options
    this.#id = options.identity.library
    this.#doc = doc
    options.documents.onAccepted(({ id, changes, source }) => {
      if (id === this.#id && source !== 'engine') this.#merge(changes.map((change) => change.bytes))
    })
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
    return library
  }

  folders(): Folder[] {
    return Object.keys(this.#doc.folders).map((id) => this.folder(id as FolderId))
  }

  /** Throws `not-found`. */
  folder(id: FolderId): Folder {
    const folder = this.#doc.folders[id]
    if (!folder) throw new PalimpsestError('not-found', `there is no folder ${id}`)
    return { id, name: String(folder.name), parent: this.#known(folder.parent) }
  }

  hasFolder = (id: FolderId): boolean => this.#doc.folders[id] !== undefined

  documents(): DocumentId[] {
    return Object.keys(this.#doc.documents) as DocumentId[]
  }

  has = (id: DocumentId): boolean => this.#doc.documents[id] !== undefined

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
    if (this.#isInside(parent, id)) throw new PalimpsestError('invalid', `folder ${id} cannot be moved into itself`)
    await this.#change({ folders: [id], documents: [] }, (doc) => {
      const folder = doc.folders[id]
      if (folder) folder.parent = storedOrNull(parent)
    })
  }

  /** What is in it moves to its parent. */
  async removeFolder(id: FolderId): Promise<void> {
    const { parent } = this.folder(id)
    const folders = this.folders().filter((folder) => folder.parent === id)
    const documents = this.documents().filter((document) => this.entry(document).folder === id)
    await this.#change({ folders: [id, ...folders.map((folder) => folder.id)], documents }, (doc) => {
      for (const inside of folders) Object.assign(doc.folders[inside.id] ?? {}, { parent: storedOrNull(parent) })
      for (const inside of documents) Object.assign(doc.documents[inside] ?? {}, { folder: storedOrNull(parent) })
      delete doc.folders[id]
    })
  }

  addDocument(id: DocumentId, entry: Partial<LibraryEntry>): Promise<void> {
    return this.addDocuments([[id, entry]])
  }

  /** Adds documents in one change. */
  async addDocuments(entries: readonly (readonly [DocumentId, Partial<LibraryEntry>])[]): Promise<void> {
    for (const [, { folder }] of entries) this.#requireFolder(folder ?? null)
    const createdAt = this.#options.now()
    const blank: LibraryEntry = { folder: null, tags: [], pinned: false, trashedAt: null, createdAt, relay: null }
    await this.#change({ folders: [], documents: entries.map(([id]) => id) }, (doc) => {
      for (const [id, entry] of entries) doc.documents[id] = storedEntry({ ...blank, ...entry })
    })
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

  async removeDocuments(ids: readonly DocumentId[]): Promise<void> {
    await this.#change({ folders: [], documents: [...ids] }, (doc) => {
      for (const id of ids) delete doc.documents[id]
    })
  }

  /** Lays out a new library, and what is missing in one of which a part was damaged. */
  async #complete(): Promise<void> {
    if (this.#doc.folders && this.#doc.documents) return
    await this.#change({ folders: [], documents: [] }, (doc) => {
      doc.schema = 1
      doc.folders ??= {}
      doc.documents ??= {}
    })
  }

  #load(chunks: readonly Uint8Array[]): void {
    // Loading forgets the author, cloning gives it back.
    this.#doc = A.clone(A.loadIncremental(A.init<LibraryDocument>(), Buffer.concat(chunks)), { author: this.#options.identity.key })
  }

  #merge(changes: readonly Uint8Array[]): void {
    const before = A.getHeads(this.#doc)
    this.#doc = A.applyChanges(this.#doc, [...changes])[0]
    this.#options.onChange(touched(A.diff(this.#doc, before, A.getHeads(this.#doc))))
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

  /** Two devices can put two folders into each other at the same time; the walk ends all the same. */
  #isInside(folder: FolderId | null, ancestor: FolderId): boolean {
    const seen = new Set<FolderId>()
    for (let at = folder; at !== null && !seen.has(at); at = this.folder(at).parent) {
      if (at === ancestor) return true
      seen.add(at)
    }
    return false
  }
}

/** Ids of what patches touch: the second step of a path in `folders` or `documents`. */
function touched(patches: readonly A.Patch[]): LibraryDelta {
  const of = (root: string) => [
    ...new Set(patches.filter(({ path }) => path[0] === root && path.length > 1).map(({ path }) => String(path[1]))),
  ]
  return { folders: of('folders') as FolderId[], documents: of('documents') as DocumentId[] }
}
