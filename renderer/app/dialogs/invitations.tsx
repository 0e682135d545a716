import { useStore } from '@nanostores/react'
import { Button } from 'react-aria-components'
import type { Invitation } from '../../../core/contract/engine.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { invitationWords } from '../feed.ts'

/** What others offer, to be answered. Nothing where there is none. */
export function Invitations({ onAccepted }: { onAccepted?(invitation: Invitation): void }) {
  const { feed } = useApp()
  const invitations = useStore(feed.invitations)
  const accept = async (invitation: Invitation) => {
    if (await feed.answer(invitation, true)) onAccepted?.(invitation)
  }
  if (invitations.length === 0) return null
  return (
    <ul aria-label="Invitations">
      {invitations.map((invitation) => (
        <li key={invitation.document ?? invitation.folder?.id}>
          <span className="share-person">{invitationWords(invitation)}</span>
          <Button className="button" onPress={() => void feed.answer(invitation, false)}>
            Decline
          </Button>
          <Button className="button primary" onPress={() => void accept(invitation)}>
            Accept
          </Button>
        </li>
      ))}
    </ul>
  )
}

/** The same on its own. A document that was accepted is opened. */
export function InvitationsDialog({ onClose }: { onClose(): void }) {
  const { actions, feed } = useApp()
  const isEmpty = useStore(feed.invitations).length === 0
  return (
    <DialogFrame title="Invitations" kind="medium" onClose={onClose}>
      <section className="share-people">
        {isEmpty && <p>There is nothing to answer.</p>}
        <Invitations
          onAccepted={({ document }) => {
            onClose()
            if (document) actions.openDocument(document, 'text')
          }}
        />
      </section>
    </DialogFrame>
  )
}
