import { useStore } from '@nanostores/react'
import { useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Collaborator, DocumentAccess, Person, Role } from '../../../core/contract/engine.ts'
import type { PersonKey } from '../../../core/ids.ts'
import { useApp } from '../app-model.ts'
import { Avatar } from '../avatar.tsx'
import { personName } from '../people.ts'

export type Granted = Exclude<Role, 'owner'>

export const roleWords: Record<Role, string> = { owner: 'Owner', editor: 'Can edit', commenter: 'Can comment', viewer: 'Can read' }
const granted: readonly Granted[] = ['editor', 'commenter', 'viewer']

interface SharePeopleProps {
  access: DocumentAccess
  onGrant(person: PersonKey, role: Granted): Promise<unknown>
  onRevoke(person: PersonKey): Promise<unknown>
  /** Not there for what cannot be handed over. */
  onTransfer?(person: PersonKey): Promise<unknown>
  /** Reads `access` again. */
  onChanged(): Promise<unknown>
}

/** Who can do what. The owner changes that here; everybody else sees it, and may leave. */
export function SharePeople({ access, onGrant, onRevoke, onTransfer, onChanged }: SharePeopleProps) {
  const { session, messages } = useApp()
  const me = useStore(session.info)?.me.key
  const mayChange = access.role === 'owner' && access.isCurrent
  const section = useRef<HTMLElement>(null)
  const attempt = async (failed: string, change: Promise<unknown>) => {
    // The button that was pressed may go, and must not take the focus out of the dialog.
    section.current?.focus()
    await messages.attempt(failed, change)
    await onChanged()
  }
  return (
    <section ref={section} tabIndex={-1} className="share-people" aria-label="People">
      <ul>
        {access.people.map((person) => (
          <PersonRow
            key={person.key}
            person={person}
            me={me}
            isManaged={mayChange && person.role !== 'owner'}
            mayLeave={access.isCurrent && person.key === me && person.role !== 'owner' && person.folder === null}
            onRole={(role) => void attempt('The role was not changed.', onGrant(person.key, role))}
            onRemove={() => void attempt('The role was not taken away.', onRevoke(person.key))}
            onTransfer={onTransfer && person.accepted ? () => void attempt('It was not handed over.', onTransfer(person.key)) : null}
          />
        ))}
      </ul>
      {mayChange && access.people.length + access.others.length < 2 && (
        <p className="soft">Nobody else is on this relay yet. Invite people to it in the settings, under Relay.</p>
      )}
      {mayChange && (
        <Inviting others={access.others} onInvite={(person, role) => void attempt('The invitation was not made.', onGrant(person, role))} />
      )}
    </section>
  )
}

interface PersonRowProps {
  person: Collaborator
  me: PersonKey | undefined
  /** Whether the role can be changed here. */
  isManaged: boolean
  /** Whether this is the person themselves, who can give the role up. */
  mayLeave: boolean
  onRole(role: Granted): void
  onRemove(): void
  /** Null where the person cannot become the owner. */
  onTransfer: (() => void) | null
}

function PersonRow({ person, me, isManaged, mayLeave, onRole, onRemove, onTransfer }: PersonRowProps) {
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
            onTransfer?.()
          }}
        >
          Make owner
        </Button>
      </li>
    )
  return (
    <li>
      <Avatar person={person} />
      <span className="share-person">
        {name}
        {isMe && name !== 'You' && ' (you)'}
        {!person.accepted && <span className="soft"> has not answered yet</span>}
        {person.folder !== null && <span className="soft"> through the folder “{person.folder}”</span>}
      </span>
      {isManaged ? (
        <>
          <RoleChoice label={`Role of ${name}`} role={person.role as Granted} onChange={onRole} />
          {onTransfer && (
            <Button className="button" onPress={() => setAsking(true)}>
              Make owner…
            </Button>
          )}
          {person.folder === null && (
            <Button className="button" onPress={onRemove} aria-label={`Remove ${name}`}>
              Remove
            </Button>
          )}
        </>
      ) : (
        <span className="soft">{roleWords[person.role]}</span>
      )}
      {mayLeave && (
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

export function RoleChoice({ label, role, onChange }: { label: string; role: Granted; onChange(role: Granted): void }) {
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
