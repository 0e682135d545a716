import * as A from '@automerge/automerge/slim'
import type { TextDoc } from './document.ts'
import { backendOf, segmentId, segmentLengths, segmentStart, stretchesOf } from './segments.ts'

/**
 * Which changes would touch a stretch of the text, told before they are applied.
 *
 * A change's operations name the members that they insert after, delete or mark by Automerge's ids, and where a member is now the document
 * tells. A member that comes with the changes themselves stands where the one it was inserted after does.
 */

/** Changes from elsewhere, in two parts of which the first can be applied without the second. */
export interface SplitChanges {
  readonly free: A.Change[]
  /** They touch the stretch, or need a change that does. */
  readonly touching: A.Change[]
}

/** Above this many bytes a change counts as touching: reading its operations would take longer than the writer may wait. */
const manyBytes = 64 * 1024

/**
 * Splits changes by whether they touch the text from `from` to `to`, which is that of one block: its marker stands before `from`. Taking the block apart, joining
 * it to another and changing its type or attributes touches it too. When in doubt a change counts as touching.
 */
export function changesAround(doc: TextDoc, changes: readonly A.Change[], from: number, to: number): SplitChanges {
  const reader = new ChangeReader(doc, from, to)
  const split: { free: A.Change[]; touching: A.Change[] } = { free: [], touching: [] }
  for (const change of changes) (reader.touches(change) ? split.touching : split.free).push(change)
  return split
}

/** An operation as `A.decodeChange` has it. */
interface Operation {
  readonly action: string
  readonly obj: string
  readonly elemId?: string
  readonly insert?: boolean
}

class ChangeReader {
  private readonly doc: TextDoc
  private readonly from: number
  private readonly to: number
  /** Where each text of a segment starts, by its id. */
  private readonly starts = new Map<string, number>()
  /** Ids of the objects that are not texts and whose every change touches the stretch. */
  private readonly objects = new Set<string>()
  /** Hashes of the changes that touch. */
  private readonly touching = new Set<string>()
  /** Index that a member of the changes themselves will have, as far as the document tells; null where it does not. */
  private readonly places = new Map<string, number | null>()

  constructor(doc: TextDoc, from: number, to: number) {
    this.doc = doc
    this.from = from
    this.to = to
    const lengths = segmentLengths(doc)
    lengths.forEach((_, segment) => {
      const id = segmentId(doc, segment)
      if (id !== null) this.starts.set(id, segmentStart(lengths, segment))
    })
    const list = backendOf(doc).getWithType('/', 'segments')
    if (list?.[0] === 'list') this.objects.add(list[1])
    this.addMarker(lengths)
  }

  touches(change: A.Change): boolean {
    if (change.length > manyBytes) return true
    const { hash, deps, ops, actor, startOp } = A.decodeChange(change)
    const operations = ops as unknown as Operation[]
    // All of them are read, because the places of what they insert may be asked for later.
    const hits = operations.filter((operation, index) => this.hits(operation, operations[index + 1], `${startOp + index}@${actor}`))
    if (hits.length === 0 && !deps.some((dep) => this.touching.has(dep))) return false
    this.touching.add(hash)
    return true
  }

  private hits(operation: Operation, next: Operation | undefined, id: string): boolean {
    if (this.objects.has(operation.obj)) return true
    if (!this.starts.has(operation.obj)) return false
    const place = this.placeOf(operation)
    if (operation.insert) this.places.set(id, place === null ? null : place - 1)
    if (place === null) return true
    if (!operation.insert) return place >= this.from - 1 && place <= this.to
    if (operation.action === 'markEnd') return false
    if (operation.action !== 'markBegin') return place >= this.from && place <= this.to
    const end = next?.action === 'markEnd' ? this.placeOf(next) : null
    return end === null || (place < this.to && end > this.from)
  }

  /** Index at which an operation inserts, or which it changes. */
  private placeOf({ obj, elemId, insert }: Operation): number | null {
    const start = this.starts.get(obj)!
    if (elemId === undefined || elemId === '_head') return start
    const member = this.places.has(elemId) ? this.places.get(elemId)! : this.placeOfMember(obj, elemId, insert)
    return member === null || !insert ? member : member + 1
  }

  /** What was deleted is where the one before it is, seen by what is inserted after it. */
  private placeOfMember(text: string, elemId: string, isBefore = false): number | null {
    try {
      return this.starts.get(text)! + backendOf(this.doc).getCursorPosition(text, isBefore ? `-${elemId}` : elemId)
    } catch {
      // A member of a change that is not here yet.
      return null
    }
  }

  /** The block's marker with its attributes and parents. */
  private addMarker(lengths: readonly number[]): void {
    const backend = backendOf(this.doc)
    const stretch = stretchesOf(lengths, this.from - 1, this.from)[0]
    const text = stretch && segmentId(this.doc, stretch.segment)
    const marker = text && backend.getWithType(text, stretch.from)
    if (marker?.[0] !== 'map') return
    this.objects.add(marker[1])
    for (const part of ['attrs', 'parents']) {
      const value = backend.getWithType(marker[1], part)
      if (value?.[0] === 'map' || value?.[0] === 'list') this.objects.add(value[1])
    }
  }
}
