import { Fragment, type Node, Slice } from 'prosemirror-model'
import { asPalimpsestError } from '../../../core/errors.ts'
import type { ImageServices } from './insert-image.ts'

/** Pictures that markup carries written out in their address (`data:`) become attachments before they enter a document. */
export const isWrittenOut = (src: string) => src.startsWith('data:')

export function holdsWrittenOut(content: Fragment): boolean {
  for (let index = 0; index < content.childCount; index++) {
    if (isWrittenOut(String(content.child(index).attrs.src ?? ''))) return true
  }
  return false
}

/** The slice with attachments; a picture that cannot be kept is left out and told about. */
export async function adoptImages({ content, openStart, openEnd }: Slice, services: ImageServices): Promise<Slice> {
  const nodes: Node[] = []
  for (let index = 0; index < content.childCount; index++) {
    const node = content.child(index)
    const src = String(node.attrs.src ?? '')
    if (!isWrittenOut(src)) nodes.push(node)
    else {
      const kept = await adopt(src, services)
      if (kept !== null) nodes.push(node.type.create({ ...node.attrs, src: kept }, node.content))
    }
  }
  const adopted = Fragment.fromArray(nodes)
  return nodes.length === content.childCount ? new Slice(adopted, openStart, openEnd) : Slice.maxOpen(adopted, false)
}

async function adopt(src: string, { attachments, refuse }: ImageServices): Promise<string | null> {
  try {
    return await attachments.create(writtenOutFile(src), '')
  } catch (error) {
    refuse('A picture', asPalimpsestError(error))
    return null
  }
}

/** The file that a `data:` address spells out. Decoded here, because the content policy lets nothing be fetched. */
export function writtenOutFile(src: string): Blob {
  const [, type = '', encoding, data = ''] = /^data:([^;,]*)((?:;[^,]*)?),(.*)$/s.exec(src) ?? []
  const text = encoding?.includes('base64') ? atob(data) : decodeURIComponent(data)
  return new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))], { type })
}
