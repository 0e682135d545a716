import { createHash } from 'node:crypto'
import * as A from '@automerge/automerge/slim'
import { type DeviceKey, type DocumentId, type FolderId, isPersonKey, type PersonKey } from '../../../core/ids.ts'

/**
 * A person's library, as an Automerge document: folders, and what the person says about each document. What a document says itself (its title, its
 * words) is not here. Ids and names are single values, not texts, so that a library of ten thousand documents stays small.
 */
export interface LibraryDocument {
  schema: 1
  folders: Record<FolderId, StoredFolder>
  documents: Record<DocumentId, StoredEntry>
  /** Address of the relay on which the person's devices share the library; none while there is one device only. */
  home?: A.ImmutableString
  /** How the person calls themselves on all their devices; not there while there is one device only. */
  me?: { name: A.ImmutableString; color: number | null }
  /** Devices that were removed, and when (milliseconds): every relay that the person uses is told. */
  removedDevices?: Record<DeviceKey, number>
}

export interface StoredFolder {
  name: A.ImmutableString
  parent: A.ImmutableString | null
  /** Where it is shared, and by whom; not there where it is not. */
  relay?: A.ImmutableString
  owner?: A.ImmutableString
  /**
   * Of somebody else's: documents that have come from it, so that what the person deletes does not come again, each with the folder that it was put into (`true` for this
   * one).
   */
  brought?: Record<DocumentId, true | A.ImmutableString>
  /** Of somebody else's: the folders in it as they came. */
  inner?: Record<FolderId, { name: A.ImmutableString; parent: A.ImmutableString }>
}

export interface StoredEntry {
  folder: A.ImmutableString | null
  tags: A.ImmutableString[]
  pinned: boolean
  /** Milliseconds, or null. */
  trashedAt: number | null
  createdAt: number
  /** Address of the relay it is shared through. */
  relay: A.ImmutableString | null
}

/**
 * The first change of a library. It follows from the library's id and its person alone, so that two devices that make it apart have made the same one, and neither's
 * folders hide those of the other.
 */
export function foundationOf(library: DocumentId, author: PersonKey): Uint8Array {
  const actor = createHash('sha256').update(library).digest('hex').slice(0, 32)
  const doc = A.change(A.init<LibraryDocument>({ actor, author }), { time: 0 }, (draft) => {
    Object.assign(draft, { schema: 1, folders: {}, documents: {}, removedDevices: {} })
  })
  const change = A.getLastLocalChange(doc)
  if (!change) throw new Error('a library without a first change')
  return change
}

/** An entry in plain values. */
export interface LibraryEntry {
  folder: FolderId | null
  tags: string[]
  pinned: boolean
  trashedAt: number | null
  createdAt: number
  relay: string | null
}

export const stored = (text: string) => new A.ImmutableString(text)
export const storedOrNull = (text: string | null) => (text === null ? null : stored(text))
const plainOrNull = (value: unknown) => (value === null || value === undefined ? null : String(value))
const timeOrNull = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** Whether a folder is another one, or in it. Two devices can put two folders into each other at the same time; the walk ends all the same. */
export function isInside({ folders }: LibraryDocument, folder: FolderId | null, ancestor: FolderId): boolean {
  const seen = new Set<FolderId>()
  for (let at = folder; at !== null && !seen.has(at); at = plainOrNull(folders[at]?.parent) as FolderId | null) {
    if (at === ancestor) return true
    seen.add(at)
  }
  return false
}

/** Reads where a folder is shared. */
export function readSharing({ relay, owner }: Partial<StoredFolder>): { relay: string; owner: PersonKey } | null {
  const key = plainOrNull(owner)
  return relay === undefined || !isPersonKey(key) ? null : { relay: String(relay), owner: key }
}

/** Reads an entry; what another version or program left out or wrote otherwise becomes the plainest value. */
export function readEntry(entry: Partial<StoredEntry>): LibraryEntry {
  return {
    folder: plainOrNull(entry.folder) as FolderId | null,
    tags: Array.isArray(entry.tags) ? entry.tags.map(String) : [],
    pinned: entry.pinned === true,
    trashedAt: timeOrNull(entry.trashedAt),
    createdAt: timeOrNull(entry.createdAt) ?? 0,
    relay: plainOrNull(entry.relay),
  }
}

export const storedEntry = (entry: LibraryEntry): StoredEntry => ({
  ...entry,
  folder: storedOrNull(entry.folder),
  tags: entry.tags.map(stored),
  relay: storedOrNull(entry.relay),
})
