import { useState } from 'react'
import { Button, Input, Label, TextField } from 'react-aria-components'
import { useApp } from '../app-model.ts'
import { Invitations } from './invitations.tsx'

/** What others offer on the relay, and an invite for somebody new. Shown while the relay is connected. */
export function RelayPeople() {
  const { session, messages } = useApp()
  const [invite, setInvite] = useState<string | null>(null)

  async function makeInvite() {
    await messages.attempt(
      'No invite was made.',
      session.engine.call('relay.invite', {}).then((made) => setInvite(made.invite)),
    )
  }

  return (
    <section className="share-people">
      <Invitations />
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
