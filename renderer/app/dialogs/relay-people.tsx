import { useCallback, useEffect, useState } from 'react'
import { Button, Input, Label, TextField } from 'react-aria-components'
import type { Invitation } from '../../../core/contract/engine.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { useApp } from '../app-model.ts'
import { personName } from '../people.ts'

const offers: Record<Invitation['role'], string> = { owner: 'own', editor: 'edit', commenter: 'comment on', viewer: 'read' }

/** What others offer on the relay, and an invite for somebody new. Shown while the relay is connected. */
export function RelayPeople() {
  const { session, messages } = useApp()
  const [invitations, setInvitations] = useState<readonly Invitation[]>([])
  const [invite, setInvite] = useState<string | null>(null)
  const read = useCallback(
    // A relay that is open to all has no invitations; one that cannot be reached is told of above.
    () => session.engine.call('invitation.list', {}).then(setInvitations, () => setInvitations([])),
    [session],
  )
  useEffect(() => void read(), [read])

  async function answer(document: DocumentId, accept: boolean) {
    await messages.attempt('The invitation was not answered.', session.engine.call('invitation.answer', { document, accept }))
    await read()
  }

  async function makeInvite() {
    await messages.attempt(
      'No invite was made.',
      session.engine.call('relay.invite', {}).then((made) => setInvite(made.invite)),
    )
  }

  return (
    <section className="share-people">
      {invitations.length > 0 && (
        <ul aria-label="Invitations">
          {invitations.map(({ document, role, from }) => (
            <li key={document}>
              <span className="share-person">
                {personName(from, undefined)} invites you to {offers[role]} a document.
              </span>
              <Button className="button" onPress={() => void answer(document, false)}>
                Decline
              </Button>
              <Button className="button primary" onPress={() => void answer(document, true)}>
                Accept
              </Button>
            </li>
          ))}
        </ul>
      )}
      {invite === null ? (
        <div className="dialog-buttons">
          <Button className="button" onPress={() => void makeInvite()}>
            Invite somebody to this relay
          </Button>
        </div>
      ) : (
        <TextField className="field" value={invite} isReadOnly autoFocus>
          <Label>Invite for one person, good for a week</Label>
          <Input />
        </TextField>
      )}
    </section>
  )
}
