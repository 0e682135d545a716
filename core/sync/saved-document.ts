/**
 * What is inside a saved document: one chunk that holds a whole history in columns. Automerge checks it while it opens it: every change is made again
 * from the columns, and the hashes of those at the end must be the ones that the chunk names. Its changes are taken out all at once as bytes, and their headers read
 * from these, because one object for each of a few hundred thousand changes takes longer than everything else.
 */
import { type Doc, free, load, saveSince } from '@automerge/automerge/slim'
import { PalimpsestError } from '../errors.ts'
import type { ChangeGraph } from './change-graph.ts'
import { splitChunks } from './change-header.ts'
import { hashOfPlain, type Platform, plainForm } from './large-change.ts'
import { RawChange } from './raw-header.ts'

/**
 * The changes inside a saved document (or any row of chunks), dependencies first. It materialises the document, so its cost is that of opening it:
 * never on the way of a keystroke. Throws `damaged`.
 */
export function expandDocument(chunk: Uint8Array): Uint8Array[] {
  let document: Doc<unknown> | null = null
  try {
    document = load(chunk)
    return splitChunks(saveSince(document, []))
  } catch (cause) {
    throw new PalimpsestError('damaged', `a saved document of ${chunk.length} bytes cannot be taken apart`, { cause })
  } finally {
    if (document) free(document)
  }
}

/**
 * Adds the headers of changes that `expandDocument` gave to a graph in which nothing waits. `onAdded` is called for each that was not there, in the
 * order of rows. Throws `refused` at the first that can never be part of the graph.
 */
export function addExpanded(
  graph: ChangeGraph,
  changes: Iterable<Uint8Array>,
  platform: Platform,
  onAdded: (change: RawChange) => void = () => {},
): void {
  const raw = new RawChange()
  for (const change of changes) {
    const plain = plainForm(change, platform)
    if (graph.addRaw(raw.read(plain), hashOfPlain(plain, platform))) onAdded(raw)
  }
}
