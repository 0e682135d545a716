import type { DocumentId } from '../../../core/ids.ts'
import { documentOfUrl } from '../document-jobs.ts'
import type { EngineParts } from '../parts.ts'

/** The documents that go with a text, as far as it has been read. */
export interface Companions {
  margin: DocumentId | null
  attachments: DocumentId[]
}

/**
 * The documents that a text cannot do without: its margin, and the attachments that it shows. Their names stand in the text, where anybody may have written them who may change it;
 * so none that is a text of the person's, or their library, goes with another one, to whoever can read that.
 */
export function companionsOf({ identity, readings }: Pick<EngineParts, 'identity' | 'readings'>, id: DocumentId): Companions {
  const mayGo = (named: DocumentId | null) => named !== null && named !== identity.library && readings.summary(named) === null
  const { margin = null } = readings.summary(id) ?? {}
  const attached = (readings.text(id)?.blocks ?? []).map(({ marker }) => documentOfUrl(marker?.attrs['src']))
  return {
    margin: mayGo(margin) ? margin : null,
    attachments: [...new Set(attached)].filter((attachment) => attachment !== null).filter(mayGo),
  }
}

export const idsOf = ({ margin, attachments }: Companions): DocumentId[] => [
  ...new Set([...(margin === null ? [] : [margin]), ...attachments]),
]
