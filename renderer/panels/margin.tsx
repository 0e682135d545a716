import { X } from 'lucide-react'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import { laterComponent } from '../app/later.tsx'
import type { MarginPanel } from '../app/view.ts'
import { Outline } from '../editor/outline.tsx'

const HistoryPanel = laterComponent('The history was not opened.', async () => (await import('./history-panel.tsx')).HistoryPanel)

/** The right column: what belongs to the open document and is not its text. */
export function Margin({ panel }: { panel: Exclude<MarginPanel, 'none'> }) {
  const { view } = useApp()
  const close = () => view.margin.set('none')
  return (
    <aside className="margin" aria-label={panel === 'history' ? 'Versions' : 'Outline'}>
      <div className="panel-header">
        <h2>{panel === 'history' ? 'History' : 'Outline'}</h2>
        <IconButton icon={X} label="Close panel" onPress={close} />
      </div>
      {panel === 'history' ? <HistoryPanel onMissing={close} /> : <OutlinePanel />}
    </aside>
  )
}

function OutlinePanel() {
  return (
    <div className="outline-panel">
      <Outline />
    </div>
  )
}
