import { useStore } from '@nanostores/react'
import { Check, Copy } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { Button, Input, Label, TextField } from 'react-aria-components'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { DocumentId } from '../../../core/ids.ts'
import type { Progress } from '../../../core/contract/engine.ts'
import { displayTitle } from '../../library/library-model.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { formatCount } from '../format.ts'
import { errorWords } from '../notices.ts'
import { SharePeople } from './share-people.tsx'

interface ShareDialogProps {
  id: DocumentId
  onClose(): void
}

/** Puts a document on the relay and gives the link for others. */
export function ShareDialog({ id, onClose }: ShareDialogProps) {
  const { session, library } = useApp()
  const { relay } = useStore(session.settings)
  const summary = useStore(library).documents.get(id)
  const isShared = summary !== undefined && summary.relay !== null
  return (
    <DialogFrame title={`Share “${summary ? displayTitle(summary) : 'Untitled'}”`} kind="medium" onClose={onClose}>
      {relay === '' && !isShared ? <NoRelay /> : <ShareByLink id={id} isShared={isShared} relay={summary?.relay ?? relay} />}
    </DialogFrame>
  )
}

function NoRelay() {
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

type LinkState =
  | { is: 'none' }
  | { is: 'taken-back' }
  | { is: 'asked' }
  | { is: 'made'; link: string }
  | { is: 'failed'; error: PalimpsestError }

function ShareByLink({ id, isShared, relay }: { id: DocumentId; isShared: boolean; relay: string }) {
  const { session, view } = useApp()
  const [state, setState] = useState<LinkState>({ is: isShared ? 'asked' : 'none' })
  const ask = useCallback(async (): Promise<LinkState> => {
    try {
      return { is: 'made', ...(await session.engine.call('share.create', { id, task: taskOf(id) })) }
    } catch (thrown) {
      return { is: 'failed', error: asPalimpsestError(thrown) }
    }
  }, [session, id])

  // A shared document has its link at once; one that is not shared goes out only when the person says so.
  useEffect(() => {
    if (isShared) void ask().then(setState)
  }, [isShared, ask])

  const isSending = state.is === 'asked' && !isShared
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(isSending), isSending ? patienceMs : 0)
    return () => clearTimeout(timer)
  }, [isSending])

  function makeLink() {
    setState({ is: 'asked' })
    void ask().then(setState)
  }

  if (state.is === 'made')
    return (
      <>
        <LinkField link={state.link} relay={relay} />
        <SharePeople id={id} onTakenBack={(link) => link === state.link && setState({ is: 'taken-back' })} />
      </>
    )
  if (state.is === 'taken-back')
    return (
      <>
        <p>The link was taken back. It opens the document for nobody any more.</p>
        <div className="dialog-buttons">
          <Button className="button primary" onPress={makeLink} autoFocus>
            Make a new link
          </Button>
        </div>
        <SharePeople id={id} />
      </>
    )
  if (state.is === 'failed' && state.error.code === 'not-allowed')
    return (
      <>
        <p>This document is shared through the relay {relay}. Only its owner can share it with more people.</p>
        <SharePeople id={id} />
      </>
    )
  if (isSlow) return <Sending task={taskOf(id)} relay={relay} />
  return (
    <>
      <p>
        The document and its history go to the relay <strong>{relay}</strong>. Whoever has the link can read it and write in it.
      </p>
      {state.is === 'failed' && (
        <p className="form-error" role="alert">
          {errorWords(state.error)}
        </p>
      )}
      <div className="dialog-buttons">
        {state.is === 'failed' && !isShared && (
          <Button className="button" onPress={() => view.dialog.set({ name: 'settings', section: 'relay' })}>
            Relay settings
          </Button>
        )}
        <Button className="button primary" onPress={makeLink} isDisabled={state.is === 'asked'} autoFocus>
          {state.is === 'failed' ? 'Try again' : state.is === 'asked' ? 'Putting it there' : 'Put it on the relay'}
        </Button>
      </div>
    </>
  )
}

/** What takes shorter than this needs no words. */
const patienceMs = 300

/** The name under which the engine reports on putting a document on the relay. */
const taskOf = (id: DocumentId) => `share ${id}`

/** How far it is: the relay says what it holds, and a long history goes in few pieces. */
function Sending({ task, relay }: { task: string; relay: string }) {
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

function LinkField({ link, relay }: { link: string; relay: string }) {
  const [isCopied, setCopied] = useState(false)
  async function copy() {
    await navigator.clipboard.writeText(link)
    setCopied(true)
  }
  return (
    <>
      <p>
        Whoever has this link can read the document and write in it, through the relay <strong>{relay}</strong>. They choose{' '}
        <em>Open a link</em> in their Palimpsest.
      </p>
      <div className="field-row">
        <TextField
          className="field"
          value={link}
          isReadOnly
          autoFocus
          onFocus={(event) => event.target instanceof HTMLInputElement && event.target.select()}
        >
          <Label>Link</Label>
          <Input />
        </TextField>
        <Button className="button primary" onPress={() => void copy()}>
          {isCopied ? <Check aria-hidden="true" size={16} /> : <Copy aria-hidden="true" size={16} />}
          {isCopied ? 'Copied' : 'Copy link'}
        </Button>
      </div>
    </>
  )
}
