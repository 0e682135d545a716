import { describe, expect, it } from 'vitest'
import type { DocumentSummary, Folder } from '../../core/contract/engine.ts'
import type { DocumentId, FolderId } from '../../core/ids.ts'
import { applyChange, createNewTitles, folderPath, isInside, type LibraryContent } from './library-model.ts'
import { drawnKeys, libraryRows, openRows, pathTo, type Row, rowNamed } from './library-rows.ts'

const folder = (id: string, parent: string | null = null): Folder => ({
  id: id as FolderId,
  name: id,
  parent: parent as FolderId | null,
  shared: null,
})

const document = (id: string, more: Partial<DocumentSummary> = {}): DocumentSummary => ({
  id: id as DocumentId,
  title: id,
  folder: null,
  tags: [],
  pinned: false,
  trashedAt: null,
  createdAt: 0,
  editedAt: 0,
  openedAt: null,
  words: 0,
  excerpt: '',
  relay: null,
  ...more,
})

const library = (folders: Folder[], documents: DocumentSummary[]): LibraryContent => ({
  isRead: true,
  folders: new Map(folders.map((item) => [item.id, item])),
  documents: new Map(documents.map((item) => [item.id, item])),
})

/** Rows as an indented list. */
const drawn = (rows: readonly Row[], depth = 0): string[] =>
  rows.flatMap((row) => [`${'  '.repeat(depth)}${row.name}`, ...('children' in row ? drawn(row.children, depth + 1) : [])])

describe('libraryRows', () => {
  it('nests folders, folders first, and leaves out empty groups and the trash', () => {
    const content = library(
      [folder('letters'), folder('drafts', 'letters')],
      [
        document('b', { folder: 'drafts' as FolderId }),
        document('Chapter 10'),
        document('Chapter 9'),
        document('gone', { trashedAt: 1, pinned: true, openedAt: 4, tags: ['old'] }),
      ],
    )
    expect(drawn(libraryRows(content, 'name'))).toEqual(['Documents', '  letters', '    drafts', '      b', '  Chapter 9', '  Chapter 10'])
  })

  it('lets no name turn the direction of what stands around it', () => {
    const turned = { id: 'f' as FolderId, name: 'Bills \u202e2026', parent: null, shared: null }
    const content = library([turned], [document('x', { title: 'Invoice \u202etxt.exe\u2066', folder: turned.id }), document('שלום')])
    expect(drawn(libraryRows(content, 'name'))).toEqual(['Documents', '  Bills 2026', '    Invoice txt.exe', '  שלום'])
    expect(folderPath(content.folders, turned.id)).toEqual(['Bills 2026'])
  })

  it('shows pinned, recent and tagged documents in their groups', () => {
    const content = library(
      [],
      [document('a', { pinned: true, tags: ['poem'] }), document('b', { openedAt: 1 }), document('c', { openedAt: 2 })],
    )
    expect(drawn(libraryRows(content, 'name'))).toEqual([
      ...['Pinned', '  a', 'Recently opened', '  c', '  b'],
      ...['Documents', '  a', '  b', '  c', 'Tags', '  poem'],
    ])
  })

  it('orders by the last edit', () => {
    const content = library([], [document('old', { editedAt: 1 }), document('new', { editedAt: 2 })])
    expect(drawn(libraryRows(content, 'edited'))).toEqual(['Documents', '  new', '  old'])
  })

  it('names a document without a title by its first words', () => {
    const content = library([], [document('a', { title: ' ', excerpt: 'Call me Ishmael.' }), document('b', { title: '' })])
    expect(drawn(libraryRows(content, 'name'))).toEqual(['Documents', '  Call me Ishmael.', '  Untitled'])
  })

  it('loses nothing when a merge left folders in a circle or documents without their folder', () => {
    const content = library(
      [folder('a', 'b'), folder('b', 'a')],
      [document('x', { folder: 'a' as FolderId }), document('y', { folder: 'none' as FolderId })],
    )
    const names = drawn(libraryRows(content, 'name')).map((name) => name.trim())
    expect(names.sort()).toEqual(['Documents', 'a', 'b', 'x', 'y'])
  })

  it('keeps the row of a summary that did not change', () => {
    const before = library([], [document('a'), document('b')])
    const after = applyChange(before, { documents: [document('a', { title: 'A' })] })
    const rowOfB = (content: LibraryContent) => libraryRows(content, 'name')[0]?.children[1]
    expect(rowOfB(after)).toBe(rowOfB(before))
  })
})

