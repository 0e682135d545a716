/**
 * Work that opens a whole document, so that its cost grows with the document's history. It runs in worker threads (`document-worker.ts`), never
 * in the engine's own: while a document of a quarter of a million changes is read, keystrokes go on being stored and sent.
 */
import { readFileSync } from 'node:fs'
import * as A from '@automerge/automerge/slim'
import type { ChangeHeader } from '../../core/sync/change-header.ts'
import { PalimpsestError } from '../../core/errors.ts'
import { type ChangeHash, type DocumentId, documentUrl, type Heads, isDocumentId, type PersonKey } from '../../core/ids.ts'
import { checkedHeader } from '../../core/sync/large-change.ts'
import { isPanic } from '../../core/sync/panic.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import type { AttachmentDocument, TextDoc, TextDocument } from '../../core/text/document.ts'
import { readBlocks, readText, readTitle } from '../../core/text/read.ts'
import { updateTimeline } from './history/timeline-job.ts'
import { platform } from './platform.ts'
import { type ReadGraph, readGraph } from './read-graph.ts'
import { chunkHash, isChange, splitChunks } from './storage/chunk-framing.ts'
import { isMissing } from './storage/durable-files.ts'

/** Where a document's bytes are: chunk files, read by the worker itself, and changes that are not on the disk yet. */
export interface DocumentBytes {
  files: string[]
  pending: Uint8Array[]
}

/** A document as it reads. */
export interface Reading {
  heads: Heads
  /** Time of its last change; a label. */
  editedAt: number
  title: string
  /** The companion document, if it names one. */
  margin: DocumentId | null
  blocks: BlockContent[]
  text: string
}

interface AmendInput {
  document: DocumentBytes
  title?: string
  /** Put before the title that the document has, if it has one: without, its first words stand in a list in any case. */
  titlePrefix?: string
  margin?: DocumentId
  author: PersonKey
  /** Milliseconds. */
  time: number
}

/** Every job with its input and result. Results cross threads, so they are plain data. */
export const jobs = {
  /** The document's change graph, and what was counted in its changes. Throws what makes it no document: `damaged`, or `refused` for poison. */
  graph({ document }: { document: DocumentBytes }): ReadGraph {
    return readGraph(partsOf(document))
  },

  /**
   * Headers of changes that may be too large to be decoded in the engine's own thread; null for those that Automerge cannot read.
   */
  headers({ changes }: { changes: Uint8Array[] }): (ChangeHeader | null)[] {
    return changes.map((change) => {
      try {
        return checkedHeader(change, platform)
      } catch (error) {
        if (isPanic(error)) throw new PalimpsestError('damaged', 'a large change that Automerge does not survive', { cause: error })
        // It is refused; why it does not decode makes no difference to anybody.
        return null
      }
    })
  },

  /** Title and text of a text document. Throws `damaged` when its beginning is not there. */
  read({ document }: { document: DocumentBytes }): Reading {
    return withDocument<TextDocument, Reading>(document, (doc) => {
      if ((doc as Partial<TextDocument>).schema === undefined)
        throw new PalimpsestError('damaged', 'the beginning of the document is not there')
      return readingOf(doc)
    })
  },

  /** The file in an attachment document. */
  attachment({ document }: { document: DocumentBytes }): Omit<AttachmentDocument, 'schema'> {
    return withDocument<AttachmentDocument, Omit<AttachmentDocument, 'schema'>>(document, ({ type, name, bytes }) => {
      if (!(bytes instanceof Uint8Array)) throw new PalimpsestError('invalid', 'the document is no attachment')
      return { type: String(type), name: String(name), bytes }
    })
  },

  /** The whole document as one saved chunk; null when something is damaged or missing in it, because then its files say more than the chunk would. */
  save({ document }: { document: DocumentBytes }): { bytes: Uint8Array; heads: Heads } | null {
    let isDamaged = false
    partsOf(document, () => {
      isDamaged = true
    })
    if (isDamaged) return null
    return withDocument(document, (doc) => (A.getMissingDeps(doc, []).length > 0 ? null : { bytes: A.save(doc), heads: headsOf(doc) }))
  },

  /** The version that a saved chunk holds. Automerge checks every hash on the way. */
  heads({ document }: { document: DocumentBytes }): Heads {
    return withDocument(document, headsOf)
  },

  /** Changes that `since` does not include, dependencies first. */
  changes({ document, since }: { document: DocumentBytes; since: Heads }): Uint8Array[] {
    return withDocument(document, (doc) => A.getChangesSince(doc, [...since]))
  },

  /** The named changes, in any order; those that are not there are left out. */
  changesByHash({ document, hashes }: { document: DocumentBytes; hashes: readonly ChangeHash[] }): Uint8Array[] {
    return changesByHash(document, hashes)
  },

  /** Brings a timeline up to date. Null when the rows before `from` are not known here (any more): to be asked again from row 0. */
  timeline: updateTimeline,

  /** One change that gives the document another title or margin. */
  amend({ document, title, titlePrefix, margin, author, time }: AmendInput): Uint8Array[] {
    return edited<TextDocument>(document, author, time, (doc) => {
      if (titlePrefix !== undefined && String(doc.title).trim() !== '') A.splice(doc, ['title'], 0, 0, titlePrefix)
      if (title !== undefined) A.updateText(doc, ['title'], title)
      if (margin !== undefined) doc.margin = documentUrl(margin)
    })
  },
}

