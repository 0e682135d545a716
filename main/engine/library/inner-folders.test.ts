/** Folders that come with somebody else's, as a library takes them. */
import { describe, expect, it } from 'vitest'
import type { FolderId } from '../../../core/ids.ts'
import { applyInner, type InnerFolder, planInner } from './inner-folders.ts'
import { type LibraryDocument, stored } from './library-document.ts'

const id = (name: string) => name as FolderId
const inner = (name: string, parent = 'poems', called = name): InnerFolder => ({ id: id(name), name: called, parent: id(parent) })

/** A library with Ada's folder, and one of the person's own. */
function library(): LibraryDocument {
  const owner = stored('aa'.repeat(32))
  const shared = { name: stored('Poems'), parent: null, relay: stored('ws://relay'), owner }
  return {
    schema: 1,
    documents: {},
    folders: {
      [id('poems')]: shared,
      [id('diary')]: { name: stored('Diary'), parent: null },
      [id('songs')]: { ...shared, name: stored('Songs') },
    },
  }
}

function follow(doc: LibraryDocument, ...told: InnerFolder[]) {
  const { edits, places } = planInner(doc, id('poems'), told)
  applyInner(doc, id('poems'), edits)
  return Object.fromEntries(places)
}
const folders = (doc: LibraryDocument) =>
  Object.fromEntries(Object.entries(doc.folders).map(([name, folder]) => [name, `${folder.name} in ${folder.parent}`]))

describe('a folder in a shared folder', () => {
  it('comes once, and is left alone while nothing about it changes', () => {
    const doc = library()
    expect(follow(doc, inner('drafts'), inner('old', 'drafts'))).toEqual({ poems: 'poems', drafts: 'drafts', old: 'old' })
    expect(folders(doc)).toMatchObject({ drafts: 'drafts in poems', old: 'old in drafts' })
    expect(planInner(doc, id('poems'), [inner('drafts'), inner('old', 'drafts')]).edits).toEqual([])
  })

  it('is never one of the person’s own, whatever its id is', () => {
    const doc = library()
    expect(follow(doc, inner('diary', 'poems', 'Mine now'), inner('old', 'diary'))).toEqual({ poems: 'poems', diary: 'poems', old: 'old' })
    expect(folders(doc)).toMatchObject({ diary: 'Diary in null', old: 'old in poems' })
    expect(follow(doc, inner('diary', 'poems', 'Again'))).toMatchObject({ diary: 'poems' })
    expect(folders(doc)).toMatchObject({ diary: 'Diary in null' })
  })

  it('may be one that the same owner shares by itself; it stays where it is', () => {
    const doc = library()
    expect(follow(doc, inner('songs'))).toMatchObject({ songs: 'songs' })
    expect(folders(doc)).toMatchObject({ songs: 'Songs in null' })
  })

  it('that was removed does not come again, and what is in it goes into what it was in', () => {
    const doc = library()
    follow(doc, inner('drafts'), inner('old', 'drafts'))
    delete doc.folders[id('drafts')]
    expect(follow(doc, inner('drafts', 'poems', 'Renamed'), inner('old', 'drafts'))).toEqual({
      poems: 'poems',
      drafts: 'poems',
      old: 'old',
    })
    expect(folders(doc)).not.toHaveProperty('drafts')
  })

  it('stays where the person has put it, and is put into nothing that is in it', () => {
    const doc = library()
    follow(doc, inner('one'), inner('two'))
    Object.assign(doc.folders[id('two')] ?? {}, { parent: stored('one') })
    follow(doc, inner('two'), inner('one', 'two'))
    expect(folders(doc)).toMatchObject({ one: 'one in poems', two: 'two in one' })
  })

  it('is told in any order without harm', () => {
    const doc = library()
    expect(follow(doc, inner('a', 'b'), inner('b', 'a'), inner('c', 'c'))).toEqual({ poems: 'poems', a: 'a', b: 'b', c: 'c' })
    expect(folders(doc)).toMatchObject({ a: 'a in poems', b: 'b in a', c: 'c in poems' })
  })
})
