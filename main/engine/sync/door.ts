/** The link that *Share* gives: whoever has it may write. */
import { randomBytes } from 'node:crypto'
import { PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Identity } from '../identity.ts'
import { linkSecret } from './link-secret.ts'
import { type RelayAccount, RelayProblem } from './relay-account.ts'

/** Makes the link where it is not there yet, and answers with its salt. A link that was taken back is followed by another one. */
export async function openDoor(account: RelayAccount, identity: Identity, documentId: DocumentId): Promise<string> {
  const make = async (salt: string) => {
    await account.call('link.create', { documentId, secret: linkSecret(identity, documentId, salt), salt, role: 'editor' })
    return salt
  }
  try {
    return await make('')
  } catch (error) {
    // Said of a link that was taken back, and to somebody who is not the owner.
    if (!(error instanceof RelayProblem) || error.problem !== 'not-allowed') throw error
  }
  const access = await account.call('document.access', { documentId })
  if (access?.role !== 'owner') throw notTheOwner
  const isDoor = (link: (typeof access.links)[number]) =>
    link.madeBy === identity.key && link.role === 'editor' && !link.hasPassword && link.expiresAt === null
  return access.links.find(isDoor)?.salt ?? make(randomBytes(9).toString('base64url'))
}

export const notTheOwner = new PalimpsestError('not-allowed', 'a link is made by the owner', {
  detail: 'Only the owner of this document can share it.',
})
