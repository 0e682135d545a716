import { atom } from 'nanostores'
import type { DocumentId } from '../../core/ids.ts'
import { readBlocks } from '../../core/text/read.ts'
import type { AppModel } from '../app/app-model.ts'
import { formatCount } from '../app/format.ts'
import { later } from '../app/later.tsx'
import type { ExportedText, ExportFormat } from './export-files.ts'
import type { ImportReport } from './import-files.ts'
import { chooseFiles, chooseFolder, type PickedFile } from './picked-files.ts'

/** Work that is under way. What is `done` has a fraction: the share of the file that is being read. */
interface Running {
  readonly state: 'running'
  readonly title: string
  readonly done: number
  readonly total: number
  readonly isStopping: boolean
  cancel(): void
}

/** What is being done with files at the moment, and what came of it. One thing at a time. */
export type FileActivity =
  | { readonly state: 'idle' }
  | Running
  | { readonly state: 'report'; readonly report: ImportReport }
  | { readonly state: 'choosing'; readonly what: 'document' | 'library' }

const idle: FileActivity = { state: 'idle' }

const importing = later(() => import('./import-files.ts'))
const exporting = later(() => import('./export-files.ts'))

export type FileActions = ReturnType<typeof createFileActions>

export function createFileActions(app: AppModel) {
  const { desk, library, messages, session } = app
  const { engine } = session
  const activity = atom<FileActivity>(idle)

  /** Shows progress while `work` is under way, and lets the person stop it. */
  async function run<Value>(title: string, work: (signal: AbortSignal, progress: (done: number, total: number) => void) => Promise<Value>) {
    const abort = new AbortController()
    const show = (done: number, total: number) => {
      const cancel = () => {
        abort.abort()
        show(done, total)
      }
      activity.set({ state: 'running', title, done, total, isStopping: abort.signal.aborted, cancel })
    }
    show(0, 0)
    try {
      return await work(abort.signal, show)
    } finally {
      activity.set(idle)
    }
  }

  async function importPicked(picked: Promise<PickedFile[]> | PickedFile[]) {
    const files = await picked
    const author = session.info.get()?.me.key
    if (files.length === 0 || !author || activity.get().state === 'running') return
    const importer = await messages.attempt('Nothing was imported.', importing.load())
    if (!importer) return
    const job = { engine, author, folder: null }
    const report = await run('Importing', (signal, onProgress) => importer.importFiles(files, { ...job, signal, onProgress }))
    const [only] = report.imported
    if (report.imported.length === 1 && only) app.actions.openDocument(only)
    if (report.remarks.length > 0 || report.isCancelled) activity.set({ state: 'report', report })
    else messages.tell(`Imported ${formatCount(report.imported.length, 'document')}.`)
  }

  /** The text in front of the writer as it is now, of any other what the engine last read. */
  async function readText(id: DocumentId): Promise<ExportedText | null> {
    const folder = library.get().documents.get(id)?.folder ?? null
    const onDesk = desk.onDesk.get()
    if (onDesk.state === 'open' && onDesk.id === id) {
      const { handle, title } = onDesk.document
      return { title: title.get(), blocks: readBlocks(handle.doc()), folder }
    }
    const text = await engine.call('document.read', { id })
    return text && { title: text.title, blocks: text.blocks, folder }
  }

  async function exportOpen(format: ExportFormat) {
    const onDesk = desk.onDesk.get()
    const text = onDesk.state === 'open' ? await readText(onDesk.id) : null
    if (!text) return
    const whatFailed = 'The document was not exported.'
    const exporter = await messages.attempt(whatFailed, exporting.load())
    const exported = exporter && (await messages.attempt(whatFailed, exporter.exportDocument(text, format, engine)))
    if (exported) exporter.download(exported.blob, exported.name)
  }

  async function exportAll(format: ExportFormat) {
    const ids = [...library.get().documents.values()].filter(({ trashedAt }) => trashedAt === null).map(({ id }) => id)
    const unread: DocumentId[] = []
    async function* texts() {
      for (const id of ids) {
        const text = await readText(id)
        if (text) yield text
        else unread.push(id)
      }
    }
    const whatFailed = 'The library was not exported.'
    const exporter = await messages.attempt(whatFailed, exporting.load())
    if (!exporter) return
    const exported = run('Exporting', (signal, progress) =>
      exporter.exportLibrary(texts(), {
        engine,
        folders: library.get().folders,
        format,
        signal,
        onProgress: (done) => progress(done, ids.length),
      }),
    )
    const blob = await messages.attempt(whatFailed, exported)
    if (!blob) return
    exporter.download(blob, 'Palimpsest library.zip')
    if (unread.length > 0)
      messages.tell(`${formatCount(unread.length, 'document')} could not be read yet and is missing. Open it and export again.`)
  }

  return {
    activity,
    importFiles: () => importPicked(chooseFiles()),
    importFolder: () => importPicked(chooseFolder()),
    importPicked,
    exportOpen,
    exportAll,
    choose: (what: 'document' | 'library') => activity.set({ state: 'choosing', what }),
    dismiss: () => activity.set(idle),
  }
}
