import type { DocumentId } from '../../../core/ids.ts'
import { documentOfUrl } from '../document-jobs.ts'
import type { EngineParts } from '../parts.ts'

/** The documents that go with a text, as far as it has been read. */
export interface Companions {
  margin: DocumentId | null
  attachments: DocumentId[]
}

/** The documents that a text cannot do without: its margin, and the attachments that it shows. */
export function companionsOf({ readings }: Pick<EngineParts, 'readings'>, id: DocumentId): Companions {
  const attached = (readings.text(id)?.blocks ?? []).map(({ marker }) => documentOfUrl(marker?.attrs['src']))
  return {
    margin: readings.summary(id)?.margin ?? null,
    attachments: [...new Set(attached)].filter((attachment) => attachment !== null),
  }
}

export const idsOf = ({ margin, attachments }: Companions): DocumentId[] => [
  ...new Set([...(margin === null ? [] : [margin]), ...attachments]),
]