/** Taking this many changes out of a document one by one takes longer than taking out all of them. */
const manyChanges = 200

/** Bytes of changes; the document is opened only where one of them is in no chunk of its own. */
export function changesByHash(document: DocumentBytes, hashes: readonly ChangeHash[]): Uint8Array[] {
  const single = byHash(partsOf(document).filter(isChange))
  if (hashes.every((hash) => single.has(hash))) return hashes.flatMap((hash) => single.get(hash) ?? [])
  return withDocument(document, (doc) => {
    const all = hashes.length > manyChanges ? byHash(A.getAllChanges(doc)) : null
    return hashes.flatMap((hash) => (all ? all.get(hash) : A.getBackend(doc).getChangeByHash(hash)) ?? [])
  })
}

const byHash = (changes: readonly Uint8Array[]) => new Map(changes.map((change) => [hashOf(change), change]))

export type Jobs = typeof jobs
export type JobName = keyof Jobs
export type JobInput<Name extends JobName> = Parameters<Jobs[Name]>[0]
export type JobResult<Name extends JobName> = ReturnType<Jobs[Name]>

/** Reads an open text document. */
export const readingOf = (doc: TextDoc): Reading => ({
  heads: headsOf(doc),
  editedAt: Math.max(0, ...A.getHeads(doc).map((hash) => timeOf(doc, hash))),
  title: readTitle(doc),
  margin: documentOfUrl(doc.margin),
  blocks: readBlocks(doc),
  text: readText(doc),
})

/** Without decoding the change: an import is one of many thousand operations. */
const timeOf = (doc: TextDoc, hash: string) => (A.getBackend(doc).getChangeMetaByHash(hash)?.time ?? 0) * 1000

/** The id in an `automerge:` URL, or null for anything else. */
export function documentOfUrl(url: unknown): DocumentId | null {
  const id = typeof url === 'string' && url.startsWith('automerge:') ? url.slice('automerge:'.length) : null
  return isDocumentId(id) ? id : null
}

export const hashOf = (change: Uint8Array) => chunkHash(change)?.toString('hex') as ChangeHash
const headsOf = (doc: A.Doc<unknown>) => A.getHeads(doc).sort() as ChangeHash[]

/** All whole chunks of a document. Throws `not-found` when a file is gone: it was replaced by another one meanwhile. */
export function partsOf({ files, pending }: DocumentBytes, whenDamaged: (path: string) => void = () => {}): Uint8Array[] {
  const parts = files.flatMap((path) => {
    const { whole, isDamaged } = splitChunks(readChunkFile(path))
    if (isDamaged) whenDamaged(path)
    return whole
  })
  return [...parts, ...pending]
}

function readChunkFile(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new PalimpsestError(isMissing(cause) ? 'not-found' : 'internal', `chunk ${path} cannot be read`, { cause })
  }
}

/** Opens a document for as long as `use` runs: WebAssembly memory is not collected in time by itself. */
function withDocument<Shape, Result>(bytes: DocumentBytes, use: (doc: A.Doc<Shape>) => Result): Result {
  const doc = open<Shape>(bytes)
  try {
    return use(doc)
  } finally {
    A.free(doc)
  }
}

function open<Shape>(bytes: DocumentBytes): A.Doc<Shape> {
  const parts = partsOf(bytes)
  try {
    return A.loadIncremental(A.init<Shape>(), Buffer.concat(parts))
  } catch (cause) {
    throw new PalimpsestError('damaged', `the document in ${bytes.files.length} chunks does not open`, { cause })
  }
}

function edited<Shape>(bytes: DocumentBytes, author: PersonKey, time: number, edit: (doc: Shape) => void): Uint8Array[] {
  return withDocument<Shape, Uint8Array[]>(bytes, (doc) => {
    // Loading forgets the author, cloning gives it back.
    const own = A.change(A.clone(doc, { author }), { time: Math.floor(time / 1000) }, edit)
    try {
      return A.getChangesSince(own, A.getHeads(doc))
    } finally {
      A.free(own)
    }
  })
}
