import { createHash } from 'node:crypto'
import type { DocumentId } from '../../../core/ids.ts'
import type { Identity } from '../identity.ts'

/**
 * The secret of a link that this person makes. It follows from the person's key, so that it need not be kept anywhere, and is the same on all of their
 * devices. `salt` tells several links to one document apart.
 */
export function linkSecret({ sign }: Pick<Identity, 'sign'>, documentId: DocumentId, salt = ''): string {
  const signature = sign(Buffer.from(`Palimpsest link\ndocument ${documentId}\nsalt ${salt}\n`))
  return createHash('sha256').update(signature).digest('base64url').slice(0, 24)
}
