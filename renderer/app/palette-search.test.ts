import { describe, expect, it } from 'vitest'
import { findable, findBest } from './palette-search.ts'

const names = (typed: string, items: { name: string; keywords?: string }[], limit = 10) => {
  const all = items.map(({ name, keywords }) => ({ name, ...findable(name, keywords) }))
  return findBest(all, typed, limit).map(({ name }) => name)
}

describe('findBest', () => {
  it('puts names that begin with the words first, then those with a word that does', () => {
    const items = [{ name: 'Renewal' }, { name: 'A new day' }, { name: 'New document' }]
    expect(names('new', items)).toEqual(['New document', 'A new day', 'Renewal'])
  })

  it('wants every word, in any order', () => {
    const items = [{ name: 'New document' }, { name: 'New folder' }]
    expect(names('doc new', items)).toEqual(['New document'])
    expect(names('new note', items)).toEqual([])
  })

  it('finds by keywords, after names', () => {
    const items = [{ name: 'Use the dark theme', keywords: 'night' }, { name: 'Night train' }]
    expect(names('night', items)).toEqual(['Night train', 'Use the dark theme'])
  })

  it('looks past accents and case', () => {
    expect(names('ecole', [{ name: 'École' }])).toEqual(['École'])
  })

  it('keeps the order when nothing is typed, and the limit', () => {
    expect(names(' ', [{ name: 'b' }, { name: 'a' }, { name: 'c' }], 2)).toEqual(['b', 'a'])
  })
})
