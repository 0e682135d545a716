import type { AppModel } from '../app/app-model.ts'
import type { Command } from '../app/commands.ts'
import type { ExportFormat } from './export-files.ts'
import type { FileActions } from './file-activity.ts'

export const formatNames: Record<ExportFormat, string> = { markdown: 'Markdown', html: 'HTML', text: 'Plain text' }

/** Files in and out, for the registry. */
export function fileCommands({ desk, library }: AppModel, files: FileActions): Command[] {
  const isOpen = () => desk.onDesk.get().state === 'open'
  const isFree = () => files.activity.get().state !== 'running'
  const exportAs = (format: ExportFormat): Command => ({
    id: `file.export-${format}`,
    title: `Export as ${format === 'text' ? 'plain text' : formatNames[format]}`,
    section: 'File',
    keywords: 'save download copy',
    isEnabled: isOpen,
    run: () => files.exportOpen(format),
  })
  return [
    {
      id: 'file.import',
      title: 'Import files…',
      section: 'File',
      keywords: 'open markdown html text',
      run: () => files.importFiles(),
    },
    {
      id: 'file.import-folder',
      title: 'Import a folder…',
      section: 'File',
      keywords: 'open markdown html text obsidian vault',
      run: () => files.importFolder(),
    },
    {
      id: 'file.export',
      title: 'Export…',
      section: 'File',
      keywords: 'save download markdown html text',
      isEnabled: () => isOpen() && isFree(),
      run: () => files.choose('document'),
    },
    exportAs('markdown'),
    exportAs('html'),
    exportAs('text'),
    {
      id: 'file.export-library',
      title: 'Export the library…',
      section: 'File',
      keywords: 'save download backup all zip',
      isEnabled: () => library.get().documents.size > 0 && isFree(),
      run: () => files.choose('library'),
    },
  ]
}
