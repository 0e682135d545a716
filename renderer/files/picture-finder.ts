import type { EngineClient } from '../../core/contract/engine.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import { isWrittenOut, writtenOutFile } from '../editor/images/adopt-images.ts'
import { type Attachments, attachmentsOf, isAttachment, isImageFile } from '../editor/images/attachments.ts'
import type { PickedFile } from './picked-files.ts'

/**
 * Finds the pictures of imported files: an attachment that is here already, a file of the same import, a picture written out in its
 * address, or one on the web, which stays there.
 */
export class PictureFinder {
  private readonly attachments: Attachments
  private readonly files: ReadonlyMap<string, File>
  private readonly kept = new Map<string, Promise<string | null>>()
  /** Where else to look for an attachment that is not here. */
  private readonly copies = new Map<string, string>()

  constructor(engine: EngineClient, picked: readonly PickedFile[]) {
    this.attachments = attachmentsOf(engine)
    const images = picked.filter(({ file }) => isImageFile(file))
    this.files = new Map(images.map(({ file, folders }) => [[...folders, file.name].join('/'), file]))
  }

  /** For the reader: every address is taken, and settled afterwards. */
  readonly sourceOf = (src: string, original: string | null): string | null => {
    if (original !== null && isAttachment(original)) this.copies.set(original, src)
    return (original ?? src) || null
  }

  /** The blocks with addresses that hold here; of a picture that is nowhere the caption stays. */
  async settle(blocks: readonly BlockContent[], folders: readonly string[]): Promise<{ blocks: BlockContent[]; missing: number }> {
    const settled: BlockContent[] = []
    let missing = 0
    for (const block of blocks) {
      const { marker, runs } = block
      const src = marker?.type === 'image' ? await this.find(String(marker.attrs.src), folders) : undefined
      if (marker === null || src === undefined) settled.push(block)
      else if (src !== null) settled.push({ marker: { ...marker, attrs: { ...marker.attrs, src } }, runs })
      else {
        missing++
        const paragraph = { type: 'paragraph', parents: marker.parents, attrs: {}, isEmbed: false }
        if (runs.length > 0) settled.push({ marker: paragraph, runs })
      }
    }
    return { blocks: settled, missing }
  }

  private async find(src: string, folders: readonly string[]): Promise<string | null> {
    if (/^https:/i.test(src)) return src
    if (isAttachment(src)) return (await this.isHere(src)) ? src : this.findCopy(src, folders)
    if (isWrittenOut(src)) return this.keep(src, () => writtenOutFile(src), '')
    const path = pathFrom(folders, src)
    const file = this.files.get(path)
    return file ? this.keep(path, () => file, file.name) : null
  }

  private async findCopy(src: string, folders: readonly string[]): Promise<string | null> {
    const copy = this.copies.get(src)
    return copy === undefined || isAttachment(copy) ? null : this.find(copy, folders)
  }

  private async isHere(url: string): Promise<boolean> {
    try {
      await this.attachments.read(url)
      return true
    } catch {
      // Made on another computer: the file brings a copy along, or not.
      return false
    }
  }

  private keep(key: string, open: () => Blob, name: string): Promise<string | null> {
    const known = this.kept.get(key)
    if (known) return known
    const keeping = (async () => {
      try {
        return await this.attachments.create(open(), name)
      } catch (error) {
        console.warn('A picture was not kept', error)
        return null
      }
    })()
    this.kept.set(key, keeping)
    return keeping
  }
}

/** A relative address, seen from folders. */
function pathFrom(folders: readonly string[], src: string): string {
  const path = [...folders]
  for (const part of decoded(src.replace(/[?#].*$/, '')).split('/')) {
    if (part === '..') path.pop()
    else if (part !== '.' && part !== '') path.push(part)
  }
  return path.join('/')
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    // A per cent sign that encodes nothing stands for itself.
    return address
  }
}