describe('folders', () => {
  const { folders } = library([folder('a'), folder('b', 'a'), folder('x', 'y'), folder('y', 'x')], [])

  it('have a path', () => {
    expect(folderPath(folders, 'b' as FolderId)).toEqual(['a', 'b'])
    expect(folderPath(folders, null)).toEqual([])
    expect(folderPath(folders, 'x' as FolderId)).toEqual(['y', 'x'])
  })

  it('are inside themselves and their ancestors', () => {
    expect(isInside(folders, 'b' as FolderId, 'a' as FolderId)).toBe(true)
    expect(isInside(folders, 'a' as FolderId, 'b' as FolderId)).toBe(false)
    expect(isInside(folders, 'x' as FolderId, 'a' as FolderId)).toBe(false)
  })
})

describe('rows', () => {
  const [documents] = libraryRows(
    library([folder('a'), folder('b', 'a')], [document('Éclair'), document('eagle'), document('zebra')]),
    'name',
  )
  const rows = [documents!]
  const keys = (found: readonly Row[]) => found.map(({ key }) => key)

  it('are open where all that they lie in is, and drawn as far as was reached', () => {
    expect(keys(openRows(rows, []))).toEqual(['documents'])
    expect(keys(openRows(rows, ['documents', 'folder:b']))).toHaveLength(5)
    expect(drawnKeys(rows, ['documents', 'folder:a'], new Map([['documents', 2]]))).toEqual([
      ...['documents', 'folder:a', 'folder:b'],
      'documents:eagle',
    ])
  })

  it('are found with what they lie in', () => {
    expect(pathTo(rows, 'folder:b')).toEqual([
      ['', 1],
      ['documents', 1],
      ['folder:a', 1],
    ])
    expect(pathTo(rows, 'folder:none')).toBeNull()
  })

  it('are found by the beginning of a name, without regard to case and accents, from the present one on and round', () => {
    const open = openRows(rows, ['documents'])
    const found = (typed: string, key: string) => rowNamed(open, typed, key)?.key
    expect(found('e', 'documents')).toBe('documents:eagle')
    expect(found('e', 'documents:eagle')).toBe('documents:Éclair')
    expect(found('e', 'documents:Éclair')).toBe('documents:eagle')
    expect(found('ec', 'documents:Éclair')).toBe('documents:Éclair')
    expect(found('ze', 'documents:zebra')).toBe('documents:zebra')
    expect(found('x', 'documents')).toBeUndefined()
  })
})

describe('createNewTitles', () => {
  it('keeps the title that was given while the engine is late', () => {
    const titles = createNewTitles()
    titles.note(document('a', { title: '' }), 'Fi')
    titles.note(document('a', { title: 'Fi' }), 'First')
    expect(titles.correct(document('a', { title: '' })).title).toBe('First')
    expect(titles.correct(document('a', { title: 'Fi' })).title).toBe('First')
  })

  it('believes the engine when it knows the title, or another one', () => {
    const titles = createNewTitles()
    titles.note(document('a', { title: 'old' }), 'new')
    expect(titles.correct(document('a', { title: 'new' })).title).toBe('new')
    expect(titles.correct(document('a', { title: 'old' })).title).toBe('old')
    titles.note(document('b', { title: 'old' }), 'new')
    expect(titles.correct(document('b', { title: 'theirs' })).title).toBe('theirs')
  })

  it('lets a title come back', () => {
    const titles = createNewTitles()
    titles.note(document('a', { title: 'old' }), 'new')
    titles.note(document('a', { title: 'new' }), 'old')
    expect(titles.correct(document('a', { title: 'old' })).title).toBe('old')
  })
})
