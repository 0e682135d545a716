import { type FormEvent, useState } from 'react'
import { Button, FieldError, Input, Label, TextField } from 'react-aria-components'
import { asPalimpsestError } from '../../../core/errors.ts'
import { useApp } from '../app-model.ts'
import { DialogFrame } from '../controls.tsx'
import { errorWords } from '../notices.ts'

/** The name under which the engine fetches the document. */
const task = 'open link'

/** Takes a link from another person and opens its document. */
export function OpenLinkDialog({ link, onClose }: { link: string; onClose(): void }) {
  const { session, actions } = useApp()
  const [typed, setTyped] = useState(link)
  const [problem, setProblem] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const [password, setPassword] = useState<string | null>(null)

  async function open(event: FormEvent) {
    event.preventDefault()
    if (typed.trim() === '') return
    setProblem(null)
    setAsking(true)
    try {
      const { id } = await session.engine.call('share.open', { link: typed.trim(), task, ...(password && { password }) })
      onClose()
      actions.openDocument(id, 'text')
    } catch (thrown) {
      const needsPassword = asPalimpsestError(thrown).code === 'password'
      if (needsPassword) setPassword(password ?? '')
      // The field that appears says it by itself.
      if (!needsPassword || password) setProblem(problemWords(thrown))
      setAsking(false)
    }
  }

  function cancel() {
    if (isAsking) void session.engine.call('task.cancel', { task })
    onClose()
  }

  return (
    <DialogFrame title="Open a link" kind="medium" onClose={onClose}>
      <form onSubmit={(event) => void open(event)}>
        {/* Native validation would keep another link, or another password, from being tried. */}
        <TextField className="field" value={typed} onChange={setTyped} isInvalid={problem !== null} validationBehavior="aria" autoFocus>
          <Label>Link from another writer</Label>
          <Input placeholder="palimpsest://…" spellCheck="false" />
          <FieldError className="form-error">{problem}</FieldError>
        </TextField>
        {password !== null && (
          <TextField className="field" type="password" value={password} onChange={setPassword} autoFocus>
            <Label>Password of the link</Label>
            <Input autoComplete="off" />
          </TextField>
        )}
        <div className="dialog-buttons">
          <Button className="button" onPress={cancel}>
            Cancel
          </Button>
          <Button className="button primary" type="submit" isDisabled={isAsking}>
            {isAsking ? 'Fetching the document' : 'Open'}
          </Button>
        </div>
      </form>
    </DialogFrame>
  )
}

function problemWords(thrown: unknown): string {
  const error = asPalimpsestError(thrown)
  if (error.code === 'invalid') return 'This is not a link to a document. Copy the whole link as it was sent to you, and try again.'
  if (error.code === 'not-found') return 'The relay has no document under this link. Ask the person who sent it for a new one.'
  return errorWords(error)
}
