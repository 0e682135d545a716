import { describe, expect, it } from 'vitest'
import type { PalimpsestError } from '../errors.ts'
import type { DocumentId } from '../ids.ts'
import { inviteLink, isRelayAddress, parseInvite, parseShareLink, shareLink } from './share-link.ts'

const documentId = '2akvofn6L1o4RMUEMQi7qzwRjKWZ' as DocumentId

describe('a share link', () => {
  it.each(['ws://127.0.0.1:3030', 'wss://relay.example.org', 'wss://example.org:8443/relay/', 'ws://[::1]:80'])(
    'leads back to the document on %s',
    (relay) => {
      for (const secret of [null, 'kJ3_-aaaaaaaaaaaaaaaaaaa'])
        expect(parseShareLink(shareLink({ documentId, relay, secret }))).toEqual({ documentId, relay, secret })
    },
  )

  it('may have white space around it, as pasted text has', () => {
    expect(parseShareLink(`\n ${shareLink({ documentId, relay: 'ws://a', secret: null })} `).documentId).toBe(documentId)
  })

  it.each([
    '',
    'hello',
    'https://example.org',
    `palimpsest://open/${documentId}`,
    `palimpsest://open/${documentId}?relay=`,
    `palimpsest://open/${documentId}?relay=%E0%A4%A`,
    `palimpsest://open/${documentId}?relay=${encodeURIComponent('https://example.org')}`,
    `palimpsest://open/${documentId}?relay=${encodeURIComponent('ws://me:secret@example.org')}`,
    `palimpsest://open/${documentId}?relay=${encodeURIComponent('javascript:alert(1)')}`,
    `palimpsest://open/../../etc/passwd?relay=ws%3A%2F%2Fa`,
    `palimpsest://open/tooshort?relay=ws%3A%2F%2Fa`,
    `palimpsest://close/${documentId}?relay=ws%3A%2F%2Fa`,
    `palimpsest://open/${documentId}?relay=ws%3A%2F%2Fa&more=1`,
    `palimpsest://open/${documentId}?relay=${'a'.repeat(1_000_000)}`,
  ])('is refused with a sentence when it is none: %.60s', (link) => {
    const caught = (() => {
      try {
        return parseShareLink(link)
      } catch (error) {
        return error as PalimpsestError
      }
    })()
    expect(caught).toMatchObject({ code: 'invalid', detail: expect.stringContaining('not a link') })
  })
})

describe('an invite', () => {
  const invite = { relay: 'wss://example.org:8443/relay/', secret: 'kJ3_-aaaaaaaaaaaaaaaaaaa' }
  const whole = inviteLink(invite)

  it('leads back to its relay', () => {
    expect(parseInvite(`\n${whole} `)).toEqual(invite)
  })

  it.each([
    ['', 'not an invite'],
    ['https://example.org', 'not an invite'],
    [shareLink({ documentId, relay: 'ws://a', secret: null }), 'a link to a document'],
    [whole.slice(0, 30), 'end of the invite is missing'],
    [whole.replace('wss', 'http'), 'damaged'],
    [whole.replace('kJ3', '%'), 'damaged'],
    [`${whole}&more=1`, 'damaged'],
  ])('says what is wrong with it: %s', (link, words) => {
    expect(() => parseInvite(link)).toThrow(expect.objectContaining({ code: 'invalid', detail: expect.stringContaining(words) }))
  })
})

it.each(['http://a', 'ws://', 'ws://a:99999', 'ws://a b', 'ws://a?x=1', 'ws://a#x', 'wss://user@a'])(
  '%s is no address of a relay',
  (address) => {
    expect(isRelayAddress(address)).toBe(false)
  },
)
