import { useStore } from '@nanostores/react'
import { useEffect, useMemo, useState } from 'react'
import { Button, Label, ProgressBar, Radio, RadioGroup } from 'react-aria-components'
import { useApp } from '../app/app-model.ts'
import { registerCommands } from '../app/commands.ts'
import { DialogFrame } from '../app/controls.tsx'
import { formatCount, formatNumber } from '../app/format.ts'
import type { ExportFormat } from './export-files.ts'
import { createFileActions, type FileActions, type FileActivity } from './file-activity.ts'
import { fileCommands, formatNames } from './file-commands.ts'
import type { ImportReport } from './import-files.ts'
import { droppedFiles } from './picked-files.ts'
import './files.css'

/** Import and export in this window: their commands, files dropped anywhere, progress, and the report. */
export function FileCenter() {
  const app = useApp()
  const files = useMemo(() => createFileActions(app), [app])
  const activity = useStore(files.activity)
  const isOver = useDroppedFiles(files)
  useEffect(() => registerCommands(fileCommands(app, files)), [app, files])
  return (
    <>
      {isOver && <div className="drop-hint">Drop to import</div>}
      <Activity activity={activity} files={files} />
    </>
  )
}

function Activity({ activity, files }: { activity: FileActivity; files: FileActions }) {
  switch (activity.state) {
    case 'idle':
      return null
    case 'running':
      return <Progress {...activity} />
    case 'report':
      return <Report report={activity.report} onClose={files.dismiss} />
    case 'choosing':
      return <ExportDialog what={activity.what} files={files} />
  }
}

/** Takes files that are dropped where nothing else does. */
function useDroppedFiles(files: FileActions): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => event.relatedTarget === null && setOver(false)
    const drop = (event: DragEvent) => {
      setOver(false)
      if (event.defaultPrevented || !event.dataTransfer || !hasFiles(event)) return
      event.preventDefault()
      void files.importPicked(droppedFiles(event.dataTransfer))
    }
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [files])
  return isOver
}

const quietMs = 500

/** Shown only when it takes longer than a moment. */
function Progress({ title, done, total, isStopping, cancel }: Extract<FileActivity, { state: 'running' }>) {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), quietMs)
    return () => clearTimeout(timer)
  }, [])
  if (!isShown) return null
  return (
    <div className="file-progress" role="status">
      <ProgressBar value={done} maxValue={Math.max(total, 1)}>
        {({ percentage }) => (
          <>
            <Label>
              {isStopping ? 'Stopping' : title} {amount(done, total)}
            </Label>
            <svg aria-hidden="true" viewBox="0 0 100 2" preserveAspectRatio="none">
              <rect width={percentage ?? 0} height="2" />
            </svg>
          </>
        )}
      </ProgressBar>
      <Button className="button" onPress={cancel} isDisabled={isStopping}>
        Cancel
      </Button>
    </div>
  )
}

/** Of a single file its share; of many how many there are. */
function amount(done: number, total: number): string {
  if (total === 0) return ''
  return total === 1 ? `${Math.floor(done * 100)}%` : `${formatNumber(Math.floor(done))} of ${formatNumber(total)}`
}

function Report({ report, onClose }: { report: ImportReport; onClose(): void }) {
  const { imported, remarks, isCancelled } = report
  return (
    <DialogFrame title="Import" kind="small import-report" onClose={onClose}>
      <p>
        {isCancelled ? 'Stopped. ' : ''}
        {imported.length === 0 ? 'Nothing was imported.' : `Imported ${formatCount(imported.length, 'document')}.`}
      </p>
      {remarks.length > 0 && (
        <ul>
          {remarks.map(({ file, text }) => (
            <li key={`${file} ${text}`}>
              <strong>{file}</strong> {text}
            </li>
          ))}
        </ul>
      )}
      <div className="dialog-buttons">
        <Button className="button primary" onPress={onClose} autoFocus>
          Done
        </Button>
      </div>
    </DialogFrame>
  )
}

function ExportDialog({ what, files }: { what: 'document' | 'library'; files: FileActions }) {
  const [format, setFormat] = useState<ExportFormat>('markdown')
  const start = () => {
    files.dismiss()
    void (what === 'library' ? files.exportAll(format) : files.exportOpen(format))
  }
  return (
    <DialogFrame title={what === 'library' ? 'Export the library' : 'Export the document'} kind="small" onClose={files.dismiss}>
      <RadioGroup className="choice-field" value={format} onChange={(value) => setFormat(value as ExportFormat)}>
        <Label>Format</Label>
        <div className="segmented">
          {(Object.keys(formatNames) as ExportFormat[]).map((name) => (
            <Radio key={name} className="segment" value={name}>
              {formatNames[name]}
            </Radio>
          ))}
        </div>
      </RadioGroup>
      <p className="file-note">
        {what === 'library' ? 'One zip file with your folders in it. The trash stays here.' : 'Markdown with pictures becomes a zip file.'}
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={files.dismiss}>
          Cancel
        </Button>
        <Button className="button primary" onPress={start}>
          Export
        </Button>
      </div>
    </DialogFrame>
  )
}
