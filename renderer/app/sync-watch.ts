import { atom, onMount, type ReadableAtom } from 'nanostores'
import type { SyncStatus } from '../../core/contract/engine.ts'
import type { OpenDocument } from '../documents/open-document.ts'
import type { Session } from './session.ts'
import { type SyncWords, syncWords } from './sync-words.ts'

export interface ShownSync extends SyncWords {
  readonly state: SyncStatus['state']
}

/** Words that last shorter than this would only flicker while typing. */
const patienceMs = 700
/** How often *5 minutes ago* is looked at again. */
const tickMs = 30_000

const unknown: SyncStatus = { state: 'local', saved: true }

/**
 * Where the words of a document are, in words: what has settled, and what wants attention, at once; what is on its way to settling only when it
 * takes a while. A keystroke changes the state twice and the words not at all, so nobody who reads them is told of it.
 */
export function watchSync(session: Session, document: Pick<OpenDocument, 'id' | 'saved'>): ReadableAtom<ShownSync> {
  let status = unknown
  let patience: ReturnType<typeof setTimeout> | undefined
  const wordsNow = (): ShownSync => ({
    state: status.state,
    ...syncWords({ ...status, saved: status.saved && document.saved.get() }, Date.now(), session.disk.get()),
  })
  const shown = atom(wordsNow())

  function show() {
    patience = undefined
    const words = wordsNow()
    const before = shown.get()
    if (words.text !== before.text || words.detail !== before.detail || words.state !== before.state) shown.set(words)
  }
  function look() {
    if (wordsNow().tone === 'pending') patience ??= setTimeout(show, patienceMs)
    else {
      clearTimeout(patience)
      show()
    }
  }
  function learn(learnt: SyncStatus) {
    status = learnt
    look()
  }

  onMount(shown, () => {
    let asked = 0
    const stops = [
      session.engine.on('sync.changed', ({ id, status: changed }) => id === document.id && learn(changed)),
      document.saved.subscribe(look),
      session.disk.subscribe(look),
      // An engine that stops meanwhile says so through `connection`, which asks again.
      session.connection.subscribe((connection) => {
        const mine = ++asked
        if (connection !== 'connected') return
        session.engine.call('sync.status', { id: document.id }).then((answer) => mine === asked && learn(answer), console.warn)
      }),
    ]
    const tick = setInterval(look, tickMs)
    return () => {
      asked++
      clearInterval(tick)
      clearTimeout(patience)
      for (const stop of stops) stop()
    }
  })
  return shown
}
