/**
 * Folders in a folder that somebody else shares. They come into the library with it, and the person may then rename, move and remove them like their own. What the owner
 * changes afterwards is followed only where the person has left it as it came; so the library keeps how it came.
 */
import type { FolderId } from '../../../core/ids.ts'
import { isInside, type LibraryDocument, stored } from './library-document.ts'

/** A folder as its owner has it. Its parent is the shared folder, or one that was told before it. */
export interface InnerFolder {
  id: FolderId
  name: string
  parent: FolderId
}

export interface InnerPlan {
  /** New ones, and those that the owner has changed. */
  edits: InnerFolder[]
  /** By folder of the owner's: where in this library that is now. For one that the person has removed, what it was in. */
  places: Map<FolderId, FolderId>
}

/** Compares what the owner tells with what came before. */
export function planInner(doc: LibraryDocument, shared: FolderId, told: readonly InnerFolder[]): InnerPlan {
  const came = doc.folders[shared]?.inner ?? {}
  const places = new Map([[shared, shared]])
  const edits: InnerFolder[] = []
  for (const { id, name, parent: wanted } of told) {
    const parent = places.get(wanted) ?? shared
    const before = came[id]
    const folder = doc.folders[id]
    // A folder of the person's own is not the owner's to fill, whatever they say its id is. One that they share by itself is.
    const isTheirs = before !== undefined || folder === undefined || isOfSameOwner(doc, id, shared)
    const isRemoved = before !== undefined && folder === undefined
    places.set(id, isTheirs && !isRemoved ? id : parent)
    const isNew = before === undefined && folder === undefined
    if (isNew || (before && (String(before.name) !== name || String(before.parent) !== parent))) edits.push({ id, name, parent })
  }
  return { edits, places }
}

export function applyInner(doc: LibraryDocument, shared: FolderId, edits: readonly InnerFolder[]): void {
  const folder = doc.folders[shared]
  if (!folder) return
  folder.inner ??= {}
  for (const { id, name, parent } of edits) {
    const before = folder.inner[id]
    const now = doc.folders[id]
    if (!before) doc.folders[id] = { name: stored(name), parent: stored(parent) }
    if (before && now && String(now.name) === String(before.name)) now.name = stored(name)
    if (before && now && String(now.parent) === String(before.parent) && !isInside(doc, parent, id)) now.parent = stored(parent)
    folder.inner[id] = { name: stored(name), parent: stored(parent) }
  }
}

function isOfSameOwner({ folders }: LibraryDocument, one: FolderId, other: FolderId): boolean {
  const owner = folders[one]?.owner
  return owner !== undefined && String(owner) === String(folders[other]?.owner)
}
