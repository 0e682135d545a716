import type { EngineClient, Folder } from '../../core/contract/engine.ts'
import type { FolderId } from '../../core/ids.ts'
import type { BlockContent } from '../../core/text/blocks.ts'
import { attachmentsOf, isAttachment } from '../editor/images/attachments.ts'
import { writePage } from './html-writer.ts'
import { writeMarkdown } from './markdown-writer.ts'
import { addressOf, fileName } from './file-names.ts'
import { writePlainText } from './plain-text.ts'
import { createZip, type ZipWriter } from './zip-writer.ts'

export type ExportFormat = 'markdown' | 'html' | 'text'

export interface ExportedText {
  readonly title: string
  readonly blocks: readonly BlockContent[]
  readonly folder: FolderId | null
}

const extensions: Record<ExportFormat, string> = { markdown: 'md', html: 'html', text: 'txt' }
const mimeTypes: Record<ExportFormat, string> = { markdown: 'text/markdown', html: 'text/html', text: 'text/plain' }

/** One document as a file: a page holds its pictures itself, Markdown with pictures is a zip with them beside it. */
export async function exportDocument(
  text: ExportedText,
  format: ExportFormat,
  engine: EngineClient,
): Promise<{ blob: Blob; name: string }> {
  const name = fileName(text.title)
  const pictures = format === 'text' ? [] : await picturesOf(text.blocks, engine)
  if (format === 'markdown' && pictures.length > 0) {
    const files = createZip()
    addToZip(files, '', name, text, format, pictures)
    return { blob: files.finish(), name: `${name}.zip` }
  }
  const addresses = new Map(pictures.map(({ src, type, bytes }) => [src, `data:${type};base64,${base64(bytes)}`]))
  return { blob: new Blob([write(text, format, addresses)], { type: mimeTypes[format] }), name: `${name}.${extensions[format]}` }
}

export interface LibraryExport {
  readonly engine: EngineClient
  readonly folders: ReadonlyMap<FolderId, Folder>
  readonly format: ExportFormat
  readonly signal: AbortSignal
  onProgress(done: number): void
}

/** All texts in one zip, in their folders. `readTexts` gives one after the other, so that only one is in memory as blocks. */
export async function exportLibrary(texts: AsyncIterable<ExportedText>, job: LibraryExport): Promise<Blob | null> {
  const files = createZip()
  const names = new UniqueNames()
  let done = 0
  for await (const text of texts) {
    if (job.signal.aborted) return null
    const folder = folderPath(text.folder, job.folders)
    const name = names.take(folder, fileName(text.title))
    addToZip(files, folder, name, text, job.format, job.format === 'text' ? [] : await picturesOf(text.blocks, job.engine))
    job.onProgress(++done)
  }
  return files.finish()
}

interface Picture {
  readonly src: string
  readonly type: string
  readonly bytes: Uint8Array
}

function addToZip(files: ZipWriter, folder: string, name: string, text: ExportedText, format: ExportFormat, pictures: readonly Picture[]) {
  const addresses = new Map<string, string>()
  pictures.forEach(({ src, type, bytes }, index) => {
    const path = `${name} pictures/${index + 1}.${pictureExtension(type)}`
    files.add(folder + path, bytes, 'stored')
    addresses.set(src, addressOf(path))
  })
  files.add(`${folder}${name}.${extensions[format]}`, new TextEncoder().encode(write(text, format, addresses)), 'compressed')
}

function write({ title, blocks }: ExportedText, format: ExportFormat, addresses: ReadonlyMap<string, string>): string {
  const options = { sourceOf: (src: string) => addresses.get(src) ?? src }
  switch (format) {
    case 'markdown':
      return writeMarkdown(title, blocks, options)
    case 'html':
      return writePage(title, blocks, options)
    case 'text':
      return `${[title, writePlainText(blocks)].filter((part) => part !== '').join('\n\n')}\n`
  }
}

/** The attachments that blocks show and that are on this computer. */
async function picturesOf(blocks: readonly BlockContent[], engine: EngineClient): Promise<Picture[]> {
  const sources = new Set(blocks.flatMap(({ marker }) => (marker?.type === 'image' ? [String(marker.attrs.src)] : [])))
  const pictures: Picture[] = []
  for (const src of [...sources].filter(isAttachment)) {
    try {
      const { type, bytes } = await attachmentsOf(engine).read(src)
      pictures.push({ src, type, bytes })
    } catch (error) {
      // Not here yet: the text refers to it by the address it has.
      console.warn('A picture is not on this computer', error)
    }
  }
  return pictures
}

const pictureExtension = (type: string) =>
  type
    .replace(/^image\//, '')
    .replace('svg+xml', 'svg')
    .replace('jpeg', 'jpg')

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += 32_768) binary += String.fromCharCode(...bytes.subarray(start, start + 32_768))
  return btoa(binary)
}

function folderPath(id: FolderId | null, folders: ReadonlyMap<FolderId, Folder>): string {
  const names: string[] = []
  for (let folder = id === null ? undefined : folders.get(id); folder && names.length < 50; ) {
    names.unshift(fileName(folder.name))
    folder = folder.parent === null ? undefined : folders.get(folder.parent)
  }
  return names.map((name) => `${name}/`).join('')
}

/** Two documents of the same name in one folder get numbers; file systems that ignore case are thought of. */
class UniqueNames {
  private readonly taken = new Set<string>()

  take(folder: string, name: string): string {
    let free = name
    for (let number = 2; this.taken.has((folder + free).toLowerCase()); number++) free = `${name} ${number}`
    this.taken.add((folder + free).toLowerCase())
    return free
  }
}

/** Hands a file to the person as a download. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
