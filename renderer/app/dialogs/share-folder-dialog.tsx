import { useStore } from '@nanostores/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import type { DocumentAccess, Folder, Progress } from '../../../core/contract/engine.ts'
import { asPalimpsestError, type PalimpsestError } from '../../../core/errors.ts'
import type { FolderId } from '../../../core/ids.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { formatNumber } from '../format.ts'
import { errorWords } from '../notices.ts'
import { NoRelay, useFocusWhenLost } from './share-dialog.tsx'
import { SharePeople } from './share-people.tsx'

interface ShareFolderDialogProps {
  id: FolderId
  onClose(): void
}

/** Shares a folder with all that is in it, and says who may do what there. */
export function ShareFolderDialog({ id, onClose }: ShareFolderDialogProps) {
  const { session, library } = useApp()
  const { relay } = useStore(session.settings)
  const folder = useStore(library).folders.get(id)
  if (!folder) return null
  return (
    <DialogFrame title={`Share the folder “${folder.name}”`} kind="medium" onClose={onClose}>
      {folder.shared ? (
        <SharedFolder folder={folder} relay={folder.shared.relay} onClose={onClose} />
      ) : relay === '' ? (
        <NoRelay />
      ) : (
        <NotShared id={id} relay={relay} />
      )}
    </DialogFrame>
  )
}

/** Nothing goes out before the person says so. */
function NotShared({ id, relay }: { id: FolderId; relay: string }) {
  const { session } = useApp()
  const [state, setState] = useState<'asked' | PalimpsestError | null>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  const task = `share folder ${id}`
  useEffect(
    () =>
      session.engine.on('progress', (event) => {
        if (event.task === task) setProgress(event)
      }),
    [session, task],
  )

  async function share() {
    setState('asked')
    await session.engine.call('folder.share', { id, task }).catch((thrown: unknown) => setState(asPalimpsestError(thrown)))
  }

  return (
    <>
      <p>
        The documents in this folder that are yours go to the relay <strong>{relay}</strong>, with their history, and so does what comes
        into it later. Nobody else can read them there until you invite them.
      </p>
      {state === 'asked' && progress !== null && progress.total > 1 && (
        <p role="status">
          {formatNumber(progress.done)} of {formatNumber(progress.total)} documents are there.
        </p>
      )}
      {state instanceof Error && (
        <p className="form-error" role="alert">
          {errorWords(state)}
        </p>
      )}
      <div className="dialog-buttons">
        {state === 'asked' && (
          <Button className="button" onPress={() => void session.engine.call('task.cancel', { task })}>
            Cancel
          </Button>
        )}
        <Button className="button primary" onPress={() => void share()} isDisabled={state === 'asked'} autoFocus>
          {state === 'asked' ? 'Sharing the folder' : state === null ? 'Share this folder' : 'Try again'}
        </Button>
      </div>
    </>
  )
}

function SharedFolder({ folder: { id }, relay, onClose }: { folder: Folder; relay: string; onClose(): void }) {
  const { session, messages } = useApp()
  const [found, setFound] = useState<DocumentAccess | PalimpsestError | null>(null)
  const isOver = useRef(false)
  const heard = useFocusWhenLost()
  const read = useCallback(async () => {
    if (isOver.current) return
    setFound(await session.engine.call('folder.access', { id }).catch((thrown: unknown) => asPalimpsestError(thrown)))
  }, [session, id])
  useEffect(() => void read(), [read])

  async function leave(failed: string, leaving: Promise<unknown>) {
    const done = await messages.attempt(
      failed,
      leaving.then(() => true),
    )
    isOver.current = done === true
    if (done) onClose()
  }
  const stop = () => leave('The folder is still shared.', session.engine.call('folder.unshare', { id }))

  return (
    <>
      <p ref={heard} tabIndex={-1}>
        What is in this folder is shared through the relay <strong>{relay}</strong>. A role here holds in every document in it; one that is
        given in a document itself comes before it.
      </p>
      {found instanceof Error && (
        <p className="form-error" role="alert">
          {errorWords(found)}
        </p>
      )}
      {found !== null && !(found instanceof Error) && (
        <>
          <SharePeople
            access={found}
            onGrant={(person, role) => session.engine.call('folder.grant', { id, person, role })}
            onRevoke={(person) => {
              const revoking = session.engine.call('folder.revoke', { id, person })
              return person === session.info.get()?.me.key ? leave('You are still in the folder.', revoking) : revoking
            }}
            onChanged={read}
          />
          {found.role === 'owner' && (
            <div className="dialog-buttons">
              <Button className="button" onPress={() => void stop()}>
                Stop sharing the folder
              </Button>
            </div>
          )}
        </>
      )}
    </>
  )
}
