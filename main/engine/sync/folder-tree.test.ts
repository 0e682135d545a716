/** What an owner's app tells of a shared folder. */
import { expect, it } from 'vitest'
import type { DocumentId, FolderId } from '../../../core/ids.ts'
import { maxInnerFolders } from '../../../core/protocol/relay-api.ts'
import { treeOf } from './folder-tree.ts'

/** Folders by id with their parents, and documents with their folders. */
function places(parents: Record<string, string | null>, folders: Record<string, string>) {
  return {
    folder: (id: FolderId) => ({ name: id.toUpperCase(), parent: (parents[id] ?? null) as FolderId | null }),
    entry: (id: DocumentId) => ({ folder: (folders[id] ?? null) as FolderId | null }),
  }
}
const tell = (parents: Record<string, string | null>, folders: Record<string, string>) =>
  treeOf(places(parents, folders), 'top' as FolderId, Object.keys(folders) as DocumentId[])

it('tells folders after what they are in, and none without documents', () => {
  const parents = { top: 'elsewhere', a: 'top', b: 'a', empty: 'top' }
  expect(tell(parents, { one: 'top', two: 'b', three: 'a', four: 'b' })).toEqual({
    documents: ['one'],
    inner: [
      { id: 'a', name: 'A', parent: 'top', documents: ['three'] },
      { id: 'b', name: 'B', parent: 'a', documents: ['two', 'four'] },
    ],
  })
})

it('tells what is in too many folders in what these are in', () => {
  const names = Array.from({ length: maxInnerFolders + 1 }, (_, at) => `f${at}`)
  const { documents, inner } = tell(
    Object.fromEntries(names.map((name) => [name, 'top'])),
    Object.fromEntries(names.map((name) => [`in ${name}`, name])),
  )
  expect(inner).toHaveLength(maxInnerFolders)
  expect(documents).toEqual([`in f${maxInnerFolders}`])
})

it('ends where two devices have put two folders into each other', () => {
  expect(tell({ a: 'b', b: 'a' }, { one: 'a' }).inner.flatMap(({ documents }) => documents)).toEqual(['one'])
})
