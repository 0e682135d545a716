/** What can be wrong with a relay, as a sentence for the person. */
import type { ErrorCode } from '../../../core/errors.ts'
import { closeCodes } from '../../../core/protocol/messages.ts'
import type { ApiProblem } from '../../../core/protocol/relay-api.ts'

export interface Problem {
  code: ErrorCode
  /** A sentence for the person. */
  detail: string
}

/** Why there is no connection. */
export interface LinkProblem extends Problem {
  code: Extract<ErrorCode, 'unreachable' | 'not-a-relay' | 'refused'>
}

export const strange = (detail: string): LinkProblem => ({
  code: 'not-a-relay',
  detail: `This address is not a Palimpsest relay. ${detail}`,
})
export const unreachable = (detail: string): LinkProblem => ({ code: 'unreachable', detail })
export const lost = unreachable('The relay no longer answers.')
export const tooLong = unreachable('The relay takes too long to answer.')

export function problemOfClose(code: number, reason: string): LinkProblem {
  if (code === closeCodes.refused) return { code: 'refused', detail: `The relay does not let you in: ${reason}` }
  if (code === closeCodes.goingAway) return unreachable('The relay is being restarted.')
  return lost
}

const refused = (detail: string): LinkProblem => ({ code: 'refused', detail })

const apiSentences: Record<ApiProblem, Problem> = {
  invalid: strange('It does not understand this version of Palimpsest.'),
  'signed-out': refused('The relay did not recognise you. It may be known under another address than this one.'),
  'no-invite': refused('The relay does not know you. Ask the person who runs it for an invite, and paste it in the settings.'),
  'invite-unknown': refused('The relay does not know this invite, or it was taken back. Ask for a new one.'),
  'invite-expired': refused('This invite is too old. Ask for a new one.'),
  'invite-used': refused('This invite has been used already. Ask for a new one.'),
  removed: refused('You were removed from this relay. What you have written is safe on this computer.'),
  'device-unknown': refused('The relay does not know this device. Add it again from another one of yours.'),
  'device-removed': refused('This device was removed by another one of yours. What you have written is safe on this computer.'),
  'code-unknown': {
    code: 'not-found',
    detail: 'The code is wrong, or more than ten minutes old. Compare it with the one on your other device.',
  },
  'code-used': { code: 'refused', detail: 'This code has been used already. Ask for a new one on your other device.' },
  'link-unknown': {
    code: 'not-found',
    detail: 'The link leads nowhere: it was taken back, or is not whole. Ask the person who sent it for a new one.',
  },
  'link-expired': { code: 'not-found', detail: 'The link has come to its end. Ask the person who sent it for a new one.' },
  'password-needed': { code: 'password', detail: 'This link has a password.' },
  'password-wrong': { code: 'password', detail: 'This is not the password of the link.' },
  'not-allowed': { code: 'not-allowed', detail: 'Only the owner may do this.' },
  'not-found': { code: 'not-found', detail: 'The relay does not have this, or does not share it with you.' },
  'too-many': refused('That was tried too often. Wait a little and try again.'),
  internal: unreachable('The relay has met a fault of its own. Try again in a moment.'),
}

export const problemOfApi = (problem: ApiProblem): Problem => apiSentences[problem]

/** What of it keeps a connection from being made. */
export function linkProblemOf({ code, detail }: Problem): LinkProblem {
  return { code: code === 'unreachable' || code === 'not-a-relay' ? code : 'refused', detail }
}
