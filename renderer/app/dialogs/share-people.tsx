import { useStore } from '@nanostores/react'
import { useCallback, useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Collaborator, DocumentAccess, Person, Role, ShareLink } from '../../../core/contract/engine.ts'
import type { DocumentId, PersonKey } from '../../../core/ids.ts'
import { useApp } from '../app-model.ts'
import { personName } from '../people.ts'

type Granted = Exclude<Role, 'owner'>

const roleWords: Record<Role, string> = { owner: 'Owner', editor: 'Can edit', commenter: 'Can comment', viewer: 'Can read' }
const granted: readonly Granted[] = ['editor', 'commenter', 'viewer']

/** Who can do what with a shared document. Its owner changes that here; everybody else sees it, and may leave. */
export function SharePeople({ id, onTakenBack }: { id: DocumentId; onTakenBack?(link: string | null): void }) {
  const { session, messages } = useApp()
  const me = useStore(session.info)?.me.key
  const [access, setAccess] = useState<DocumentAccess | null>(null)
  const read = useCallback(
    // Without an answer (no connection, a relay that is open to all) there is nothing to show.
    () => session.engine.call('share.access', { id }).then(setAccess, () => setAccess(null)),
    [session, id],
  )
  useEffect(() => void read(), [read])

  if (!access) return null
  const isOwner = access.role === 'owner'
  const takeBack = async ({ id: link, link: text }: ShareLink) => {
    await session.engine.call('share.unlink', { id, link })
    onTakenBack?.(text)
  }
  const attempt = async (failed: string, change: Promise<unknown>) => {
    await messages.attempt(failed, change)
    await read()
  }
  return (
    <section className="share-people" aria-label="People">
      <ul>
        {access.people.map((person) => (
          <PersonRow
            key={person.key}
            person={person}
            me={me}
            isManaged={isOwner && person.role !== 'owner'}
            onRole={(role) =>
              void attempt('The role was not changed.', session.engine.call('share.grant', { id, person: person.key, role }))
            }
            onRemove={() => void attempt('The role was not taken away.', session.engine.call('share.revoke', { id, person: person.key }))}
            onTransfer={() =>
              void attempt('The document was not handed over.', session.engine.call('share.transfer', { id, person: person.key }))
            }
          />
        ))}
      </ul>
      {isOwner && (
        <Inviting
          others={access.others}
          onInvite={(person, role) =>
            void attempt('The invitation was not made.', session.engine.call('share.grant', { id, person, role }))
          }
        />
      )}
      {isOwner && access.links.length > 0 && (
        <ul aria-label="Links">
          {access.links.map((link) => (
            <li key={link.id}>
              <span className="share-person">
                A link: {roleWords[link.role].toLowerCase()}
                {link.hasPassword && ', with a password'}
                {link.expiresAt !== null && `, until ${new Date(link.expiresAt).toLocaleDateString()}`}
              </span>
              <Button className="button" onPress={() => void attempt('The link was not taken back.', takeBack(link))}>
                Take back
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface PersonRowProps {
  person: Collaborator
  me: PersonKey | undefined
  /** Whether the role can be changed here. */
  isManaged: boolean
  onRole(role: Granted): void
  onRemove(): void
  onTransfer(): void
}

function PersonRow({ person, me, isManaged, onRole, onRemove, onTransfer }: PersonRowProps) {
  const [isAsking, setAsking] = useState(false)
  const name = personName(person, me)
  const isMe = person.key === me
  if (isAsking)
    return (
      <li role="alert">
        <span className="share-person">
          Make {name} the owner? You stay an editor, and only {name} can change that.
        </span>
        <Button className="button" onPress={() => setAsking(false)} autoFocus>
          Cancel
        </Button>
        <Button
          className="button primary"
          onPress={() => {
            setAsking(false)
            onTransfer()
          }}
        >
          Make owner
        </Button>
      </li>
    )
  return (
    <li>
      <span className="share-person" data-person-color={person.color}>
        {name}
        {isMe && name !== 'You' && ' (you)'}
        {!person.accepted && <span className="soft"> has not answered yet</span>}
      </span>
      {isManaged ? (
        <>
          <RoleChoice label={`Role of ${name}`} role={person.role as Granted} onChange={onRole} />
          {person.accepted && (
            <Button className="button" onPress={() => setAsking(true)}>
              Make owner…
            </Button>
          )}
          <Button className="button" onPress={onRemove} aria-label={`Remove ${name}`}>
            Remove
          </Button>
        </>
      ) : (
        <span className="soft">{roleWords[person.role]}</span>
      )}
      {isMe && person.role !== 'owner' && (
        <Button className="button" onPress={onRemove}>
          Leave
        </Button>
      )}
    </li>
  )
}

function Inviting({ others, onInvite }: { others: readonly Person[]; onInvite(person: PersonKey, role: Granted): void }) {
  const [key, setKey] = useState<PersonKey | null>(null)
  const [role, setRole] = useState<Granted>('editor')
  const chosen = others.find((person) => person.key === key) ?? others[0]
  if (!chosen) return null
  return (
    <div className="share-inviting">
      <select
        className="select"
        aria-label="Person to invite"
        value={chosen.key}
        onChange={(event) => setKey(event.currentTarget.value as PersonKey)}
      >
        {others.map((person) => (
          <option key={person.key} value={person.key}>
            {personName(person, undefined)}
          </option>
        ))}
      </select>
      <RoleChoice label="Role of the invited" role={role} onChange={setRole} />
      <Button className="button" onPress={() => onInvite(chosen.key, role)}>
        Invite
      </Button>
    </div>
  )
}

function RoleChoice({ label, role, onChange }: { label: string; role: Granted; onChange(role: Granted): void }) {
  return (
    <select className="select" aria-label={label} value={role} onChange={(event) => onChange(event.currentTarget.value as Granted)}>
      {granted.map((each) => (
        <option key={each} value={each}>
          {roleWords[each]}
        </option>
      ))}
    </select>
  )
}
