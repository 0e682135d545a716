import { useStore } from '@nanostores/react'
import { useState } from 'react'
import { Button, Input, Label, TextField } from 'react-aria-components'
import { shell } from '../../client/shell.ts'
import { openLink } from '../../editor/open-link.ts'
import { useApp } from '../app-model.ts'
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
  const [page, setPage] = useState<string | null>(null)

  async function makeInvite() {
    await messages.attempt(
      'No invite was made.',
      session.engine.call('relay.invite', {}).then((made) => setInvite(made.invite)),
    )
  }

  async function showStatus() {
    const made = await messages.attempt('The status page was not opened.', session.engine.call('relay.status-page', {}))
    if (!made) return
    // The shell opens nothing that is not encrypted.
    if (shell && !made.link.startsWith('https:')) setPage(made.link)
    else openLink(made.link)
  }

  return (
    <>
      {page !== null && <Made label="Status page, to be opened in a browser within ten minutes" value={page} />}
      {invite !== null && <Made label="Invite for one person, good for a week" value={invite} />}
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

/** Something to be copied. */
function Made({ label, value }: { label: string; value: string }) {
  return (
    <TextField className="field" value={value} isReadOnly autoFocus>
      <Label>{label}</Label>
      <Input />
    </TextField>
  )
}
