import { useStore } from '@nanostores/react'
import { Cloud, CloudOff, HardDrive, RefreshCw, TriangleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components'
import type { SyncStatus as Status } from '../../core/contract/engine.ts'
import type { DocumentId } from '../../core/ids.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import { useApp } from './app-model.ts'
import { type SyncWords, syncWords } from './sync-words.ts'

/** Words that last shorter than this would only flicker while typing. */
const patienceMs = 700
const tickMs = 30_000

/** Where the words of the open document are, in words; a press tells more. */
export function SyncStatus({ document }: { document: OpenDocument }) {
  const status = useSyncStatus(document.id)
  const isSaved = useStore(document.saved)
  const words = useSteady(syncWords({ ...status, saved: status.saved && isSaved }, useNow()))
  return (
    <DialogTrigger>
      <Button className="sync-status" data-tone={words.tone}>
        <StatusIcon state={status.state} tone={words.tone} />
        <span role="status">{words.text}</span>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="sync-detail" aria-label="Where your words are">
          {words.detail}
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}

const iconStyle = { 'aria-hidden': true, size: 14, strokeWidth: 1.75 } as const

function StatusIcon({ state, tone }: { state: Status['state']; tone: SyncWords['tone'] }) {
  if (tone === 'attention') return <TriangleAlert {...iconStyle} />
  if (state === 'local') return <HardDrive {...iconStyle} />
  if (state === 'offline') return <CloudOff {...iconStyle} />
  return tone === 'pending' ? <RefreshCw {...iconStyle} /> : <Cloud {...iconStyle} />
}

function useSyncStatus(id: DocumentId): Status {
  const { session } = useApp()
  const connection = useStore(session.connection)
  const [status, setStatus] = useState<Status>({ state: 'local', saved: true })
  useEffect(() => {
    let isCurrent = connection === 'connected'
    const stop = session.engine.on('sync.changed', (changed) => {
      if (changed.id === id) setStatus(changed.status)
    })
    // An engine that stops meanwhile says so through `connection`, which asks again.
    if (isCurrent) session.engine.call('sync.status', { id }).then((answer) => isCurrent && setStatus(answer), console.warn)
    return () => {
      isCurrent = false
      stop()
    }
  }, [session, connection, id])
  return status
}

/** Holds back words that are on their way to settling; what has settled, and what wants attention, is shown at once. */
function useSteady(words: SyncWords): SyncWords {
  const [shown, setShown] = useState(words)
  const { text, detail, tone } = words
  useEffect(() => {
    const timer = setTimeout(() => setShown({ text, detail, tone }), tone === 'pending' ? patienceMs : 0)
    return () => clearTimeout(timer)
  }, [text, detail, tone])
  return shown.text === text ? words : shown
}

function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
