import { useStore } from '@nanostores/react'
import { Cloud, CloudOff, HardDrive, RefreshCw, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components'
import type { OpenDocument } from '../documents/open-document.ts'
import { useApp } from './app-model.ts'
import { type ShownSync, watchSync } from './sync-watch.ts'

/** Where the words of the open document are, in words; a press tells more. */
export function SyncStatus({ document }: { document: OpenDocument }) {
  const { session } = useApp()
  const sync = useStore(useMemo(() => watchSync(session, document), [session, document]))
  return (
    <DialogTrigger>
      <Button className="sync-status" data-tone={sync.tone}>
        <StatusIcon sync={sync} />
        <span role="status">{sync.text}</span>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="sync-detail" aria-label="Where your words are">
          {sync.detail}
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}

const iconStyle = { 'aria-hidden': true, size: 14, strokeWidth: 1.75 } as const

function StatusIcon({ sync: { state, tone } }: { sync: ShownSync }) {
  if (tone === 'attention') return <TriangleAlert {...iconStyle} />
  if (state === 'local') return <HardDrive {...iconStyle} />
  if (state === 'offline') return <CloudOff {...iconStyle} />
  return tone === 'pending' ? <RefreshCw {...iconStyle} /> : <Cloud {...iconStyle} />
}
