import type { DocumentId } from '../../../core/ids.ts'
import type { EngineParts } from '../parts.ts'
import type { LibraryEntry } from './library-document.ts'

/**
 * Takes documents that are on the disk and not in the library into it: for a library that was damaged, so that no document is out of reach. What names a
 * margin is a text; margins, attachments and the library itself name none. Returns how many it found.
 */
export async function recoverDocuments({ documents, library, readings }: EngineParts): Promise<number> {
  const found: [DocumentId, Partial<LibraryEntry>][] = []
  for (const id of await documents.folder.documents()) {
    if (library.has(id)) continue
    const reading = await documents.run(id, 'read', {}, 'later').catch(() => null) // Too damaged to be opened: it stays where it is.
    if (reading === null || reading.margin === null) continue
    readings.put(id, reading)
    found.push([id, { createdAt: reading.editedAt }])
  }
  if (found.length > 0) await library.addDocuments(found)
  return found.length
}
