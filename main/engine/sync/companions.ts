import type { DocumentId } from '../../../core/ids.ts'
import { documentOfUrl } from '../document-jobs.ts'
import type { EngineParts } from '../parts.ts'

/** The documents that a text cannot do without, as far as it has been read: its margin, and the attachments that it shows. */
export function companionsOf({ readings }: Pick<EngineParts, 'readings'>, id: DocumentId): DocumentId[] {
  const margin = readings.summary(id)?.margin ?? null
  const attached = (readings.text(id)?.blocks ?? []).map(({ marker }) => documentOfUrl(marker?.attrs['src']))
  return [...new Set([margin, ...attached])].filter((companion) => companion !== null)
}
