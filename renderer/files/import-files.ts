import { generateAutomergeUrl, parseAutomergeUrl } from '@automerge/automerge-repo/slim'
import type { EngineClient } from '../../core/contract/engine.ts'
import { asPalimpsestError } from '../../core/errors.ts'
import type { DocumentId, FolderId, PersonKey } from '../../core/ids.ts'
import { errorWords } from '../app/notices.ts'
import { isImageFile } from '../editor/images/attachments.ts'
import { createDocumentMaker, type DocumentMaker } from './document-maker.ts'
import type { FrontMatter } from './front-matter.ts'
import { type HtmlContent, type LostKind, type ReadOptions, readHtmlFile } from './html-reader.ts'
import { readMarkdown } from './markdown-reader.ts'
import { importable, type PickedFile } from './picked-files.ts'
import { PictureFinder } from './picture-finder.ts'
import { readPlainText, titledByName } from './plain-text.ts'
import { decodeText, largestTextBytes } from './text-file.ts'

/** What an import did, for the person to read. */
export interface ImportReport {
  readonly imported: readonly DocumentId[]
  /** What was left out or could not be kept, by file. */
  readonly remarks: readonly { readonly file: string; readonly text: string }[]
  readonly isCancelled: boolean
}

export interface ImportJob {
  readonly engine: EngineClient
  readonly author: PersonKey
  /** Where everything goes; folders of the files are made in it. */
  readonly folder: FolderId | null
  readonly signal: AbortSignal
  onProgress(done: number, total: number): void
}

type TextContent = HtmlContent & { readonly frontMatter?: FrontMatter | null }
type Reader = (text: string, options: ReadOptions) => TextContent

const readText: Reader = (text) => ({ blocks: readPlainText(text), lost: new Map(), title: null })
const readers: Record<(typeof importable)[number], Reader> = {
  md: readMarkdown,
  markdown: readMarkdown,
  mdown: readMarkdown,
  mkd: readMarkdown,
  html: readHtmlFile,
  htm: readHtmlFile,
  xhtml: readHtmlFile,
  txt: readText,
  text: readText,
}

/** By the ending of the name; a file without one is taken for a text. */
function readerOf(name: string): Reader | null {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? 'txt'
  const known = importable.find((one) => one === ending)
  return known ? readers[known] : null
}

/** How much of a file's time it takes to make the document; the rest is to read and to store it. */
const makingShare = 0.6

/**
 * Makes a document of each file, and folders as the files were in. One that cannot be read is left out and told about; the rest goes on. What
 * was made before a cancel stays.
 */
