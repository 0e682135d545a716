import { ImmutableString, isImmutableString } from '@automerge/automerge/slim'
import { type AttributeValue, type Block, type MarkSet, type MarkValue, noMarks } from './blocks.ts'

/** Between our vocabulary and what Automerge holds. Whatever another program stored is read as something, never refused. */

/** What `splitBlock` takes. Strings are stored as single values, not as texts of their own: a third of the size. */
export function storedBlock(block: Block) {
  return {
    type: new ImmutableString(block.type),
    parents: block.parents.map((parent) => new ImmutableString(parent)),
    attrs: Object.fromEntries(Object.entries(block.attrs).map(([name, value]) => [name, storedValue(value)])),
    isEmbed: block.isEmbed,
  }
}

const storedValue = (value: AttributeValue) => (typeof value === 'string' ? new ImmutableString(value) : value)

/** A marker as stored, as a block. Attributes that are not plain values are left out. */
export function readStoredBlock(stored: { readonly [key: string]: unknown }): Block {
  const attrs: Record<string, AttributeValue> = {}
  if (typeof stored.attrs === 'object' && stored.attrs !== null) {
    for (const name of Object.keys(stored.attrs).sort()) {
      const value = plainValue((stored.attrs as Record<string, unknown>)[name])
      if (value !== undefined) attrs[name] = value
    }
  }
  const parents = Array.isArray(stored.parents) ? stored.parents.map(plainValue).filter((parent) => typeof parent === 'string') : []
  return { type: String(plainValue(stored.type) ?? ''), parents, attrs, isEmbed: stored.isEmbed === true }
}

function plainValue(value: unknown): AttributeValue | undefined {
  if (isImmutableString(value)) return value.toString()
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return undefined
}

/** The value of a mark, or null where the mark was taken away. */
export function readMarkValue(value: unknown): MarkValue | null {
  const plain = plainValue(value)
  return plain === undefined ? String(value) : plain
}

/** A mark set with its names in order, so that equal sets are written alike. */
export function markSet(entries: Iterable<readonly [string, MarkValue | null]>): MarkSet {
  const present = [...entries].filter((entry): entry is readonly [string, MarkValue] => entry[1] !== null)
  if (present.length === 0) return noMarks
  return Object.fromEntries(present.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Marks as Automerge reports them. */
export const readMarks = (marks: { readonly [name: string]: unknown }): MarkSet =>
  markSet(Object.entries(marks).map(([name, value]) => [name, readMarkValue(value)]))
