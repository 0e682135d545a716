import { type FormEvent, useRef, useState } from 'react'
import { Button, Input, TextField } from 'react-aria-components'
import type { DocumentAccess, ShareLink } from '../../../core/contract/engine.ts'
import type { DocumentId } from '../../../core/ids.ts'
import { useApp } from '../app-model.ts'
import { formatDateAndTime } from '../format.ts'
import { CopyField } from './copy-field.tsx'
import { type Granted, RoleChoice, roleWords } from './share-people.tsx'

interface ShareLinksProps {
  id: DocumentId
  access: DocumentAccess
  onChanged(): Promise<unknown>
}

/** The links to a document with what each gives. Its owner makes them, one at a time and on request only, and takes them back. */
export function ShareLinks({ id, access, onChanged }: ShareLinksProps) {
  const { session, messages } = useApp()
  const mayChange = access.role === 'owner' && access.isCurrent
  const section = useRef<HTMLElement>(null)
  if (!mayChange && access.links.length === 0) return null

  async function takeBack(link: ShareLink) {
    // The button goes with its link, and must not take the focus out of the dialog.
    section.current?.focus()
    await messages.attempt('The link was not taken back.', session.engine.call('share.unlink', { id, link: link.id }))
    await onChanged()
  }

  return (
    <section ref={section} tabIndex={-1} className="share-people" aria-label="Links">
      <h3>Links</h3>
      {access.links.length === 0 ? (
        <p className="soft">There is no link. Only the people above have the document.</p>
      ) : (
        <p className="soft">Whoever gets a link chooses “Open a link” in their Palimpsest.</p>
      )}
      <ul>
        {access.links.map((link) => (
          <LinkRow key={link.id} link={link} onTakeBack={mayChange ? () => void takeBack(link) : null} />
        ))}
      </ul>
      {mayChange && <NewLink id={id} onMade={onChanged} />}
    </section>
  )
}

function LinkRow({ link, onTakeBack }: { link: ShareLink; onTakeBack: (() => void) | null }) {
  const words = `${roleWords[link.role]}${link.hasPassword ? ', with a password' : ''}${
    link.expiresAt === null ? '' : `, until ${formatDateAndTime(link.expiresAt)}`
  }`
  return (
    <li className="field-row share-link">
      <CopyField label={words} value={link.link} absent="Made by somebody else" />
      {onTakeBack && (
        <Button className="button" onPress={onTakeBack}>
          Take back
        </Button>
      )}
    </li>
  )
}

const dayMs = 24 * 60 * 60_000
const ends = [
  { days: 0, words: 'Never ends' },
  { days: 1, words: 'Ends after a day' },
  { days: 7, words: 'Ends after a week' },
  { days: 30, words: 'Ends after 30 days' },
]

function NewLink({ id, onMade }: { id: DocumentId; onMade(): Promise<unknown> }) {
  const { session, messages } = useApp()
  const [role, setRole] = useState<Granted>('editor')
  const [days, setDays] = useState(0)
  const [password, setPassword] = useState('')
  const [isMaking, setMaking] = useState(false)

  async function make(event: FormEvent) {
    event.preventDefault()
    if (isMaking) return
    setMaking(true)
    const terms = { ...(password !== '' && { password }), ...(days > 0 && { expiresAt: Date.now() + days * dayMs }) }
    const made = await messages.attempt('No link was made.', session.engine.call('share.link', { id, role, ...terms }))
    if (made) setPassword('')
    await onMade()
    setMaking(false)
  }

  return (
    <form className="share-new-link" onSubmit={(event) => void make(event)}>
      <RoleChoice label="What the link gives" role={role} onChange={setRole} />
      <select
        className="select"
        aria-label="When the link ends"
        value={days}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      >
        {ends.map((each) => (
          <option key={each.days} value={each.days}>
            {each.words}
          </option>
        ))}
      </select>
      <TextField className="field" aria-label="Password of the new link" value={password} onChange={setPassword} maxLength={200}>
        <Input placeholder="Password, if you want one" autoComplete="off" spellCheck="false" />
      </TextField>
      <Button className="button primary" type="submit">
        Make a link
      </Button>
    </form>
  )
}
