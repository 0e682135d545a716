import { asPalimpsestError } from '../../../core/errors.ts'
import type { EngineParts } from '../parts.ts'
import { readLibrary } from './library.ts'

/** On a device that has joined: puts what its own library said before into the person's. Repeated at the next start when it was cut short. */
export async function takeOver({ documents, identity, library, log }: EngineParts): Promise<void> {
  const { former } = identity
  if (former === null) return
  try {
    if (former !== identity.library) await library.adopt(readLibrary((await documents.chunks(former)).chunks))
  } catch (error) {
    log.error('the library from before cannot be read; its documents are looked for on the disk', asPalimpsestError(error))
    library.isIncomplete = true
  }
  await identity.forgetFormer()
}
