import { useStore } from '@nanostores/react'
import { useState } from 'react'
import { Button } from 'react-aria-components'
import { openLink } from '../../editor/open-link.ts'
import { useApp } from '../app-model.ts'
import { CopyField } from './copy-field.tsx'
import { Invitations } from './invitations.tsx'

/** What others offer on the relay, and what its owners can do with it. Shown while the relay is connected. */
export function RelayPeople() {
  const { session } = useApp()
  const { isOwner } = useStore(session.relay)
  return (
    <section className="share-people">
      <Invitations />
      {isOwner && <OwnersTools />}
    </section>
  )
}

/** An invite for somebody new, and the relay's status page in a browser. */
function OwnersTools() {
  const { session, messages } = useApp()
  const [invite, setInvite] = useState<string | null>(null)

  async function makeInvite() {
    await messages.attempt(
      'No invite was made.',
      session.engine.call('relay.invite', {}).then((made) => setInvite(made.invite)),
    )
  }

  async function showStatus() {
    const made = await messages.attempt('The status page was not opened.', session.engine.call('relay.status-page', {}))
    if (made) openLink(made.link)
  }

  return (
    <>
      {invite !== null && (
        <div className="field-row">
          <CopyField label="Invite for one person, good for a week" value={invite} autoFocus />
        </div>
      )}
      <div className="dialog-buttons">
        <Button className="button" onPress={() => void showStatus()}>
          Open its status page
        </Button>
        {invite === null && (
          <Button className="button" onPress={() => void makeInvite()}>
            Invite somebody to this relay
          </Button>
        )}
      </div>
    </>
  )
}
