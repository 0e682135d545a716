import { type FormEvent, useEffect, useState } from 'react'
import { Button, FieldError, Input, Label, TextField } from 'react-aria-components'
import { asPalimpsestError } from '../../../core/errors.ts'
import { useApp } from '../app-model.ts'
import { errorWords } from '../notices.ts'

type Joining = { is: 'not' } | { is: 'typing'; problem: string | null } | { is: 'waiting'; task: string } | { is: 'done' }

/** Makes this device another one of a person, with the code that one of theirs shows. The page is loaded anew when it is. */
export function JoinPerson({ onBusy }: { onBusy(isBusy: boolean): void }) {
  const { session } = useApp()
  const [joining, setJoining] = useState<Joining>({ is: 'not' })
  const [relay, setRelay] = useState(session.settings.get().relay)
  const [code, setCode] = useState('')
  const { engine } = session
  useEffect(() => onBusy(joining.is !== 'not'), [onBusy, joining])
  const task = joining.is === 'waiting' ? joining.task : null
  useEffect(() => {
    if (task === null) return undefined
    return () => void engine.call('task.cancel', { task }).catch(() => undefined)
  }, [engine, task])

  async function join(event: FormEvent) {
    event.preventDefault()
    const name = `join ${Date.now()}`
    setJoining({ is: 'waiting', task: name })
    try {
      await engine.call('device.join', { relay: relay.trim(), code, task: name })
      setJoining({ is: 'done' })
    } catch (thrown) {
      const error = asPalimpsestError(thrown)
      setJoining({ is: 'typing', problem: error.code === 'cancelled' ? null : (error.detail ?? errorWords(error)) })
    }
  }

  if (joining.is === 'not')
    return (
      <div className="dialog-buttons">
        <Button className="button" onPress={() => setJoining({ is: 'typing', problem: null })}>
          Use a code from another device
        </Button>
      </div>
    )
  if (joining.is === 'waiting' || joining.is === 'done')
    return (
      <div className="device-step" role="status">
        <p>{joining.is === 'done' ? 'This is one of your devices now.' : 'Say yes on your other device.'}</p>
        {joining.is === 'waiting' && (
          <div className="dialog-buttons">
            <Button className="button" onPress={() => void engine.call('task.cancel', { task: joining.task })} autoFocus>
              Cancel
            </Button>
          </div>
        )}
      </div>
    )
  return (
    <form onSubmit={(event) => void join(event)}>
      <p>
        Your other device shows both under Settings, Devices, “Add a device”. What you have written here stays, and is in your one library
        from then on.
      </p>
      <TextField className="field" value={relay} onChange={setRelay} autoFocus={relay === ''}>
        <Label>Relay</Label>
        <Input placeholder="wss://relay.example.org" spellCheck="false" inputMode="url" />
      </TextField>
      <TextField
        className="field"
        value={code}
        onChange={(typed) => {
          setCode(typed)
          setJoining({ is: 'typing', problem: null })
        }}
        isInvalid={joining.problem !== null}
        validationBehavior="aria"
        autoFocus={relay !== ''}
      >
        <Label>Code</Label>
        <Input placeholder="XXXX-XXXX-XXXX" spellCheck="false" autoComplete="off" autoCapitalize="characters" />
        <FieldError className="form-error">{joining.problem}</FieldError>
      </TextField>
      <div className="dialog-buttons">
        <Button className="button" onPress={() => setJoining({ is: 'not' })}>
          Cancel
        </Button>
        <Button className="button primary" type="submit">
          Ask your other device
        </Button>
      </div>
    </form>
  )
}
