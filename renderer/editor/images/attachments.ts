import type { EngineClient } from '../../../core/contract/engine.ts'
import { maxAttachmentBytes } from '../../../core/contract/parsers.ts'
import { PalimpsestError } from '../../../core/errors.ts'

/** Pictures as documents of their own: made from files, and shown through addresses that only this page knows. */
export interface Attachments {
  /** Keeps a file and answers with the address that a document refers to it by. Throws `invalid` or `too-large`. */
  create(file: Blob, name: string): Promise<string>
  /** A `blob:` address of an attachment, the same for each asker. Rejects when it is not on this computer. */
  show(url: string): Promise<string>
  /** The file itself. */
  read(url: string): Promise<{ type: string; name: string; bytes: Uint8Array }>
}

/** What browsers draw in an `img`. A picture that is code stays inert there. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml']

export const isAttachment = (src: string) => src.startsWith('automerge:')
export const isImageFile = (file: Blob) => imageTypes.includes(file.type)

const byEngine = new WeakMap<EngineClient, Attachments>()

export function attachmentsOf(engine: EngineClient): Attachments {
  const known = byEngine.get(engine)
  if (known) return known
  const made = createAttachments(engine)
  byEngine.set(engine, made)
  return made
}

function createAttachments(engine: EngineClient): Attachments {
  const shown = new Map<string, Promise<string>>()
  const read = (url: string) => engine.call('attachment.read', { url })

  async function show(url: string) {
    const { type, bytes } = await read(url)
    if (!imageTypes.includes(type)) throw new PalimpsestError('invalid', `${url} is a ${type}`)
    return URL.createObjectURL(new Blob([bytes.slice()], { type }))
  }

  return {
    read,
    async create(file, name) {
      if (!isImageFile(file)) throw new PalimpsestError('invalid', `${name} is a ${file.type || 'file of unknown type'}`)
      if (file.size > maxAttachmentBytes) throw new PalimpsestError('too-large', `${name} has ${file.size} bytes`)
      const bytes = new Uint8Array(await file.arrayBuffer())
      return (await engine.call('attachment.create', { type: file.type, name, bytes })).url
    },
    show(url) {
      const known = shown.get(url)
      if (known) return known
      const showing = show(url)
      shown.set(url, showing)
      // It may arrive later: the next asker tries again.
      showing.catch(() => shown.delete(url))
      return showing
    },
  }
}