export async function importFiles(files: readonly PickedFile[], job: ImportJob): Promise<ImportReport> {
  const imported: DocumentId[] = []
  const remarks: { file: string; text: string }[] = []
  const pictures = new PictureFinder(job.engine, files)
  const folders = new FolderMaker(job.engine, job.folder)
  const maker = createDocumentMaker()
  job.signal.addEventListener('abort', () => maker.end())
  // Pictures come in with the documents that show them.
  const texts = files.filter(({ file }) => !isImageFile(file) && !file.name.startsWith('.'))
  job.onProgress(0, texts.length)
  for (const [index, picked] of texts.entries()) {
    if (job.signal.aborted) break
    const remark = (text: string) => remarks.push({ file: [...picked.folders, picked.file.name].join('/'), text })
    try {
      const content = await readFile(picked, pictures, remark)
      if (!content) continue
      const made = (share: number) => job.onProgress(index + share * makingShare, texts.length)
      imported.push(await store(content, { folder: await folders.find(picked.folders), file: picked.file, maker, job, made }))
    } catch (error) {
      if (!job.signal.aborted) remark(errorWords(asPalimpsestError(error)))
    } finally {
      job.onProgress(index + 1, texts.length)
      // Each file is some work in one go; between two of them the window breathes.
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
  maker.end()
  return { imported, remarks, isCancelled: job.signal.aborted }
}

type Content = Pick<HtmlContent, 'blocks'> & { title: string; tags: readonly string[] }

async function readFile(picked: PickedFile, pictures: PictureFinder, remark: (text: string) => void): Promise<Content | null> {
  const { file } = picked
  const reader = readerOf(file.name)
  if (!reader) {
    remark('It is neither Markdown nor HTML nor plain text, and was left out.')
    return null
  }
  // Refused by its size before it is read.
  const bytes = file.size > largestTextBytes ? new Uint8Array(largestTextBytes + 1) : new Uint8Array(await file.arrayBuffer())
  const decoded = decodeText(bytes)
  if (decoded.kind === 'refused') {
    remark(`${decoded.reason} It was left out.`)
    return null
  }
  if (decoded.note) remark(decoded.note)
  const { blocks, lost, title, frontMatter } = reader(decoded.text, { sourceOf: pictures.sourceOf })
  const { blocks: shown, missing } = await pictures.settle(blocks, picked.folders)
  const counts = new Map(lost)
  if (missing > 0) counts.set('image', (counts.get('image') ?? 0) + missing)
  for (const [kind, count] of counts) remark(lostWords[kind](count))
  if (frontMatter && frontMatter.others.length > 0) remark(`Of its front matter this was left out: ${frontMatter.others.join(', ')}.`)
  const name = file.name.replace(/\.[^.]+$/, '')
  const named = title === null ? titledByName(shown, name) : { title, blocks: shown }
  return {
    blocks: named.blocks,
    title: named.title.slice(0, 1000),
    tags: frontMatter?.tags ?? [],
  }
}

const times = (count: number, one: string, many: string) => (count === 1 ? one : `${count} ${many}`)

const lostWords: Record<LostKind, (count: number) => string> = {
  table: (count) => `${times(count, 'A table', 'tables')} became lines of text.`,
  media: (count) => `${times(count, 'A film, sound or frame was', 'films, sounds or frames were')} left out.`,
  form: (count) => `${times(count, 'A form field was', 'form fields were')} left out.`,
  drawing: (count) => `${times(count, 'A drawing or formula was', 'drawings or formulas were')} left out.`,
  image: (count) => `${times(count, 'A picture was', 'pictures were')} not found and left out.`,
}

interface Storing {
  readonly folder: FolderId | null
  readonly file: File
  readonly maker: DocumentMaker
  readonly job: ImportJob
  made(share: number): void
}

async function store({ title, blocks, tags }: Content, { folder, file, maker, job, made }: Storing): Promise<DocumentId> {
  const { engine, author } = job
  const margin = parseAutomergeUrl(generateAutomergeUrl()).documentId as string as DocumentId
  const bytes = await maker.make({ author, time: Date.now(), title, margin, blocks }, made)
  const { id } = await engine.call('document.create', { folder, title, chunks: [bytes], createdAt: file.lastModified })
  if (tags.length > 0) await engine.call('document.tag', { id, tags: [...tags] })
  return id
}

/** Makes each folder once. */
class FolderMaker {
  private readonly made = new Map<string, Promise<FolderId>>()
  private readonly engine: EngineClient
  private readonly base: FolderId | null

  constructor(engine: EngineClient, base: FolderId | null) {
    this.engine = engine
    this.base = base
  }

  async find(path: readonly string[]): Promise<FolderId | null> {
    const name = path.at(-1)
    if (name === undefined) return this.base
    const key = path.join('/')
    const known = this.made.get(key)
    if (known) return known
    const making = this.make(name, path.slice(0, -1))
    this.made.set(key, making)
    return making
  }

  private async make(name: string, above: readonly string[]): Promise<FolderId> {
    const parent = await this.find(above)
    return (await this.engine.call('folder.create', { name: name.trim().slice(0, 200) || 'Folder', parent })).id
  }
}
