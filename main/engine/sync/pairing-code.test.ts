import { describe, expect, it } from 'vitest'
import { newDevice } from '../identity.ts'
import { type Answer, meetingOf, newCode, openAnswer, openQuestion, readCode, sealAnswer, sealQuestion } from './pairing-code.ts'

const device = newDevice().key
const declined: Answer = { accepted: false }

describe('a code', () => {
  it('is shown in three groups, and never twice', () => {
    const codes = new Set(Array.from({ length: 200 }, newCode))
    expect(codes.size).toBe(200)
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
  })

  it.each(['K7QF-93MX-2PH1', 'k7qf93mx2ph1', ' K7QF 93MX 2PHI ', 'K7QF–93MX–2PHL', 'k7qf.93mx.2phi'])('may be typed as %j', (typed) => {
    expect(readCode(typed)).toBe('K7QF93MX2PH1')
  })

  it.each(['', 'K7QF-93MX', 'K7QF-93MX-2PHU', 'K7QF-93MX-2PHDD', 'palimpsest://join/abc'])('is not %j', (typed) => {
    expect(() => readCode(typed)).toThrow('no pairing code')
  })

  it('leads both devices to the same place with the same key, and any other code elsewhere', async () => {
    const [one, same, other] = await Promise.all(['K7QF-93MX-2PHD', 'k7qf93mx2phd', 'K7QF-93MX-2PHE'].map(meetingOf))
    expect(one).toEqual(same)
    expect(other?.id).not.toBe(one?.id)
    expect(other?.key).not.toEqual(one?.key)
  })
})

describe('a sealed message', () => {
  it('is read by whoever knows the code, and says nothing to anybody else', async () => {
    const [meeting, other] = await Promise.all([meetingOf('K7QF-93MX-2PHD'), meetingOf('K7QF-93MX-2PHE')])
    const sealed = sealQuestion(meeting, { device, name: 'Tablet' })
    expect(openQuestion(meeting, sealed)).toEqual({ device, name: 'Tablet' })
    expect(() => openQuestion(other, sealed)).toThrow()
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('Tablet')
    expect(sealQuestion(meeting, { device, name: 'Tablet' })).not.toBe(sealed)
  })

  it('cannot be shown in the place of another, or to another device, or changed', async () => {
    const meeting = await meetingOf('K7QF-93MX-2PHD')
    const question = sealQuestion(meeting, { device, name: 'Tablet' })
    const answer = sealAnswer(meeting, device, declined)
    expect(openAnswer(meeting, device, answer)).toEqual(declined)
    expect(() => openAnswer(meeting, device, question)).toThrow()
    expect(() => openQuestion(meeting, answer)).toThrow()
    expect(() => openAnswer(meeting, newDevice().key, answer)).toThrow()
    expect(() => openAnswer({ ...meeting, id: '0'.repeat(32) }, device, answer)).toThrow()
    for (const at of [0, 12, 20, Buffer.from(answer, 'base64url').length - 1]) {
      const bytes = Buffer.from(answer, 'base64url')
      bytes[at] = (bytes[at] ?? 0) ^ 1
      expect(() => openAnswer(meeting, device, bytes.toString('base64url'))).toThrow()
    }
    for (const cut of ['', 'AAAA', answer.slice(0, -4)]) expect(() => openAnswer(meeting, device, cut)).toThrow()
  })

  it('is not believed where it does not say what it should, though it was sealed with the right key', async () => {
    const meeting = await meetingOf('K7QF-93MX-2PHD')
    const evil = {
      accepted: true,
      person: 'nobody',
      library: '../..',
      relay: 'file:///etc/passwd',
      vouchers: [],
      linkKey: '',
      name: '',
      color: 99,
    }
    expect(() => openAnswer(meeting, device, sealAnswer(meeting, device, evil as never))).toThrow()
    expect(() => openQuestion(meeting, sealQuestion(meeting, { device: 'x', name: 'y' } as never))).toThrow()
  })
})
