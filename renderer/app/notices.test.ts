import { describe, expect, it } from 'vitest'
import type { DocumentId } from '../../core/ids.ts'
import { errorWords, noticeWords } from './notices.ts'

const document = 'x' as DocumentId

describe('noticeWords', () => {
  it('says what is damaged, what is safe and what to do', () => {
    const kept = noticeWords({ kind: 'damaged', document, of: 'text', title: 'Moby Dick', damage: { chunks: 2, recoverable: false } })
    expect(kept?.text).toMatch(/^2 parts of “Moby Dick” could not be read.*were set aside.*safe.*backup/)
    const coming = noticeWords({ kind: 'damaged', document, of: 'text', title: '', damage: { chunks: 1, recoverable: true } })
    expect(coming?.text).toMatch(/^1 part of “Untitled”.*was set aside.*comes back from the relay/)
    const library = noticeWords({ kind: 'damaged', document, of: 'library', title: '', damage: { chunks: 1, recoverable: false } })
    expect(library?.text).toMatch(
      /^1 part of the list of your documents .*was set aside\. Your documents are safe.*folders, tags or pins.*backup/,
    )
    const picture = noticeWords({ kind: 'damaged', document, of: 'companion', title: '', damage: { chunks: 1, recoverable: false } })
    expect(picture?.text).toMatch(/^1 part of a picture /)
  })

  it('keeps what lasts on the screen and lets the rest pass', () => {
    expect(noticeWords({ kind: 'disk-full' })?.shownAs).toBe('banner')
    expect(noticeWords({ kind: 'disk-failing' })?.shownAs).toBe('banner')
    expect(noticeWords({ kind: 'engine-restarted' })?.shownAs).toBe('toast')
    expect(noticeWords({ kind: 'disk-ok' })).toBeNull()
  })

  it('says that texts are safe when the key is lost, and how it comes back', () => {
    const lost = noticeWords({ kind: 'identity-lost', documents: 2 })
    expect(lost).toMatchObject({ shownAs: 'banner', tone: 'warning' })
    expect(lost?.text).toMatch(/new key.*texts are safe: 2 documents.*identity\.json.*backup/)
  })

  it('names the folder that cannot be written', () => {
    expect(noticeWords({ kind: 'read-only', dataDir: '/srv/words' })?.text).toContain('/srv/words')
  })
})

describe('errorWords', () => {
  it('puts the engine’s own words in the place of what happened', () => {
    expect(errorWords({ code: 'refused', detail: 'The link has expired.' })).toMatch(/^The link has expired\. Your text is safe/)
    expect(errorWords({ code: 'too-large', detail: 'It has 5 GB.' })).toMatch(/^It has 5 GB\. It is larger/)
    expect(errorWords({ code: 'not-found', detail: undefined })).toMatch(/^It is not here any more\./)
  })
})
