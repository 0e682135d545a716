import type { SyncStatus } from '../../core/contract/engine.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { DiskTrouble } from './session.ts'
import { formatAgo, formatCount } from './format.ts'

/** The state of a document in words. */
export interface SyncWords {
  readonly text: string
  /** A sentence or two for whoever wants to know more. */
  readonly detail: string
  /** `settled`: nothing to wait for. `pending`: it will settle by itself. `attention`: the person may want to act. */
  readonly tone: 'settled' | 'pending' | 'attention'
}

/** So many changes take long enough that their number says more than that something is under way. */
const manyChanges = 1_000

const onDisk = 'Every word is on this computer’s disk.'

/** While words wait for a disk that does not take them. */
const notSaved: Record<DiskTrouble, string> = {
  'disk-full': 'The disk is full. What is not saved yet is kept in this window, and saved as soon as there is room.',
  'disk-failing': 'The disk does not take what you write. It is kept in this window, and saved as soon as the disk works again.',
  'read-only': 'The data folder cannot be written. What you write now is lost with this window.',
}

export function syncWords(status: SyncStatus, now: number, disk: DiskTrouble | null = null): SyncWords {
  if (!status.saved && disk) return { text: 'Not saved', detail: notSaved[disk], tone: 'attention' }
  if (!status.saved) return { text: 'Saving', detail: 'The last words are being written to this computer’s disk.', tone: 'pending' }
  switch (status.state) {
    case 'local':
      return { text: 'Saved on this computer', detail: `${onDisk} Share the document to have it elsewhere too.`, tone: 'settled' }
    case 'offline':
      return offlineWords(status, now)
    case 'syncing':
      return syncingWords(status.unsent)
    case 'online':
      if (status.unsent > 0)
        return { text: notSent(status.unsent), detail: `${onDisk} They are on their way to the relay.`, tone: 'pending' }
      return { text: 'Up to date', detail: `Saved on this computer and on the relay.${lastSynced(status.syncedAt, now)}`, tone: 'settled' }
    case 'refused':
      return { text: 'Not accepted by the relay', detail: `${onDisk} ${status.reason}`, tone: 'attention' }
  }
}

function syncingWords(unsent: number): SyncWords {
  if (unsent < manyChanges) return { text: 'Syncing', detail: `${onDisk} Changes are being exchanged with the relay.`, tone: 'pending' }
  const detail = `${onDisk} A long history takes a moment; you can go on writing meanwhile.`
  return { text: `Sending ${formatCount(unsent, 'change')}`, detail, tone: 'pending' }
}

/** What does not mend itself by waiting. */
const unmended: Partial<Record<ErrorCode, { text: string; detail: string }>> = {
  refused: {
    text: 'The relay does not let you in',
    detail: 'Nothing is sent until it does. Open the link to this document again, or ask the person who runs the relay for an invite.',
  },
  'not-a-relay': {
    text: 'No relay at this address',
    detail: 'Something else answers where the relay was. Nothing is sent; check the address, or ask the person who runs the relay.',
  },
}

function offlineWords({ unsent, syncedAt, problem }: Extract<SyncStatus, { state: 'offline' }>, now: number): SyncWords {
  const wrong = problem && unmended[problem]
  if (wrong) {
    const waiting = unsent > 0 ? ` ${notSent(unsent)}.` : ''
    return { text: wrong.text, detail: `${onDisk} ${wrong.detail}${waiting}${lastSynced(syncedAt, now)}`, tone: 'attention' }
  }
  const detail = `${onDisk} The relay cannot be reached; what is new is sent when it can.${lastSynced(syncedAt, now)}`
  if (unsent > 0) return { text: notSent(unsent), detail, tone: 'pending' }
  if (syncedAt === null) return { text: 'Saved on this computer', detail, tone: 'settled' }
  return { text: `Last synced ${formatAgo(syncedAt, now)}`, detail, tone: 'settled' }
}

const notSent = (unsent: number) => `${formatCount(unsent, 'change')} not sent yet`
const lastSynced = (at: number | null, now: number) => (at === null ? '' : ` Last synced ${formatAgo(at, now)}.`)
