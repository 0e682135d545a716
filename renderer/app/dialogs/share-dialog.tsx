import { useStore } from '@nanostores/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import type { DocumentAccess, Progress } from '../../../core/contract/engine.ts'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { displayTitle } from '../../library/library-model.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { formatCount } from '../format.ts'
import { errorWords } from '../notices.ts'
import { ShareLinks } from './share-links.tsx'
import { SharePeople } from './share-people.tsx'

interface ShareDialogProps {
  id: DocumentId
  onClose(): void
}

/** Puts a document on the relay, and says who may do what with it. */
export function ShareDialog({ id, onClose }: ShareDialogProps) {
  const { session, library } = useApp()
  const { relay } = useStore(session.settings)
  const summary = useStore(library).documents.get(id)
  // While it is being put there the library says already where it will be.
  const [isThere, setThere] = useState(summary !== undefined && summary.relay !== null)
  const address = summary?.relay ?? relay
  return (
    <DialogFrame title={`Share “${summary ? displayTitle(summary) : 'Untitled'}”`} kind="medium" onClose={onClose}>
      {isThere && <Shared id={id} relay={address} />}
      {!isThere && (address === '' ? <NoRelay /> : <PutOnRelay id={id} relay={address} onThere={() => setThere(true)} />)}
    </DialogFrame>
  )
}

export function NoRelay() {
  const { view } = useApp()
  return (
    <>
      <p>
        Sharing goes through a relay: a small program on a computer that you or your team run, which passes your words on and keeps a copy.
      </p>
      <div className="dialog-buttons">
        <Button className="button primary" onPress={() => view.dialog.set({ name: 'settings', section: 'relay' })} autoFocus>
          Set a relay in the settings
        </Button>
      </div>
    </>
  )
}

type Sending = { is: 'asked' } | { is: 'under-way' } | { is: 'failed'; error: PalimpsestError }

/** What takes shorter than this needs no words. */
const patienceMs = 300

/** The document goes out only when the person says so. */
function PutOnRelay({ id, relay, onThere }: { id: DocumentId; relay: string; onThere(): void }) {
  const { session, view } = useApp()
  const [sending, setSending] = useState<Sending | null>(null)
  const isUnderWay = sending !== null && sending.is !== 'failed'
  // The name under which the engine reports on it.
  const task = `share ${id}`

  async function send() {
    setSending({ is: 'asked' })
    const timer = setTimeout(() => setSending({ is: 'under-way' }), patienceMs)
    try {
      await session.engine.call('share.create', { id, task })
      onThere()
    } catch (thrown) {
      setSending({ is: 'failed', error: asPalimpsestError(thrown) })
    } finally {
      clearTimeout(timer)
    }
  }

  if (sending?.is === 'under-way') return <HowFar task={task} relay={relay} />
  return (
    <>
      <p>
        The document and its history go to the relay <strong>{relay}</strong>. Nobody else can read it there until you let them.
      </p>
      {sending?.is === 'failed' && (
        <p className="form-error" role="alert">
          {errorWords(sending.error)}
        </p>
      )}
      <div className="dialog-buttons">
        {sending?.is === 'failed' && (
          <Button className="button" onPress={() => view.dialog.set({ name: 'settings', section: 'relay' })}>
            Relay settings
          </Button>
        )}
        <Button className="button primary" onPress={() => void send()} isDisabled={isUnderWay} autoFocus>
          {isUnderWay ? 'Putting it there' : sending ? 'Try again' : 'Put it on the relay'}
        </Button>
      </div>
    </>
  )
}

/** How far it is: the relay says what it holds, and a long history goes in few pieces. */
function HowFar({ task, relay }: { task: string; relay: string }) {
  const { session } = useApp()
  const [progress, setProgress] = useState<Progress | null>(null)
  useEffect(
    () =>
      session.engine.on('progress', (event) => {
        if (event.task === task) setProgress(event)
      }),
    [session, task],
  )
  const changes = progress === null ? 'The document and its history are' : `${formatCount(progress.total, 'change')} are`
  const done = progress === null || progress.done === 0 ? '' : `; ${formatCount(progress.done, 'change')} have arrived`
  return (
    <>
      <p role="status">
        {changes} on the way to <strong>{relay}</strong>
        {done}. You can go on writing meanwhile.
      </p>
      <div className="dialog-buttons">
        <Button className="button" onPress={() => void session.engine.call('task.cancel', { task })} autoFocus>
          Cancel
        </Button>
      </div>
    </>
  )
}

/** Takes the focus when the button that was pressed is gone with what was shown before: without it the keyboard would be outside the dialog. */
export function useFocusWhenLost() {
  const place = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) place.current?.focus()
  }, [])
  return place
}

/** Who may do what with a document that is on a relay. Its owner changes that here; everybody else sees it. */
function Shared({ id, relay }: { id: DocumentId; relay: string }) {
  const { session } = useApp()
  const [found, setFound] = useState<DocumentAccess | PalimpsestError | null>(null)
  const read = useCallback(
    () => session.engine.call('share.access', { id }).then(setFound, (thrown: unknown) => setFound(asPalimpsestError(thrown))),
    [session, id],
  )
  useEffect(() => void read(), [read])

  const heard = useFocusWhenLost()
  const where = (
    <p ref={heard} tabIndex={-1}>
      This document is on the relay <strong>{relay}</strong>.
    </p>
  )
  if (found === null) return where
  if (found instanceof Error)
    return (
      <>
        {where}
        <p className="form-error" role="alert">
          {errorWords(found)}
        </p>
      </>
    )
  return (
    <>
      {where}
      {!found.isCurrent && <p role="status">The relay does not answer at the moment. This is how it was last.</p>}
      {found.isOpen && <p>It is open: whoever has the link can read the document and write in it.</p>}
      {!found.isOpen && (
        <SharePeople
          access={found}
          onGrant={(person, role) => session.engine.call('share.grant', { id, person, role })}
          onRevoke={(person) => session.engine.call('share.revoke', { id, person })}
          onTransfer={(person) => session.engine.call('share.transfer', { id, person })}
          onChanged={read}
        />
      )}
      <ShareLinks id={id} access={found} onChanged={read} />
    </>
  )
}
