import { createHmac } from 'node:crypto'
import type { DocumentId } from '../../../core/ids.ts'
import type { Identity } from '../identity.ts'

/**
 * The secret of a link that this person makes. It follows from a key that all of the person's devices have, and that the first one derives from its own, so that it need
 * not be kept anywhere. `salt` tells several links to one document apart.
 */
export const linkSecret = ({ linkKey }: Pick<Identity, 'linkKey'>, documentId: DocumentId, salt = ''): string =>
  createHmac('sha256', Buffer.from(linkKey, 'hex')).update(`document ${documentId}\nsalt ${salt}\n`).digest('base64url').slice(0, 24)
