import { X } from 'lucide-react'
import { useApp } from '../app/app-model.ts'
import { IconButton } from '../app/controls.tsx'
import type { MarginPanel } from '../app/view.ts'
import { Outline } from '../editor/outline.tsx'
import { HistoryPanel } from './history-panel.tsx'

/** The right column: what belongs to the open document and is not its text. */
export function Margin({ panel }: { panel: Exclude<MarginPanel, 'none'> }) {
  const { view } = useApp()
  return (
    <aside className="margin" aria-label={panel === 'history' ? 'Versions' : 'Outline'}>
      <div className="panel-header">
        <h2>{panel === 'history' ? 'History' : 'Outline'}</h2>
        <IconButton icon={X} label="Close panel" onPress={() => view.margin.set('none')} />
      </div>
      {panel === 'history' ? <HistoryPanel /> : <OutlinePanel />}
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
